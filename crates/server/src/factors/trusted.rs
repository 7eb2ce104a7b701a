//! Browsers that their user trusts: no second factor is asked for there, until the trust ends.

use std::time::Duration;

use authflow_types::{Timestamp, Token, TokenKind, TrustedDeviceId, UserId};
use axum::http::{HeaderMap, HeaderValue};

use super::store;
use crate::http::cookies::{self, CookieKind};
use crate::{Cx, Fault};

/// A trusted browser, for its user to see.
#[derive(Debug, Clone)]
pub struct TrustedDevice {
    /// Its id.
    pub id: TrustedDeviceId,
    /// The browser, as it named itself.
    pub user_agent: Option<String>,
    /// The address it was trusted at.
    pub ip: Option<String>,
    /// When it was trusted.
    pub created_at: Timestamp,
    /// When the trust ends.
    pub expires_at: Timestamp,
}

/// How long this tenant's trust lasts; `None` where browsers are not trusted.
fn lifetime(cx: &Cx) -> Option<Duration> {
    let days = u64::from(cx.tenant.settings.trusted_device_days);
    (days > 0).then(|| Duration::from_hours(24 * days))
}

/// Whether the browser is one that the user trusts.
pub async fn is_trusted(cx: &mut Cx, headers: &HeaderMap, user: UserId) -> Result<bool, Fault> {
    let cookie = cookies::read(headers, CookieKind::Trusted, &cx.tenant);
    let token = cookie.and_then(|text| Token::parse(TokenKind::Device, &text).ok());
    let (Some(token), Some(_)) = (token, lifetime(cx)) else {
        return Ok(false);
    };
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let mut tx = cx.reading().await?;
    Ok(store::is_trusted(&mut tx, tenant, user, token.digest(), now).await?)
}

/// Trusts the browser, if the tenant allows it; gives the cookie.
///
/// # Security
/// Only where the user has just given a second factor.
pub async fn trust(cx: &mut Cx, user: UserId) -> Result<Option<HeaderValue>, Fault> {
    let Some(lifetime) = lifetime(cx) else {
        return Ok(None);
    };
    let token = Token::generate(TokenKind::Device, cx.rng());
    let device = TrustedDevice {
        id: TrustedDeviceId::new(cx.now, cx.rng()),
        user_agent: cx.request.user_agent.as_deref().map(str::to_owned),
        ip: cx.request.ip.map(|ip| ip.to_string()),
        created_at: cx.now,
        expires_at: cx.now + lifetime,
    };
    let tenant = cx.tenant_id();
    store::insert_trusted(cx.tx().await?, tenant, user, token.digest(), &device).await?;
    Ok(cookies::set(
        CookieKind::Trusted,
        &cx.tenant,
        token.expose(),
        Some(lifetime),
    ))
}

/// Ends the trust in one browser; `false` if it is not the user's.
pub async fn forget(cx: &mut Cx, user: UserId, id: TrustedDeviceId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    Ok(store::delete_trusted(cx.tx().await?, tenant, user, id).await?)
}

/// Ends the trust in every browser of the user.
pub async fn forget_all(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    store::delete_all_trusted(cx.tx().await?, tenant, user).await?;
    Ok(())
}
