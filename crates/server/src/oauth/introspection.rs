//! `POST /oauth2/introspect` (RFC 7662): whether a token is good, and what it says.
//!
//! Every confidential client of the tenant may ask about access tokens, because resource servers are clients, unless its
//! policy keeps it to its own. Refresh tokens are answered only to the client that holds them. Whatever is unknown, expired, revoked or another tenant's gets the same
//! answer.

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::introspection::{IntrospectionResponse, TokenLookup};
use authflow_types::{Token, TokenKind, UserId};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::verify::{self, VerifiedToken};
use super::{client_auth, refresh, tokens};
use crate::clients::Client;
use crate::http::extract::FormBody;
use crate::http::reply::{OAuthRefusal, json_no_store};
use crate::http::{Access, Cors, Routes};
use crate::{Cx, Fault, identities};

/// The introspection endpoint.
pub fn routes() -> Routes {
    Routes::default().post("/oauth2/introspect", Access::Client, Cors::None, introspect)
}

async fn introspect(mut cx: Cx, headers: HeaderMap, body: FormBody) -> Result<Response, OAuthRefusal> {
    let params = body.params()?;
    let client = client_auth::authenticate(&mut cx, &headers, &params).await?;
    check_confidential(&client)?;
    let lookup = TokenLookup::parse(&params).map_err(OAuthError::from)?;
    let presented = lookup.token.expose();
    // Our tokens say what they are, so that a hint has nothing to add (RFC 7662 2.1: it may be ignored).
    let answer = match Token::parse(TokenKind::Refresh, presented) {
        Ok(token) => of_refresh_token(&cx, &client, &token).await?,
        Err(_) => match verify::access_token(&cx, presented).await? {
            Some(verified) if may_see(&client, &verified) => of_access_token(&cx, &verified).await?,
            _ => IntrospectionResponse::inactive(),
        },
    };
    Ok(json_no_store(StatusCode::OK, &answer))
}

/// A stranger with a client id may not scan for tokens (RFC 7662 2.1, 4).
fn check_confidential(client: &Client) -> Result<(), OAuthError> {
    if client.is_public() {
        let text = "only a client that authenticates may introspect tokens";
        return Err(OAuthError::new(OAuthErrorCode::InvalidClient, text));
    }
    Ok(())
}

/// To a client that may not see it, a token is as good as unknown (RFC 7662 4).
fn may_see(client: &Client, verified: &VerifiedToken) -> bool {
    let claims = &verified.claims;
    client.may_introspect(&claims.client_id, &claims.aud)
}

async fn of_access_token(cx: &Cx, verified: &VerifiedToken) -> Result<IntrospectionResponse, Fault> {
    let claims = &verified.claims;
    Ok(IntrospectionResponse {
        active: true,
        username: username(cx, verified).await?,
        scope: claims.scope.clone(),
        client_id: Some(claims.client_id.clone()),
        token_type: Some("Bearer"),
        exp: Some(claims.exp),
        iat: Some(claims.iat),
        nbf: claims.nbf,
        sub: Some(claims.sub.clone()),
        aud: Some(claims.aud.clone()),
        iss: Some(claims.iss.clone()),
        jti: Some(claims.jti.clone()),
        auth_time: claims.auth_time,
        acr: claims.acr.clone(),
    })
}

/// The user's name for people, where the scope covers it and the subject is not a pseudonym.
async fn username(cx: &Cx, verified: &VerifiedToken) -> Result<Option<String>, Fault> {
    let may_see = verified
        .claims
        .scope
        .as_ref()
        .is_some_and(|scope| scope.contains("profile"));
    let (true, Some(id), Ok(_)) = (may_see, verified.user_id, verified.claims.sub.parse::<UserId>()) else {
        return Ok(None);
    };
    let user = identities::find_user(&cx.app, cx.tenant_id(), id).await?;
    Ok(user
        .map(|user| user.display_identifier().to_owned())
        .filter(|name| !name.is_empty()))
}

async fn of_refresh_token(cx: &Cx, client: &Client, token: &Token) -> Result<IntrospectionResponse, Fault> {
    let inspected = refresh::inspect(cx, token).await?;
    let Some(live) = inspected.filter(|found| found.is_live && found.client_id == client.id) else {
        return Ok(IntrospectionResponse::inactive());
    };
    let user = identities::find_user(&cx.app, cx.tenant_id(), live.grant.user_id).await?;
    if !user.is_some_and(|user| user.is_active()) {
        return Ok(IntrospectionResponse::inactive());
    }
    Ok(IntrospectionResponse {
        active: true,
        sub: Some(tokens::subject(cx, client, live.grant.user_id)?),
        client_id: Some(client.id.to_string()),
        exp: Some(live.expires_at.as_secs()),
        iat: Some(live.issued_at.as_secs()),
        iss: Some(cx.tenant.issuer.clone()),
        auth_time: Some(live.grant.auth_time),
        acr: Some(live.grant.acr),
        scope: Some(live.grant.scope),
        ..IntrospectionResponse::default()
    })
}
