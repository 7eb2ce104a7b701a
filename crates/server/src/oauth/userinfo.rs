//! `/oauth2/userinfo` (OIDC Core 5.3): what the user's grant lets a client know, to whoever holds the access token.

use std::collections::BTreeMap;

use authflow_proto::authorize::ClaimRequest;
use authflow_proto::bearer::{self, Challenge};
use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::{FormError, FormLimits, Params};
use authflow_proto::jose::{Algorithm, TokenType};
use authflow_proto::scope::ScopeSet;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::verify::{self, VerifiedToken};
use super::{claims, tokens};
use crate::http::reply::{OAuthRefusal, json_no_store};
use crate::http::{Access, Cors, Routes, extract};
use crate::{Cx, Fault, clients, identities};

const REALM: &str = "authflow";

/// The userinfo endpoint.
pub fn routes() -> Routes {
    Routes::default()
        .get("/oauth2/userinfo", Access::Bearer, Cors::Registered, by_get)
        .post("/oauth2/userinfo", Access::Bearer, Cors::Registered, by_post)
}

/// The token in the header (RFC 6750 2.1).
async fn by_get(cx: Cx, headers: HeaderMap) -> Response {
    answer(&cx, &headers, None)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// The token in the header or in a form body (RFC 6750 2.2).
async fn by_post(cx: Cx, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let Ok(body) = body else {
        return Refusal::Error(FormError::TooLarge.into()).into_response();
    };
    let params = match extract::is_form(&headers)
        .then(|| Params::parse(&body, FormLimits::BODY))
        .transpose()
    {
        Ok(params) => params,
        Err(error) => return Refusal::Error(error.into()).into_response(),
    };
    answer(&cx, &headers, params.as_ref())
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn answer(cx: &Cx, headers: &HeaderMap, body: Option<&Params<'_>>) -> Result<Response, Refusal> {
    let token = bearer::extract(headers, body)
        .map_err(OAuthError::from)?
        .ok_or(Refusal::NoToken)?;
    let verified = verify::access_token(cx, token.expose())
        .await?
        .ok_or_else(invalid_token)?;
    let scope = verified
        .claims
        .scope
        .as_ref()
        .filter(|scope| scope.contains("openid"))
        .ok_or_else(no_openid)?;
    let client = clients::find(&cx.app, cx.tenant_id(), verified.client_id)
        .await?
        .ok_or_else(invalid_token)?;
    let claims = of_token(cx, &verified, scope).await?;
    match client.metadata.userinfo_signed_response_alg {
        None => Ok(json_no_store(StatusCode::OK, &claims)),
        Some(algorithm) => signed(cx, &verified.claims.client_id, algorithm, claims).await,
    }
}

/// The subject that the client knows, and what the scope and the `claims` parameter give (OIDC Core 5.4, 5.5).
async fn of_token(
    cx: &Cx,
    verified: &VerifiedToken,
    scope: &ScopeSet,
) -> Result<Map<String, Value>, Refusal> {
    let user = match verified.user_id {
        Some(id) => identities::find_user(&cx.app, cx.tenant_id(), id).await?,
        None => None,
    };
    let user = user.filter(|user| user.is_active()).ok_or_else(invalid_token)?;
    let by_name = &verified.claims.uic;
    let asked: Option<BTreeMap<String, ClaimRequest>> = (!by_name.is_empty()).then(|| {
        by_name
            .iter()
            .map(|name| (name.clone(), ClaimRequest::default()))
            .collect()
    });
    let mut claims = claims::of_user(&user, scope, asked.as_ref());
    claims.insert("sub".to_owned(), verified.claims.sub.clone().into());
    Ok(claims)
}

/// As a JWT for this client (OIDC Core 5.3.2: `iss` and `aud` are there).
async fn signed(
    cx: &Cx,
    client_id: &str,
    algorithm: Algorithm,
    mut claims: Map<String, Value>,
) -> Result<Response, Refusal> {
    claims.insert("iss".to_owned(), cx.tenant.issuer.clone().into());
    claims.insert("aud".to_owned(), client_id.into());
    claims.insert("iat".to_owned(), cx.now.as_secs().into());
    let token = tokens::sign(cx, algorithm, TokenType::Jwt, &claims).await?;
    let mut response = Response::new(Body::from(token));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Why there is no answer.
#[derive(Debug)]
enum Refusal {
    /// No token at all: a challenge without an error (RFC 6750 3.1).
    NoToken,
    /// The token is not good, or not good enough.
    Error(OAuthError),
    /// The installation failed.
    Fault(Fault),
}

impl From<OAuthError> for Refusal {
    fn from(error: OAuthError) -> Self {
        Self::Error(error)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn invalid_token() -> Refusal {
    let text = "the access token is expired, revoked or not of this issuer";
    Refusal::Error(OAuthError::new(OAuthErrorCode::InvalidToken, text))
}

fn no_openid() -> Refusal {
    Refusal::Error(OAuthError::new(
        OAuthErrorCode::InsufficientScope,
        "the access token lacks the scope `openid`",
    ))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NoToken => {
                let mut response = StatusCode::UNAUTHORIZED.into_response();
                let challenge = challenge(&Challenge::bearer(REALM));
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                response
                    .headers_mut()
                    .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Self::Error(error) => {
                let needed = ScopeSet::parse("openid").unwrap_or_default();
                let mut rendered = Challenge::bearer(REALM).error(&error);
                if error.code() == OAuthErrorCode::InsufficientScope {
                    rendered = rendered.scope(&needed);
                }
                let challenge = challenge(&rendered);
                OAuthRefusal::new(error).authenticate(challenge).into_response()
            }
            Self::Fault(fault) => OAuthRefusal::from(fault).into_response(),
        }
    }
}

/// The renderer keeps to what a header can carry; the fallback is there so that nothing can panic.
fn challenge(rendered: &Challenge<'_>) -> HeaderValue {
    HeaderValue::try_from(rendered.to_string()).unwrap_or(HeaderValue::from_static("Bearer"))
}
