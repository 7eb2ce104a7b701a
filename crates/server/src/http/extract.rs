//! What handlers take: the context, and bodies parsed strictly.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::{FormLimits, Params};

use super::Problem;
use super::reply::OAuthRefusal;
use super::tenancy::Scope;
use crate::Cx;
use crate::cx::Actor;

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let scope = parts.extensions.get::<Arc<Scope>>().ok_or(Problem::internal())?;
        Ok(Self::new(
            scope.app.clone(),
            scope.tenant.clone(),
            Actor::Anonymous,
            scope.request.clone(),
        ))
    }
}

/// The body of a form post: the content type is right, the size is bounded, the bytes are not yet parsed.
pub struct FormBody(Bytes);

impl FormBody {
    /// Parses the fields; duplicates are noticed when a field is read.
    ///
    /// # Errors
    /// `invalid_request` for bad encodings, NUL, too many or too large fields.
    pub fn params(&self) -> Result<Params<'_>, OAuthError> {
        Params::parse(&self.0, FormLimits::BODY).map_err(OAuthError::from)
    }
}

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = OAuthRefusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthRefusal> {
        let invalid =
            |text: &'static str| OAuthRefusal::new(OAuthError::new(OAuthErrorCode::InvalidRequest, text));
        if !is_form(request.headers()) {
            return Err(invalid("the body must be application/x-www-form-urlencoded"));
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(invalid("the body is too large"))
            }
            Err(_) => Err(invalid("the body could not be read")),
        }
    }
}

/// Whether the body says that it is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/x-www-form-urlencoded")
}

/// Whether the body's media type is `expected`, whatever its parameters.
pub fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}
