//! The answer around a page: status, strict headers, body.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::{FormTarget, PageContext};

/// What a view needs beyond the strictest policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// CSP source of the one inline script a page has, for example `'sha256-...'`.
    pub script: Option<&'static str>,
    /// Whether the page loads a script file of ours, which may ask this origin for data. For pages that offer passkeys
    /// or ask for a proof of work.
    pub own_script: bool,
    /// Whether the page shows another page of this origin in a frame.
    pub frames_self: bool,
    /// Whether the page may live in a window that a client opened and waits for. Such a page cannot cut the tie to its opener
    /// (Cross-Origin-Opener-Policy), or sign-in by pop-up would stop working for stock clients.
    pub popup: bool,
    /// Where forms of the view itself go besides Authflow.
    pub form_targets: Vec<FormTarget>,
}

const FIXED: [(HeaderName, &str); 8] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), \
         midi=(), payment=(), usb=()",
    ),
    (header::PRAGMA, "no-cache"),
];

/// The security headers of a page (security.md; RFC 9700 4.16 against framing, 4.2.4 against leaking by `Referer`).
pub(super) fn headers(policy: &Policy, cx: &PageContext) -> HeaderMap {
    let mut headers: HeaderMap = FIXED
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    let csp = content_security_policy(policy, &cx.form_targets);
    // INVARIANT: every part is ASCII: constants, and `FormTarget`s that were checked. If not, nothing at all is allowed.
    let csp = HeaderValue::try_from(csp)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(cx.locale.tag()),
    );
    if !policy.popup {
        let name = HeaderName::from_static("cross-origin-opener-policy");
        headers.insert(name, HeaderValue::from_static("same-origin"));
    }
    if cx.https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers
}

fn content_security_policy(policy: &Policy, targets: &[FormTarget]) -> String {
    let mut csp =
        String::from("default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self'");
    for target in targets.iter().chain(&policy.form_targets) {
        csp.push(' ');
        csp.push_str(target.as_str());
    }
    if let Some(script) = policy.script {
        csp.push_str("; script-src ");
        csp.push_str(script);
    }
    if policy.own_script {
        // The file makes no markup from text, and is held to that.
        csp.push_str(
            "; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
        );
    }
    if policy.frames_self {
        csp.push_str("; frame-src 'self'");
    }
    csp.push_str("; frame-ancestors 'none'; base-uri 'none'");
    csp
}

/// A page with its headers.
pub(super) fn page(status: StatusCode, html: String, policy: &Policy, cx: &PageContext) -> Response {
    let mut response = (status, Body::from(html)).into_response();
    *response.headers_mut() = headers(policy, cx);
    response
}

/// A captured mail's HTML, to be shown in the frame of [`super::OutboxMailView`] and nowhere else.
///
/// # Security
/// The mail is shown in a sandbox: no script, no form, no origin; only the development outbox may frame it.
pub fn mail_preview(html: String) -> Response {
    const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; \
                       form-action 'none'; frame-ancestors 'self'; base-uri 'none'; \
                       sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
    let mut response = (StatusCode::OK, Body::from(html)).into_response();
    let headers = response.headers_mut();
    headers.extend(
        FIXED
            .into_iter()
            .map(|(name, value)| (name, HeaderValue::from_static(value))),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    response
}
