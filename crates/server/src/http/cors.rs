//! The CORS protocol (Fetch standard) for the few endpoints that pages may call. Credentials are never allowed:
//! a page brings its token or its public client, never the provider's cookie.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::tenancy::Scope;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
const HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, dpop");
const EXPOSED: HeaderValue = HeaderValue::from_static("www-authenticate, retry-after");

/// Lets pages of every origin read a public document.
pub async fn allow_any(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// Answers the preflight of a public document.
pub async fn preflight_any(request: Request) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let max_age = max_age(&request);
    grant(response.headers_mut(), HeaderValue::from_static("*"), max_age);
    response
}

/// Lets pages of origins that the tenant's clients registered read the answer.
pub async fn allow_registered(request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let origin = registered(asked).await;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

/// Answers the preflight of an endpoint for registered origins; others get no permission.
pub async fn preflight_registered(request: Request) -> Response {
    let (asked, max_age) = (Asked::of(&request), max_age(&request));
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(origin) = registered(asked).await {
        grant(response.headers_mut(), origin, max_age);
    }
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// For how many seconds a browser may remember the answer: `http.cors.max_age`.
fn max_age(request: &Request) -> HeaderValue {
    let scope = request.extensions().get::<Arc<Scope>>();
    HeaderValue::from(scope.map_or(0, |scope| scope.app.config.http.cors.max_age.as_secs()))
}

fn grant(headers: &mut HeaderMap, origin: HeaderValue, max_age: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, max_age);
}

/// What the answer depends on, taken out of the request.
struct Asked(Option<(HeaderValue, Arc<Scope>)>);

impl Asked {
    fn of(request: &Request) -> Self {
        let origin = request.headers().get(header::ORIGIN).cloned();
        Self(origin.zip(request.extensions().get::<Arc<Scope>>().cloned()))
    }
}

async fn registered(asked: Asked) -> Option<HeaderValue> {
    let (origin, scope) = asked.0?;
    let text = origin.to_str().ok()?;
    let everywhere = &scope.app.config.http.cors.allowed_origins;
    if everywhere.iter().any(|allowed| allowed.as_str() == text) {
        return Some(origin);
    }
    let known = crate::clients::is_registered_origin(&scope.app, scope.tenant.id, text).await;
    match known {
        Ok(true) => Some(origin),
        Ok(false) => None,
        Err(error) => {
            tracing::error!(%error, "an origin could not be looked up");
            None
        }
    }
}
