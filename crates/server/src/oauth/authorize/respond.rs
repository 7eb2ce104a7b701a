//! How the answer travels: by redirect (303) or by a form that the browser posts (OAuth Form Post Response Mode).

use authflow_proto::authorize::ReplyTo;
use authflow_proto::authorize_response::{AuthorizationResponse, Delivery, Outcome};
use authflow_proto::error::OAuthError;
use authflow_types::Token;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::request::{Checked, Refusal};
use crate::Cx;
use crate::http::{Problem, page};
use crate::pages::{ErrorKind, FormPostView};

/// The code, to the client.
pub(super) fn code(cx: &Cx, headers: &HeaderMap, checked: &Checked, code: &Token) -> Response {
    let request = &checked.request;
    let response = AuthorizationResponse {
        redirect_uri: &request.target.redirect_uri,
        response_mode: request.response_mode,
        issuer: &cx.tenant.issuer,
        state: request.state.as_deref(),
        outcome: Outcome::Code(code.expose()),
    };
    deliver(cx, headers, &response, Some(&checked.client.name))
}

/// A refusal, to whom it may be told.
pub(super) fn refuse(cx: &Cx, headers: &HeaderMap, refusal: Refusal) -> Response {
    match refusal {
        Refusal::ToUser(error) => page::oauth_error(cx, headers, &error),
        Refusal::ToClient {
            redirect_uri,
            reply,
            error,
        } => to_client(cx, headers, &redirect_uri, &reply, &error),
        Refusal::Body => {
            let kind = ErrorKind::BodyInvalid;
            page::error(cx, headers, StatusCode::BAD_REQUEST, kind, "invalid_form")
        }
        Refusal::UnknownSignIn => page::unknown_sign_in(cx, headers),
        Refusal::Fault(fault) => page::fault(cx, headers, &fault),
    }
}

/// An error, to the client.
pub(super) fn to_client(
    cx: &Cx,
    headers: &HeaderMap,
    redirect_uri: &str,
    reply: &ReplyTo,
    error: &OAuthError,
) -> Response {
    let response = AuthorizationResponse {
        redirect_uri,
        response_mode: reply.response_mode,
        issuer: &cx.tenant.issuer,
        state: reply.state.as_deref(),
        outcome: Outcome::Error(error),
    };
    deliver(cx, headers, &response, None)
}

/// 303 (RFC 9700 4.12) with an optional cookie, never cached, never leaking its address.
pub(super) fn see_other(location: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Problem::internal().into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

fn deliver(
    cx: &Cx,
    headers: &HeaderMap,
    response: &AuthorizationResponse<'_>,
    client: Option<&str>,
) -> Response {
    match response.deliver() {
        Delivery::Redirect(location) => see_other(&location, None),
        Delivery::FormPost { action, fields } => {
            let Ok(action) = action.parse() else {
                return Problem::internal().into_response();
            };
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            let view = FormPostView {
                action,
                fields,
                client_name: client.map(str::to_owned),
            };
            cx.app
                .pages
                .respond(StatusCode::OK, &view, &page::context(cx, headers))
        }
    }
}
