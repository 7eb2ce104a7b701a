//! Making a passkey (WebAuthn L3 7.1), in a session or in a sign-in that needs a second factor.

use std::time::Duration;

use authflow_proto::webauthn::RelyingParty as ShownParty;
use authflow_proto::webauthn::{
    AttestationConveyance, AttestationKind, AttestationPolicy, CoseAlgorithm, CreationOptions,
    CredentialDescriptor, RegistrationResponse, RegistrationRules, UserAccount, verify_registration,
};
use authflow_types::CredentialId;
use serde_json::json;
use uuid::Uuid;

use super::model::{MOST, Passkey};
use super::rp::RelyingParty;
use super::{PasskeyError, ops, store};
use crate::Cx;
use crate::account::tell;
use crate::challenges::{self, Answered, NewChallenge};
use crate::events::{self, Event};
use crate::identities::User;
use crate::mail::{Factor, Mail};
use crate::pages::Locale;

const PURPOSE: &str = "passkey_registration";

/// How long a challenge may be answered, here and in proofs.
pub(super) const CHALLENGE_TTL: Duration = Duration::from_mins(5);

/// Bytes of a challenge (at least 16: WebAuthn L3 13.4.3).
pub(super) const CHALLENGE_BYTES: usize = 32;

/// A passkey that was just made.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Its id.
    pub id: CredentialId,
    /// Whether the authenticator verified its user.
    pub user_verified: bool,
    /// Whether it may live on several devices.
    pub is_synced: bool,
}

/// Options for `navigator.credentials.create()`; keeps their challenge for `subject`, a session or a sign-in.
pub async fn begin(cx: &mut Cx, subject: Uuid, user: &User) -> Result<CreationOptions, PasskeyError> {
    let party = RelyingParty::of(&cx.tenant).ok_or(PasskeyError::Unavailable)?;
    let known = ops::list(cx, user.id).await?;
    if known.len() >= MOST {
        return Err(PasskeyError::TooMany);
    }
    let challenge: [u8; CHALLENGE_BYTES] = cx.rng().bytes();
    let new = NewChallenge {
        subject,
        purpose: PURPOSE,
        user: Some(user.id),
        answer: &challenge,
        data: "",
        tries: 1,
        ttl: CHALLENGE_TTL,
    };
    challenges::put(cx, new).await?;
    let account = UserAccount {
        id: user.id.as_bytes().as_slice().into(),
        name: user.display_identifier().to_owned(),
        display_name: user
            .profile
            .name
            .clone()
            .unwrap_or_else(|| user.display_identifier().to_owned()),
    };
    let shown = ShownParty {
        id: party.rp_id.to_string(),
        name: cx.tenant.name.clone(),
    };
    let exclude: Vec<CredentialDescriptor> = known
        .iter()
        .filter(|passkey| passkey.rp_id == party.rp_id.as_str())
        .map(Passkey::descriptor)
        .collect();
    Ok(CreationOptions::new(shown, account, &challenge, exclude)
        .with_user_verification(party.user_verification())
        .with_attestation(party.attestation()))
}

/// Keeps the passkey that the browser made. Emits `credential.added`; the user is told by mail.
///
/// # Errors
/// [`PasskeyError`]. The challenge is used up whatever came of it: the caller commits in any case.
pub async fn finish(
    cx: &mut Cx,
    subject: Uuid,
    user: &User,
    (response, locale): (&str, Locale),
) -> Result<Made, PasskeyError> {
    let party = RelyingParty::of(&cx.tenant).ok_or(PasskeyError::Unavailable)?;
    let response: RegistrationResponse =
        serde_json::from_str(response).map_err(|_| PasskeyError::Malformed)?;
    let challenge = response.challenge().ok_or(PasskeyError::Malformed)?;
    match challenges::answer(cx, subject, PURPOSE, &challenge).await? {
        Answered::Right {
            user: Some(owner), ..
        } if owner == user.id => {}
        _ => return Err(PasskeyError::Challenge),
    }
    let (anchors, origins) = (party.anchors(), party.origins());
    let attestation = match party.attestation() {
        AttestationConveyance::None => AttestationPolicy::Any,
        AttestationConveyance::Direct => AttestationPolicy::Certified {
            anchors: &anchors,
            now: cx.now.as_secs().unsigned_abs(),
        },
    };
    let rules = RegistrationRules {
        expected: party.expected(&challenge, &origins),
        algorithms: CoseAlgorithm::ALL,
        attestation,
        aaguids: &party.policy.aaguids,
    };
    let credential = verify_registration(&response, &rules)?;
    let known = ops::list(cx, user.id).await?;
    if known.len() >= MOST {
        return Err(PasskeyError::TooMany);
    }
    let id = CredentialId::new(cx.now, cx.rng());
    let new = store::New {
        id,
        user: user.id,
        rp_id: party.rp_id.as_str(),
        credential: &credential,
        attestation: match credential.attestation {
            AttestationKind::None => "none",
            AttestationKind::SelfSigned => "self",
            AttestationKind::Certified if party.attestation() == AttestationConveyance::Direct => "certified",
            // The statement was right, but nobody asked whether its root is one to trust.
            AttestationKind::Certified => "unchecked",
        },
        name: &default_name(&credential.aaguid, &known),
    };
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if !store::insert(cx.tx().await?, tenant, new, now).await? {
        return Err(PasskeyError::Registered);
    }
    let payload = json!({
        "id": id,
        "kind": "passkey",
        "aaguid": credential.aaguid,
        "rp_id": party.rp_id.as_str(),
        "backup_eligible": credential.backup_eligible,
        "backed_up": credential.backed_up,
    });
    let event = Event::new("credential.added").subject(user.id).payload(payload);
    events::append(cx, event).await?;
    tell(cx, user, locale, |occasion| Mail::FactorAdded {
        factor: Factor::Passkey,
        occasion,
    })
    .await?;
    Ok(Made {
        id,
        user_verified: credential.user_verified,
        is_synced: credential.backup_eligible,
    })
}

/// The provider's name, or "Passkey"; with a number where the user has one of that name.
fn default_name(aaguid: &authflow_proto::webauthn::Aaguid, known: &[Passkey]) -> String {
    let base = aaguid.provider().unwrap_or("Passkey");
    let is_free = |name: &str| known.iter().all(|passkey| passkey.name != name);
    if is_free(base) {
        return base.to_owned();
    }
    (2..=MOST + 1)
        .map(|number| format!("{base} {number}"))
        .find(|name| is_free(name))
        .unwrap_or_else(|| base.to_owned())
}
