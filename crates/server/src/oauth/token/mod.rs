//! `POST /oauth2/token` (RFC 6749 3.2): one file a grant type.

mod authorization_code;
mod client_credentials;
mod refresh_token;

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::token_request::TokenRequest;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::client_auth;
use crate::clients::Client;
use crate::http::extract::FormBody;
use crate::http::reply::{OAuthRefusal, json_no_store};
use crate::http::{Access, Cors, Routes};
use crate::{Cx, Fault, keys, resources};

/// The token endpoint.
pub fn routes() -> Routes {
    Routes::default().post("/oauth2/token", Access::Client, Cors::Registered, token)
}

/// Exchanges a code, a refresh token or client credentials for tokens.
async fn token(mut cx: Cx, headers: HeaderMap, body: FormBody) -> Result<Response, OAuthRefusal> {
    let params = body.params()?;
    let client = client_auth::authenticate(&mut cx, &headers, &params).await?;
    let request = TokenRequest::parse(&params).map_err(OAuthError::from)?;
    check_grant_type(&client, &request)?;
    prepare(&cx, &client).await?;
    let response = match request {
        TokenRequest::AuthorizationCode {
            code,
            redirect_uri,
            code_verifier,
            resources,
        } => {
            let presented = authorization_code::PresentedCode {
                code,
                redirect_uri,
                code_verifier,
                resources,
            };
            authorization_code::redeem(&mut cx, &client, presented).await?
        }
        TokenRequest::RefreshToken {
            refresh_token,
            scope,
            resources,
        } => refresh_token::refresh(&mut cx, &client, &refresh_token, scope.as_ref(), &resources).await?,
        TokenRequest::ClientCredentials { scope, resources } => {
            client_credentials::issue(&mut cx, &client, scope, &resources).await?
        }
    };
    Ok(json_no_store(StatusCode::OK, &response))
}

/// Brings into memory what issuing needs, and makes keys at their first use, before a transaction is open.
async fn prepare(cx: &Cx, client: &Client) -> Result<(), Fault> {
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let of_resources = catalogue
        .resources()
        .iter()
        .map(|resource| resource.signing_algorithm);
    let mut ring = keys::ring_with(&cx.app, &cx.tenant, client.metadata.id_token_signed_response_alg).await?;
    for algorithm in of_resources {
        if ring.signer(algorithm).is_none() {
            ring = keys::ring_with(&cx.app, &cx.tenant, algorithm).await?;
        }
    }
    Ok(())
}

/// The client registered this grant type (RFC 6749 5.2 `unauthorized_client`).
fn check_grant_type(client: &Client, request: &TokenRequest) -> Result<(), OAuthError> {
    if client.metadata.grant_types.contains(&request.grant_type()) {
        return Ok(());
    }
    Err(OAuthError::new(
        OAuthErrorCode::UnauthorizedClient,
        "the client may not use this grant type",
    ))
}

fn invalid_grant(text: &'static str) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidGrant, text)
}
