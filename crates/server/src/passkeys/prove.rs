//! Proving oneself with a passkey (WebAuthn L3 7.2), in a sign-in.

use authflow_proto::webauthn::{
    AssertionRules, AuthenticationResponse, CeremonyError, CredentialRecord, RequestOptions, verify_assertion,
};
use authflow_types::UserId;
use serde_json::json;
use uuid::Uuid;

use super::model::Passkey;
use super::register::{CHALLENGE_BYTES, CHALLENGE_TTL};
use super::rp::RelyingParty;
use super::{PasskeyError, ops, store};
use crate::Cx;
use crate::challenges::{self, Answered, NewChallenge};
use crate::events::{self, Event};

const PURPOSE: &str = "passkey";

/// Options for `navigator.credentials.get()`; keeps their challenge for `subject`, a sign-in.
///
/// # Security
/// Without `user` they name nobody's credentials: the answer is the same for everybody, and whoever has a passkey finds
/// it by the RP ID. With `user` somebody has given another factor before.
pub async fn begin(cx: &mut Cx, subject: Uuid, user: Option<UserId>) -> Result<RequestOptions, PasskeyError> {
    let party = RelyingParty::of(&cx.tenant).ok_or(PasskeyError::Unavailable)?;
    let challenge: [u8; CHALLENGE_BYTES] = cx.rng().bytes();
    let usable = match user {
        Some(user) => ops::usable(cx, user).await?,
        None => Vec::new(),
    };
    let new = NewChallenge {
        subject,
        purpose: PURPOSE,
        user,
        answer: &challenge,
        data: "",
        tries: 1,
        ttl: CHALLENGE_TTL,
    };
    challenges::put(cx, new).await?;
    Ok(RequestOptions {
        challenge: challenge.as_slice().into(),
        timeout: u64::try_from(CHALLENGE_TTL.as_millis()).unwrap_or(300_000),
        rp_id: party.rp_id.to_string(),
        allow_credentials: usable.iter().map(Passkey::descriptor).collect(),
        user_verification: party.user_verification(),
    })
}

/// What a passkey proved.
#[derive(Debug, Clone, Copy)]
pub struct Proven {
    /// Whose it is.
    pub user: UserId,
    /// Whether the authenticator verified them.
    pub user_verified: bool,
    /// Whether it may live on several devices.
    pub is_synced: bool,
}

/// Verifies the answer of a browser. `user` is whoever gave another factor before.
///
/// The challenge is used up and the counter written in the context's transaction: the caller commits in any case.
/// Emits `security.passkey_counter` where the counter did not rise.
///
/// # Errors
/// [`PasskeyError`] with, where a credential was found, whose it is.
pub async fn prove(
    cx: &mut Cx,
    subject: Uuid,
    user: Option<UserId>,
    response: &str,
) -> Result<Proven, (PasskeyError, Option<UserId>)> {
    let unknown = |error: PasskeyError| (error, user);
    let party = RelyingParty::of(&cx.tenant).ok_or_else(|| unknown(PasskeyError::Unavailable))?;
    let response: AuthenticationResponse =
        serde_json::from_str(response).map_err(|_| unknown(PasskeyError::Malformed))?;
    let challenge = response
        .challenge()
        .ok_or_else(|| unknown(PasskeyError::Malformed))?;
    let answered = challenges::answer(cx, subject, PURPOSE, &challenge).await;
    match answered.map_err(|fault| unknown(fault.into()))? {
        // A challenge that was made for a second factor proves nobody else, and the other way round.
        Answered::Right { user: whose, .. } if whose == user => {}
        _ => return Err(unknown(PasskeyError::Challenge)),
    }
    let found = ops::find_by_credential(cx, response.raw_id.as_slice()).await;
    let passkey = found
        .map_err(|error| unknown(error.into()))?
        .filter(|passkey| user.is_none_or(|user| passkey.user_id == user))
        .ok_or_else(|| unknown(PasskeyError::NotFound))?;
    let verified = verify(cx, &party, &passkey, (&response, &challenge, user.is_some())).await;
    verified.map_err(|error| (error, Some(passkey.user_id)))
}

async fn verify(
    cx: &mut Cx,
    party: &RelyingParty,
    passkey: &Passkey,
    (response, challenge, user_is_identified): (&AuthenticationResponse, &[u8], bool),
) -> Result<Proven, PasskeyError> {
    if passkey.rp_id != party.rp_id.as_str() {
        return Err(CeremonyError::RpId.into());
    }
    let origins = party.origins();
    let rules = AssertionRules {
        expected: party.expected(challenge, &origins),
        user_is_identified,
    };
    let record = CredentialRecord {
        id: &passkey.credential_id,
        public_key: &passkey.public_key,
        sign_count: passkey.sign_count,
        backup_eligible: passkey.backup_eligible,
        user_handle: &passkey.user_handle,
    };
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let asserted = match verify_assertion(response, &record, &rules) {
        Ok(asserted) => asserted,
        Err(CeremonyError::Counter) => return Err(copied(cx, passkey).await?),
        Err(error) => return Err(error.into()),
    };
    let used = (asserted.sign_count, asserted.backed_up);
    if !store::record_use(cx.tx().await?, tenant, passkey, used, now).await? {
        // Two answers of one credential at once, of which the other was first.
        return Err(copied(cx, passkey).await?);
    }
    Ok(Proven {
        user: passkey.user_id,
        user_verified: asserted.user_verified,
        is_synced: passkey.backup_eligible,
    })
}

/// There may be a second copy of the key: its owner's administrators get to know.
async fn copied(cx: &mut Cx, passkey: &Passkey) -> Result<PasskeyError, PasskeyError> {
    let payload = json!({ "id": passkey.id, "aaguid": passkey.aaguid });
    let event = Event::new("security.passkey_counter")
        .subject(passkey.user_id)
        .payload(payload);
    events::append(cx, event).await?;
    Ok(CeremonyError::Counter.into())
}
