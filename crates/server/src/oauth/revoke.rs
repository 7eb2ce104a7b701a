//! `POST /oauth2/revoke` (RFC 7009): a client gives back what it no longer needs.
//!
//! Revoking a refresh token ends its whole grant; revoking an access token ends that token alone. What is unknown, expired
//! or revoked already gets the same 200: the client's wish is fulfilled.

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::revocation::TokenLookup;
use authflow_types::{ClientId, Token, TokenKind};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::{client_auth, refresh, revocation, verify};
use crate::Cx;
use crate::http::extract::FormBody;
use crate::http::reply::OAuthRefusal;
use crate::http::{Access, Cors, Routes};

/// The revocation endpoint.
pub fn routes() -> Routes {
    Routes::default().post("/oauth2/revoke", Access::Client, Cors::Registered, revoke)
}

async fn revoke(mut cx: Cx, headers: HeaderMap, body: FormBody) -> Result<Response, OAuthRefusal> {
    let params = body.params()?;
    let client = client_auth::authenticate(&mut cx, &headers, &params).await?;
    let lookup = TokenLookup::parse(&params).map_err(OAuthError::from)?;
    let presented = lookup.token.expose();
    // Our tokens say what they are; a hint, known or not, has nothing to add (RFC 7009 2.1).
    match Token::parse(TokenKind::Refresh, presented) {
        Ok(token) => revoke_refresh_token(&mut cx, client.id, &token).await?,
        Err(_) => revoke_access_token(&mut cx, client.id, presented).await?,
    }
    cx.commit().await?;
    let mut response = Response::new(Body::empty());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Any token of the family will do: who holds one that was rotated away held the family.
async fn revoke_refresh_token(cx: &mut Cx, client: ClientId, token: &Token) -> Result<(), OAuthRefusal> {
    let Some(found) = refresh::inspect(cx, token).await? else {
        return Ok(());
    };
    if found.client_id != client {
        return Err(of_another_client().into());
    }
    if !found.is_revoked {
        revocation::revoke_grant(cx, found.grant.id, "revoked_by_client").await?;
    }
    Ok(())
}

async fn revoke_access_token(cx: &mut Cx, client: ClientId, presented: &str) -> Result<(), OAuthRefusal> {
    let Some(verified) = verify::access_token(cx, presented).await? else {
        return Ok(());
    };
    if verified.client_id != client {
        return Err(of_another_client().into());
    }
    Ok(revocation::revoke_token(cx, verified.token_id).await?)
}

/// The request is refused and nothing happens (RFC 7009 2.1, RFC 6749 5.2 `invalid_grant`).
fn of_another_client() -> OAuthError {
    OAuthError::new(
        OAuthErrorCode::InvalidGrant,
        "the token was issued to another client",
    )
}
