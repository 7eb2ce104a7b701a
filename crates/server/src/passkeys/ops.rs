use authflow_db::DbError;
use authflow_types::{CredentialId, SessionId, UserId};
use serde_json::json;

use super::model::{Passkey, clean_name};
use super::rp::RelyingParty;
use super::{PasskeyError, store};
use crate::account::tell;
use crate::events::{self, Event};
use crate::identities::User;
use crate::mail::{Factor, Mail};
use crate::pages::Locale;
use crate::sessions::Session;
use crate::sign_in::{self, Way};
use crate::{Cx, Fault, factors};

/// The user's passkeys, oldest first.
pub async fn list(cx: &mut Cx, user: UserId) -> Result<Vec<Passkey>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::list(&mut tx, tenant, user).await?)
}

/// The user's passkeys, oldest first, read outside a transaction that writes.
pub async fn overview(cx: &Cx, user: UserId) -> Result<Vec<Passkey>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list(&mut tx, cx.tenant_id(), user).await?)
}

/// The user's passkeys that work at the tenant's present address.
pub(super) async fn usable(cx: &mut Cx, user: UserId) -> Result<Vec<Passkey>, Fault> {
    let Some(party) = RelyingParty::of(&cx.tenant) else {
        return Ok(Vec::new());
    };
    let mut passkeys = list(cx, user).await?;
    passkeys.retain(|passkey| passkey.rp_id == party.rp_id.as_str());
    Ok(passkeys)
}

/// Whether the user can prove themselves with a passkey here, other than with `but`.
pub async fn has_other_than(cx: &mut Cx, user: UserId, but: Option<CredentialId>) -> Result<bool, Fault> {
    Ok(usable(cx, user)
        .await?
        .iter()
        .any(|passkey| Some(passkey.id) != but))
}

pub(super) async fn find_by_credential(cx: &mut Cx, credential: &[u8]) -> Result<Option<Passkey>, DbError> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    store::find_by_credential(&mut tx, tenant, credential).await
}

/// Names a passkey.
///
/// # Errors
/// [`PasskeyError::Name`], [`PasskeyError::NotFound`].
pub async fn rename(cx: &mut Cx, user: UserId, id: CredentialId, name: &str) -> Result<(), PasskeyError> {
    let name = clean_name(name).ok_or(PasskeyError::Name)?;
    let tenant = cx.tenant_id();
    if store::rename(cx.tx().await?, tenant, user, id, name).await? {
        Ok(())
    } else {
        Err(PasskeyError::NotFound)
    }
}

/// Removes a passkey. Emits `credential.removed`; the user is told by mail.
///
/// # Errors
/// [`PasskeyError::NotFound`]; [`PasskeyError::LastWayIn`] if the user could not sign in any more.
pub async fn remove(
    cx: &mut Cx,
    session: SessionId,
    user: &User,
    (id, locale): (CredentialId, Locale),
) -> Result<(), PasskeyError> {
    let known = list(cx, user.id).await?;
    let passkey = known
        .iter()
        .find(|passkey| passkey.id == id)
        .ok_or(PasskeyError::NotFound)?;
    if !sign_in::can_sign_in_without(cx, user, Way::Passkey(id)).await? {
        return Err(PasskeyError::LastWayIn);
    }
    let tenant = cx.tenant_id();
    if !store::delete(cx.tx().await?, tenant, user.id, id).await? {
        return Err(PasskeyError::NotFound);
    }
    // Codes that were given with a passkey as second factor go with the last one.
    let is_last = known.len() == 1 && user.mfa_enabled_at.is_none();
    if is_last {
        factors::drop_recovery_codes(cx, user.id).await?;
    }
    let payload = json!({ "id": id, "kind": "passkey", "aaguid": passkey.aaguid, "rp_id": passkey.rp_id });
    let event = Event::new("credential.removed")
        .subject(user.id)
        .session(session)
        .payload(payload);
    events::append(cx, event).await?;
    tell(cx, user, locale, |occasion| Mail::FactorRemoved {
        factor: Factor::Passkey,
        occasion,
    })
    .await?;
    Ok(())
}

/// Takes every passkey from a user whose account is taken over. Emits `credential.removed` for each.
pub(crate) async fn remove_all(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    for passkey in list(cx, user).await? {
        store::delete(cx.tx().await?, tenant, user, passkey.id).await?;
        let payload =
            json!({ "id": passkey.id, "kind": "passkey", "aaguid": passkey.aaguid, "rp_id": passkey.rp_id });
        let event = Event::new("credential.removed").subject(user).payload(payload);
        events::append(cx, event).await?;
    }
    Ok(())
}

/// Whether to suggest a passkey to somebody who signed in with a password: they have none, and did not decline.
pub async fn is_offer_due(cx: &Cx, session: &Session) -> Result<bool, Fault> {
    let is_by_password = session.amr.iter().any(|value| value == "pwd");
    if !cx.tenant.settings.passkey_offer || !is_by_password || RelyingParty::of(&cx.tenant).is_none() {
        return Ok(false);
    }
    let mut tx = cx.read().await?;
    Ok(store::is_offer_due(&mut tx, cx.tenant_id(), session.user_id).await?)
}

/// The user does not want to be asked for a passkey any more.
pub async fn decline_offer(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    Ok(store::decline_offer(cx.tx().await?, tenant, user, now).await?)
}
