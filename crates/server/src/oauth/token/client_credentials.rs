//! `grant_type=client_credentials` (RFC 6749 4.4): a token for the client itself, never for a user.

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::scope::ScopeSet;

use crate::clients::Client;
use crate::http::reply::OAuthRefusal;
use crate::oauth::audience;
use crate::oauth::tokens::{self, TokenResponse};
use crate::{Cx, resources};

/// Scopes that speak about a user and mean nothing here (OIDC Core 5.4, 11).
const OF_USERS: &[&str] = crate::resources::STANDARD_SCOPES;

pub(super) async fn issue(
    cx: &mut Cx,
    client: &Client,
    scope: Option<ScopeSet>,
    resources: &[String],
) -> Result<TokenResponse, OAuthRefusal> {
    if client.is_public() {
        let text = "a public client has no credentials of its own";
        return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, text).into());
    }
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let scope = settle_scope(client, scope)?;
    audience::check_resources(&catalogue, client, resources)?;
    let audience = audience::settle(&catalogue, client, &cx.app.config.tokens, &scope, resources)?;
    let access_token = tokens::access_token(cx, client, &client.id.to_string(), &audience, None).await?;
    cx.commit().await?;
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: audience.ttl.as_secs(),
        refresh_token: None,
        id_token: None,
        scope: audience.scope.to_string(),
    })
}

fn settle_scope(client: &Client, scope: Option<ScopeSet>) -> Result<ScopeSet, OAuthError> {
    match scope {
        Some(scope) if !client.may_have(&scope) => Err(OAuthError::new(
            OAuthErrorCode::InvalidScope,
            "the client may not have this scope",
        )),
        Some(scope) if scope.iter().any(|name| OF_USERS.contains(&name.as_str())) => Err(OAuthError::new(
            OAuthErrorCode::InvalidScope,
            "this scope needs a user",
        )),
        Some(scope) => Ok(scope),
        None => {
            let mut scope = client
                .policy
                .default_scope
                .clone()
                .or_else(|| client.metadata.scope.clone())
                .unwrap_or_default();
            scope.retain(|name| !OF_USERS.contains(&name));
            Ok(scope)
        }
    }
}
