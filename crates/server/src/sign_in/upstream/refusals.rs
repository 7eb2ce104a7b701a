//! What is written down and shown where nobody is signed in by another provider.

use authflow_types::UserId;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::connections::flow::Unanswerable;
use crate::connections::{Connection, UpstreamError};
use crate::events::{self, Event};
use crate::http::visit::{PageRefusal, Visit, with_retry_after};
use crate::pages::{ErrorKind, ErrorView};
use crate::sign_in::model::SignIn;
use crate::{Cx, Fault};

/// Writes the failure down, and commits.
pub(super) async fn record_failure(
    cx: &mut Cx,
    sign_in: Option<&SignIn>,
    connection: &Connection,
    user: Option<UserId>,
    reason: &'static str,
) -> Result<(), Fault> {
    let payload = json!({ "method": connection.method(), "reason": reason });
    let mut event = Event::new("user.login_failed").payload(payload);
    if let Some(user) = user {
        event = event.subject(user);
    }
    if let Some(client) = sign_in.and_then(SignIn::client_id) {
        event = event.client(client);
    }
    events::append(cx, event).await?;
    Ok(cx.commit().await?)
}

/// The provider could not be asked, or what it says does not hold.
pub(super) async fn failed(
    visit: &mut Visit,
    sign_in: Option<&SignIn>,
    connection: &Connection,
    error: UpstreamError,
) -> Result<Response, PageRefusal> {
    let error = match error {
        UpstreamError::Fault(fault) => return Err(fault.into()),
        error => error,
    };
    let cx = &mut visit.cx;
    cx.rollback().await;
    tracing::warn!(%error, connection = %connection.id, request_id = %cx.request.id, "a provider's word does not hold");
    record_failure(cx, sign_in, connection, None, error.code()).await?;
    if error.is_outage() {
        let kind = ErrorKind::ConnectionUnavailable;
        let response = problem(
            visit,
            sign_in,
            kind,
            StatusCode::SERVICE_UNAVAILABLE,
            error.code(),
        );
        return Ok(with_retry_after(response, std::time::Duration::from_secs(30)));
    }
    Ok(problem(
        visit,
        sign_in,
        ErrorKind::ConnectionAnswer,
        StatusCode::BAD_GATEWAY,
        error.code(),
    ))
}

pub(super) fn unanswerable(visit: &Visit, sign_in: Option<&SignIn>, why: Unanswerable) -> Response {
    let (kind, code) = match why {
        Unanswerable::Unknown => (ErrorKind::ConnectionAnswer, "unknown_answer"),
        Unanswerable::Used => (ErrorKind::ConnectionUsed, "answer_used"),
        Unanswerable::Expired => (ErrorKind::SignInExpired, "answer_expired"),
        Unanswerable::Issuer => (ErrorKind::ConnectionAnswer, "issuer_mismatch"),
    };
    problem(visit, sign_in, kind, StatusCode::BAD_REQUEST, code)
}

/// A page that says what went wrong and leads back to where it began.
pub(super) fn problem(
    visit: &Visit,
    sign_in: Option<&SignIn>,
    kind: ErrorKind,
    status: StatusCode,
    code: &'static str,
) -> Response {
    let cx = &visit.cx;
    let mut view = ErrorView::new(kind);
    view.code = Some(code);
    view.request_id = Some(cx.request.id.to_string());
    view.retry_url = Some(match sign_in {
        Some(sign_in) => cx.tenant.path(&format!("/sign-in?sign_in={}", sign_in.id)),
        None => cx.tenant.path("/account"),
    });
    let locales = sign_in.and_then(|sign_in| sign_in.state.ui_locales.as_deref());
    let mut response = visit.respond(status, &view, &visit.context(locales));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
