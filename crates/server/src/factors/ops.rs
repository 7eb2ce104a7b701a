use authflow_types::UserId;
use serde_json::json;

use super::totp::Authenticator;
use super::trusted::TrustedDevice;
use super::{recovery, store, trusted};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{Cx, Fault};

/// From now on the user is asked for a second factor. Gives recovery codes, to be shown once, if this is their first.
/// Emits `mfa.enabled`.
///
/// # Security
/// Only after the new factor has been proven in this very request.
pub async fn enable(cx: &mut Cx, user: UserId, method: &'static str) -> Result<Option<Vec<String>>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let is_first = store::enable(cx.tx().await?, tenant, user, now).await?;
    let payload = json!({ "method": method, "first": is_first });
    events::append(cx, Event::new("mfa.enabled").subject(user).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    if is_first {
        recovery::renew(cx, user).await.map(Some)
    } else {
        Ok(None)
    }
}

/// A second factor was removed. Without any other the user is no longer asked. Emits `mfa.disabled`.
pub async fn disable(cx: &mut Cx, user: UserId, method: &'static str) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let is_last = !is_left(cx, user).await?;
    if is_last {
        store::disable(cx.tx().await?, tenant, user).await?;
        store::drop_recovery_codes(cx.tx().await?, tenant, user).await?;
    }
    // What was trusted, was trusted beside the factor that is gone.
    trusted::forget_all(cx, user).await?;
    let payload = json!({ "method": method, "last": is_last, "at": now });
    events::append(cx, Event::new("mfa.disabled").subject(user).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// Whether the user has a second factor, recovery codes aside.
pub async fn is_left(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::count_totp(&mut tx, tenant, user).await? > 0)
}

/// A user's second factors, as the account page shows them.
pub struct Overview {
    /// Authenticator apps, the oldest first.
    pub authenticators: Vec<Authenticator>,
    /// How many recovery codes still work.
    pub recovery_codes_left: u64,
    /// Trusted browsers, the newest first.
    pub trusted: Vec<TrustedDevice>,
}

/// The user's second factors.
pub async fn overview(cx: &Cx, user: UserId) -> Result<Overview, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.read().await?;
    Ok(Overview {
        authenticators: store::list_totp(&mut tx, tenant, user).await?,
        recovery_codes_left: store::count_recovery_codes(&mut tx, tenant, user).await?,
        trusted: store::list_trusted(&mut tx, tenant, user, cx.now).await?,
    })
}
