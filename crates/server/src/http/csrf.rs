//! Forms are posted by the browser that was shown them: a token bound to one of its cookies and to one purpose, and the
//! browser's own word on where the post comes from (Fetch Metadata, Origin).
//!
//! # Security
//! The token is a MAC under a key of the tenant; without the cookie it is worth nothing, with another purpose too.
//! A sign-in's forms are bound to the browser cookie, which `sign_in::load` also checks: nobody can be signed in to an
//! account by a form that somebody else prepared (login CSRF).

use authflow_types::Digest;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cookies::{self, CookieKind};
use crate::{Cx, Fault};

/// The token for forms of `purpose` (a sign-in's id, or a page's name), bound to the browser's cookie of `kind`.
/// Empty where the browser has no such cookie: its forms will be refused.
pub fn token(cx: &Cx, headers: &HeaderMap, kind: CookieKind, purpose: &str) -> Result<String, Fault> {
    match cookies::read(headers, kind, &cx.tenant) {
        Some(cookie) => token_for(cx, &cookie, purpose),
        None => Ok(String::new()),
    }
}

/// The token for a cookie that is only being set with this answer.
pub fn token_for(cx: &Cx, cookie: &str, purpose: &str) -> Result<String, Fault> {
    let key = cx.tenant.data_key.derive("csrf")?;
    let mac = key.mac(&[Digest::of(cookie.as_bytes()).as_bytes(), purpose.as_bytes()]);
    Ok(URL_SAFE_NO_PAD.encode(mac))
}

/// Whether a form of `purpose` was posted by the browser that it was shown to, from one of this provider's pages.
pub fn is_valid(
    cx: &Cx,
    headers: &HeaderMap,
    kind: CookieKind,
    purpose: &str,
    presented: Option<&str>,
) -> Result<bool, Fault> {
    if !is_same_origin(cx, headers) {
        return Ok(false);
    }
    let (Some(cookie), Some(presented)) = (cookies::read(headers, kind, &cx.tenant), presented) else {
        return Ok(false);
    };
    let Ok(tag) = URL_SAFE_NO_PAD.decode(presented) else {
        return Ok(false);
    };
    let key = cx.tenant.data_key.derive("csrf")?;
    Ok(key.verify(
        &[Digest::of(cookie.as_bytes()).as_bytes(), purpose.as_bytes()],
        &tag,
    ))
}

/// What the browser says of the post's origin; older browsers say nothing and are judged by the token alone.
pub fn is_same_origin(cx: &Cx, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN.as_str()) {
        // A page with `no-referrer` posts with a null origin in some browsers; the token decides.
        None | Some("null") => true,
        Some(origin) => {
            let issuer = url::Url::parse(&cx.tenant.issuer).map(|url| url.origin().ascii_serialization());
            issuer.is_ok_and(|issuer| issuer == origin)
        }
    }
}
