//! Answers of the OAuth endpoints: JSON with `no-store`, errors in the shape of RFC 6749 5.2 and RFC 6750 3.

use std::time::Duration;

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::retry_after;
use crate::Fault;

/// 200 (or another status) with a JSON body that no cache may keep (RFC 6749 5.1).
pub fn json_no_store(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let mut response = (status, bytes).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
            response
        }
        Err(error) => OAuthRefusal::from(Fault::from(error)).into_response(),
    }
}

/// A refusal of an OAuth endpoint.
#[derive(Debug)]
pub struct OAuthRefusal {
    error: OAuthError,
    status: StatusCode,
    authenticate: Option<HeaderValue>,
    retry_after: Option<Duration>,
}

impl OAuthRefusal {
    /// `error` with the status that RFC 6749 5.2 gives it.
    pub fn new(error: OAuthError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self {
            error,
            status,
            authenticate: None,
            retry_after: None,
        }
    }

    /// Adds `WWW-Authenticate`.
    #[must_use]
    pub fn authenticate(mut self, challenge: HeaderValue) -> Self {
        self.authenticate = Some(challenge);
        self
    }

    /// Answers with another status than the error's own.
    #[must_use]
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds `Retry-After`.
    #[must_use]
    pub const fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// 429: this client asks too often. RFC 6749 has no code for it; the status says what to do.
    pub fn rate_limited(after: Duration) -> Self {
        let error = OAuthError::new(
            OAuthErrorCode::TemporarilyUnavailable,
            "too many requests; try again later",
        );
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self {
            error,
            status,
            authenticate: None,
            retry_after: Some(after),
        }
    }

    /// The error inside.
    pub fn error(&self) -> &OAuthError {
        &self.error
    }
}

impl From<OAuthError> for OAuthRefusal {
    fn from(error: OAuthError) -> Self {
        Self::new(error)
    }
}

impl From<Fault> for OAuthRefusal {
    /// Logs the private cause once, here at the boundary.
    fn from(fault: Fault) -> Self {
        tracing::error!(error = %crate::fault::chain(&fault), "a request failed");
        if fault.is_transient() {
            let after = if let Fault::Busy { retry_after } = fault {
                retry_after
            } else {
                Duration::from_secs(1)
            };
            let error = OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, "try again later");
            let mut refusal = Self::new(error);
            refusal.status = StatusCode::SERVICE_UNAVAILABLE;
            refusal.retry_after = Some(after);
            return refusal;
        }
        let mut refusal = Self::new(OAuthError::new(
            OAuthErrorCode::ServerError,
            "something went wrong on our side",
        ));
        refusal.status = StatusCode::INTERNAL_SERVER_ERROR;
        refusal
    }
}

impl From<authflow_db::DbError> for OAuthRefusal {
    fn from(error: authflow_db::DbError) -> Self {
        Fault::from(error).into()
    }
}

impl IntoResponse for OAuthRefusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.error.to_json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if let Some(challenge) = self.authenticate {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, retry_after(after));
        }
        response
    }
}
