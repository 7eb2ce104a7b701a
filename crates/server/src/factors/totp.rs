//! Authenticator apps (RFC 6238).

use authflow_proto::totp::TotpSecret;
use authflow_types::{CredentialId, Timestamp, UserId};

use super::{ops, store};
use crate::identities::User;
use crate::mail::Factor;
use crate::pages::Locale;
use crate::vault::SealContext;
use crate::{Cx, Fault};

/// Most authenticators of one user.
const MOST: i64 = 5;

/// An authenticator app of a user, without its secret.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// Its id.
    pub id: CredentialId,
    /// What its user calls it.
    pub name: String,
    /// When it was set up.
    pub created_at: Timestamp,
    /// When a code of it was used last.
    pub last_used_at: Option<Timestamp>,
}

/// The user's authenticators, the oldest first.
pub async fn list(cx: &mut Cx, user: UserId) -> Result<Vec<Authenticator>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::list_totp(&mut tx, tenant, user).await?)
}

/// Keeps an authenticator whose code for `step` was just proven; `false` if the user has too many.
pub async fn add(
    cx: &mut Cx,
    user: UserId,
    name: &str,
    secret: &TotpSecret,
    step: i64,
) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let id = CredentialId::new(now, cx.rng());
    let sealed = cx.tenant.data_key.seal(context(&id), secret.as_bytes())?;
    if store::count_totp(cx.tx().await?, tenant, user).await? >= MOST {
        return Ok(false);
    }
    store::insert_totp(cx.tx().await?, tenant, user, (id, name, &sealed, step), now).await?;
    Ok(true)
}

/// Whether `typed` is the code of one of the user's authenticators; uses the code up.
pub async fn use_totp(cx: &mut Cx, user: UserId, typed: &str) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let kept = {
        let mut tx = cx.reading().await?;
        store::totp_secrets(&mut tx, tenant, user).await?
    };
    for (id, sealed, last_step) in kept {
        let opened = cx.tenant.data_key.open(context(&id), &sealed)?;
        let Some(secret) = TotpSecret::from_bytes(&opened) else {
            continue;
        };
        if let Some(step) = secret.verify(typed, now.as_secs(), last_step)
            && store::use_totp_step(cx.tx().await?, tenant, id, step, now).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes an authenticator; `false` if it is not the user's. Emits `mfa.disabled`; the user is told by mail.
pub async fn remove(cx: &mut Cx, user: &User, (id, locale): (CredentialId, Locale)) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    if !store::delete_totp(cx.tx().await?, tenant, user.id, id).await? {
        return Ok(false);
    }
    ops::disable(cx, user, Factor::Totp, locale).await?;
    Ok(true)
}

fn context(id: &CredentialId) -> SealContext<'_> {
    SealContext::new("totp_authenticators", id.as_bytes(), "secret")
}
