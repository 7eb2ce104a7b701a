//! The client configuration endpoint (RFC 7592 2): a client, by its registration access token, and no other.

use std::sync::Arc;
use std::time::Duration;

use authflow_proto::bearer;
use authflow_proto::client_auth::AuthMethod;
use authflow_types::{ClientId, Token, TokenKind};
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::refusal::RegistrationRefusal;
use super::{answer, rules};
use crate::Cx;
use crate::clients::{self, Client};
use crate::cx::Actor;

/// What an update says beside metadata (RFC 7592 2.2).
#[derive(Deserialize)]
struct Managed {
    client_id: Option<Value>,
    client_secret: Option<Value>,
    registration_access_token: Option<Value>,
    registration_client_uri: Option<Value>,
    client_secret_expires_at: Option<Value>,
    client_id_issued_at: Option<Value>,
}

/// Shows a client its registration (RFC 7592 2.1).
pub(super) async fn read(
    mut cx: Cx,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, RegistrationRefusal> {
    let (client, token) = authenticate(&mut cx, &headers, &id).await?;
    Ok(answer::client_information(
        &cx,
        StatusCode::OK,
        &client,
        None,
        &token,
    ))
}

/// Replaces a client's metadata; what is left out falls back to its default (RFC 7592 2.2). Emits `client.updated`.
pub(super) async fn replace(
    mut cx: Cx,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RegistrationRefusal> {
    let (client, token) = authenticate(&mut cx, &headers, &id).await?;
    let body = rules::body(&headers, body)?;
    let metadata = rules::parse(&cx.app, &body)?;
    check_managed(&cx, &client, &body)?;
    let policy = rules::policy(&cx, &metadata, Some(&client))?;
    rules::check_network(&cx, &metadata).await?;
    let name = rules::name(&metadata);
    let updated = clients::update(&mut cx, &client, name, metadata, policy).await?;
    let secret = if lacks_secret(&cx, &updated) {
        Some(clients::add_secret(&mut cx, &updated, Duration::ZERO).await?)
    } else {
        None
    };
    cx.commit().await?;
    Ok(answer::client_information(
        &cx,
        StatusCode::OK,
        &updated,
        secret.as_ref(),
        &token,
    ))
}

/// Deletes a client and everything that it was given (RFC 7592 2.3). Emits `client.deleted`.
pub(super) async fn delete(
    mut cx: Cx,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, RegistrationRefusal> {
    let (client, _) = authenticate(&mut cx, &headers, &id).await?;
    clients::delete(&mut cx, client.id).await?;
    cx.commit().await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The client that the address names, if the token is its own; the same answer for a wrong token and a missing client.
async fn authenticate(
    cx: &mut Cx,
    headers: &HeaderMap,
    id: &str,
) -> Result<(Arc<Client>, Token), RegistrationRefusal> {
    let presented = bearer::extract(headers, None)?.ok_or(RegistrationRefusal::Token)?;
    let token =
        Token::parse(TokenKind::Registration, presented.expose()).map_err(|_| RegistrationRefusal::Token)?;
    let id: ClientId = id.parse().map_err(|_| RegistrationRefusal::Token)?;
    let client = clients::find(&cx.app, cx.tenant_id(), id)
        .await?
        .filter(|client| client.is_active());
    let client = client.ok_or(RegistrationRefusal::Token)?;
    let is_own = client
        .registration_digest
        .is_some_and(|digest| bool::from(digest.as_bytes().ct_eq(token.digest().as_bytes())));
    if !is_own {
        return Err(RegistrationRefusal::Token);
    }
    cx.actor = Actor::Client(client.id);
    Ok((client, token))
}

/// The id must be the client's, a secret too if it is there, and what the server decides must be left out
/// (RFC 7592 2.2).
fn check_managed(cx: &Cx, client: &Client, body: &[u8]) -> Result<(), RegistrationRefusal> {
    let managed: Managed = serde_json::from_slice(body).map_err(|_| RegistrationRefusal::Body)?;
    let refuse = |field| Err(RegistrationRefusal::Managed { field });
    if managed.client_id.as_ref().and_then(Value::as_str) != Some(client.id.to_string().as_str()) {
        return refuse("client_id");
    }
    if let Some(secret) = managed.client_secret.filter(|secret| !secret.is_null()) {
        let digest = secret
            .as_str()
            .and_then(|text| Token::parse(TokenKind::ClientSecret, text).ok());
        let is_own = digest.is_some_and(|token| {
            let digest = token.digest();
            client.live_secrets(cx.now).fold(false, |found, live| {
                found | bool::from(live.digest.as_bytes().ct_eq(digest.as_bytes()))
            })
        });
        if !is_own {
            return refuse("client_secret");
        }
    }
    let forbidden = [
        ("registration_access_token", managed.registration_access_token),
        ("registration_client_uri", managed.registration_client_uri),
        ("client_secret_expires_at", managed.client_secret_expires_at),
        ("client_id_issued_at", managed.client_id_issued_at),
    ];
    match forbidden.into_iter().find(|(_, value)| value.is_some()) {
        Some((field, _)) => refuse(field),
        None => Ok(()),
    }
}

/// Whether the client's method needs a secret that it does not have: it changed its method.
fn lacks_secret(cx: &Cx, client: &Client) -> bool {
    let method = client.metadata.token_endpoint_auth_method;
    let fits = |sealed: bool| method != AuthMethod::ClientSecretJwt || sealed;
    rules::uses_secret(method)
        && !client
            .live_secrets(cx.now)
            .any(|secret| fits(secret.sealed.is_some()))
}
