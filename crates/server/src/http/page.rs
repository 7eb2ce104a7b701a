//! What handlers of hosted pages share: the context of a page, cards for clients and users, pages for refusals.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;

use authflow_proto::error::{OAuthError, OAuthErrorCode};

use super::problem::retry_after;
use crate::clients::Client;
use crate::identities::User;
use crate::pages::{
    ClientCard, ErrorKind, ErrorView, Link, Locale, LocaleWishes, PageContext, RateLimitedView, UserCard,
};
use crate::{Cx, Fault};

/// The surroundings of a page in the language that the browser asks for.
pub fn context(cx: &Cx, headers: &HeaderMap) -> PageContext {
    context_in(cx, headers, None)
}

/// The surroundings of a page, `ui_locales` before the browser's languages (OIDC Core 3.1.2.1).
pub fn context_in(cx: &Cx, headers: &HeaderMap, ui_locales: Option<&str>) -> PageContext {
    let wishes = LocaleWishes {
        ui_locales,
        accept_language: headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok()),
        tenant_default: cx
            .tenant
            .settings
            .default_locale
            .as_deref()
            .and_then(Locale::from_tag),
    };
    let mut context = PageContext::new(
        cx.tenant.base_path(),
        cx.tenant.brand.clone(),
        Locale::negotiate(&wishes),
        cx.now,
    );
    context.https = cx.tenant.is_secure();
    context.dev = cx.app.config.is_dev();
    context
}

/// A client as its users know it.
pub fn client_card(client: &Client) -> ClientCard {
    let link = |text: &Option<String>| text.as_deref().and_then(|text| Link::new(text).ok());
    let metadata = &client.metadata;
    ClientCard {
        name: client.name.clone(),
        logo: link(&metadata.logo_uri),
        website: link(&metadata.client_uri),
        terms: link(&metadata.tos_uri),
        privacy: link(&metadata.policy_uri),
    }
}

/// A user as they know themselves.
pub fn user_card(user: &User) -> UserCard {
    UserCard {
        name: user.profile.name.clone(),
        identifier: user.display_identifier().to_owned(),
        picture: user
            .profile
            .picture
            .as_deref()
            .and_then(|text| Link::new(text).ok()),
    }
}

/// An error page that names the protocol's code for the developer.
pub fn error(
    cx: &Cx,
    headers: &HeaderMap,
    status: StatusCode,
    kind: ErrorKind,
    code: &'static str,
) -> Response {
    let mut view = ErrorView::new(kind);
    view.code = Some(code);
    view.request_id = Some(cx.request.id.to_string());
    cx.app.pages.respond(status, &view, &context(cx, headers))
}

/// An OAuth error that only the user may see, because no redirect URI is proven (RFC 6749 4.1.2.1).
pub fn oauth_error(cx: &Cx, headers: &HeaderMap, oauth: &OAuthError) -> Response {
    let mut view = ErrorView::new(error_kind(oauth));
    view.code = Some(oauth.code().as_str());
    view.detail = Some(oauth.description().to_owned());
    view.request_id = Some(cx.request.id.to_string());
    cx.app
        .pages
        .respond(StatusCode::BAD_REQUEST, &view, &context(cx, headers))
}

/// The page that explains a protocol error to its user.
fn error_kind(oauth: &OAuthError) -> ErrorKind {
    match oauth.code() {
        OAuthErrorCode::InvalidClient => ErrorKind::ClientUnknown,
        OAuthErrorCode::UnauthorizedClient => ErrorKind::ClientDisabled,
        _ if oauth.description().contains("redirect_uri") => ErrorKind::RedirectUriInvalid,
        _ => ErrorKind::RequestInvalid,
    }
}

/// The sign-in that the browser names is over, expired, or another browser's.
pub fn unknown_sign_in(cx: &Cx, headers: &HeaderMap) -> Response {
    let mut view = ErrorView::new(ErrorKind::SignInExpired);
    view.request_id = Some(cx.request.id.to_string());
    view.retry_url = Some(cx.tenant.path("/sign-in"));
    cx.app
        .pages
        .respond(StatusCode::BAD_REQUEST, &view, &context(cx, headers))
}

/// A form that this browser was not shown, or too long ago.
pub fn forged_form(cx: &Cx, headers: &HeaderMap) -> Response {
    let mut view = ErrorView::new(ErrorKind::FormRejected);
    view.request_id = Some(cx.request.id.to_string());
    view.retry_url = Some(cx.tenant.path("/sign-in"));
    cx.app
        .pages
        .respond(StatusCode::FORBIDDEN, &view, &context(cx, headers))
}

/// 429 with how long to wait.
pub fn rate_limited(
    cx: &Cx,
    headers: &HeaderMap,
    after: std::time::Duration,
    retry_url: Option<String>,
) -> Response {
    let wait = retry_after(after);
    let view = RateLimitedView {
        retry_after_s: after.as_secs().max(1),
        request_id: Some(cx.request.id.to_string()),
        retry_url,
    };
    let mut response = cx
        .app
        .pages
        .respond(StatusCode::TOO_MANY_REQUESTS, &view, &context(cx, headers));
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    response
}

/// The installation failed: 503 with `Retry-After` where trying again may help, else 500. Logs the cause.
pub fn fault(cx: &Cx, headers: &HeaderMap, fault: &Fault) -> Response {
    tracing::error!(error = %fault, request_id = %cx.request.id, "a page could not be answered");
    if !fault.is_transient() {
        return error(
            cx,
            headers,
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::Internal,
            "server_error",
        );
    }
    let code = "temporarily_unavailable";
    let mut response = error(
        cx,
        headers,
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Busy,
        code,
    );
    let after = if let Fault::Busy { retry_after } = fault {
        *retry_after
    } else {
        std::time::Duration::from_secs(1)
    };
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, retry_after(after));
    response
}
