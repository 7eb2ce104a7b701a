//! The provider's own cookies: `HttpOnly`, SameSite=Lax, one set per tenant, `__Host-` wherever the page is secure.
//!
//! # Security
//! `__Host-` cookies (RFC 6265bis 4.1.3.2) cannot be set by a sibling domain nor over plain HTTP. Tenants that share a
//! host are told apart by name, because such cookies must have `Path=/`.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};

use crate::tenants::Tenant;

/// Which of the provider's cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// The session.
    Session,
    /// Binds a sign-in and its forms to one browser.
    Browser,
    /// Marks a browser that this account has signed in with before.
    Device,
    /// Marks a browser that its user trusts not to be asked for a second factor.
    Trusted,
    /// The visit to the demo page of `authflow dev`.
    Demo,
}

impl CookieKind {
    const fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Browser => "browser",
            Self::Device => "device",
            Self::Trusted => "trusted",
            Self::Demo => "demo",
        }
    }
}

fn name(kind: CookieKind, tenant: &Tenant) -> String {
    let host = if tenant.is_secure() { "__Host-" } else { "" };
    format!("{host}authflow-{}-{}", kind.label(), tenant.slug)
}

/// The value the browser sent, if it sent exactly one.
pub fn read(headers: &HeaderMap, kind: CookieKind, tenant: &Tenant) -> Option<String> {
    let wanted = name(kind, tenant);
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.to_owned()),
        _ => None,
    }
}

/// A `Set-Cookie` value; without `max_age` it lasts as long as the browser's own session.
pub fn set(kind: CookieKind, tenant: &Tenant, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
    let mut cookie = Cookie::build((name(kind, tenant), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(tenant.is_secure());
    if let Some(age) = max_age {
        cookie = cookie.max_age(cookie::time::Duration::seconds(
            i64::try_from(age.as_secs()).unwrap_or(i64::MAX),
        ));
    }
    HeaderValue::from_str(&cookie.build().to_string()).ok()
}

/// A `Set-Cookie` value that removes the cookie.
pub fn clear(kind: CookieKind, tenant: &Tenant) -> Option<HeaderValue> {
    set(kind, tenant, "", Some(Duration::ZERO))
}
