use authflow_types::UserId;
use serde_json::json;

use super::totp::Authenticator;
use super::trusted::TrustedDevice;
use super::{recovery, store, trusted};
use crate::account::{device_name, tell};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::identities::User;
use crate::mail::{Factor, Mail};
use crate::pages::Locale;
use crate::{Cx, Fault};

/// From now on the user is asked for a second factor. Gives recovery codes, to be shown once, if this is their first.
/// Emits `mfa.enabled`; the user is told by mail.
///
/// # Security
/// Only after the new factor has been proven in this very request.
pub async fn enable(
    cx: &mut Cx,
    user: &User,
    factor: Factor,
    locale: Locale,
) -> Result<Option<Vec<String>>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let is_first = store::enable(cx.tx().await?, tenant, user.id, now).await?;
    let payload = json!({
        "method": factor.method(), "first": is_first, "device": device_name(cx.request.user_agent.as_deref()),
    });
    events::append(cx, Event::new("mfa.enabled").subject(user.id).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    tell(cx, user, locale, |occasion| Mail::FactorAdded {
        factor,
        occasion,
    })
    .await?;
    if is_first {
        recovery::renew(cx, user.id).await.map(Some)
    } else {
        Ok(None)
    }
}

/// A second factor was removed. Without any other the user is no longer asked. Emits `mfa.disabled`; the user is told by
/// mail.
pub async fn disable(cx: &mut Cx, user: &User, factor: Factor, locale: Locale) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    let is_last = !is_left(cx, user.id).await?;
    if is_last {
        store::disable(cx.tx().await?, tenant, user.id).await?;
        store::drop_recovery_codes(cx.tx().await?, tenant, user.id).await?;
    }
    // What was trusted, was trusted beside the factor that is gone.
    trusted::forget_all(cx, user.id).await?;
    let payload = json!({
        "method": factor.method(), "last": is_last, "device": device_name(cx.request.user_agent.as_deref()),
    });
    events::append(cx, Event::new("mfa.disabled").subject(user.id).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    tell(cx, user, locale, |occasion| Mail::FactorRemoved {
        factor,
        occasion,
    })
    .await
}

/// Gives the user new recovery codes, to be shown once; the old ones no longer work. Emits
/// `mfa.recovery_codes_renewed`; the user is told by mail.
pub async fn renew_recovery_codes(cx: &mut Cx, user: &User, locale: Locale) -> Result<Vec<String>, Fault> {
    let codes = recovery::renew(cx, user.id).await?;
    let payload = json!({
        "count": codes.len(), "device": device_name(cx.request.user_agent.as_deref()),
    });
    let event = Event::new("mfa.recovery_codes_renewed").subject(user.id);
    events::append(cx, event.payload(payload)).await?;
    let factor = Factor::RecoveryCodes;
    tell(cx, user, locale, |occasion| Mail::FactorAdded {
        factor,
        occasion,
    })
    .await?;
    Ok(codes)
}

/// Whether recovery codes are of use to the user: they have a second factor, or codes already.
pub async fn has_recovery_codes(cx: &mut Cx, user: &User) -> Result<bool, Fault> {
    Ok(user.mfa_enabled_at.is_some() || recovery::count(cx, user.id).await? > 0)
}

/// The user's recovery codes no longer work.
pub async fn drop_recovery_codes(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    store::drop_recovery_codes(cx.tx().await?, tenant, user).await?;
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
