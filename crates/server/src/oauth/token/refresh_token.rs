//! `grant_type=refresh_token` (RFC 6749 6, OIDC Core 12).

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::scope::ScopeSet;
use authflow_proto::secret::SecretText;
use authflow_types::{Token, TokenKind};

use super::invalid_grant;
use crate::clients::Client;
use crate::http::reply::OAuthRefusal;
use crate::oauth::audience;
use crate::oauth::grant::Grant;
use crate::oauth::refresh::{self, Presented};
use crate::oauth::tokens::{self, Bound, TokenResponse};
use crate::{Cx, identities, resources};

pub(super) async fn refresh(
    cx: &mut Cx,
    client: &Client,
    presented: &SecretText,
    scope: Option<&ScopeSet>,
    resources: &[String],
) -> Result<TokenResponse, OAuthRefusal> {
    let Ok(token) = Token::parse(TokenKind::Refresh, presented.expose()) else {
        return Err(invalid_grant("the refresh token is not valid").into());
    };
    if scope.is_some() || !resources.is_empty() {
        // What narrows is checked before the token is used up; nothing widens (RFC 6749 6).
        if let Some(grant) = refresh::peek(cx, client.id, &token).await? {
            check_narrowing(&grant, scope, resources)?;
        }
    }
    let (grant, successor) = match refresh::present(cx, client, &token).await? {
        Presented::Live(grant, successor) => (grant, successor),
        Presented::Reused => {
            cx.commit().await?;
            return Err(
                invalid_grant("the refresh token was used before; its family has been revoked").into(),
            );
        }
        Presented::Unknown => {
            return Err(invalid_grant("the refresh token is not valid or has expired").into());
        }
    };
    answer(cx, client, &grant, successor, (scope, resources)).await
}

fn check_narrowing(grant: &Grant, scope: Option<&ScopeSet>, resources: &[String]) -> Result<(), OAuthError> {
    if scope.is_some_and(|scope| !scope.is_subset_of(&grant.scope)) {
        return Err(OAuthError::new(
            OAuthErrorCode::InvalidScope,
            "the scope exceeds what was granted",
        ));
    }
    if !resources
        .iter()
        .all(|resource| grant.resources.is_empty() || grant.resources.contains(resource))
    {
        let text = "the resource was not part of the authorization request";
        return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, text));
    }
    Ok(())
}

async fn answer(
    cx: &mut Cx,
    client: &Client,
    grant: &Grant,
    successor: Token,
    (scope, resources): (Option<&ScopeSet>, &[String]),
) -> Result<TokenResponse, OAuthRefusal> {
    let user = identities::find_user(&cx.app, cx.tenant_id(), grant.user_id).await?;
    let Some(user) = user.filter(|user| user.is_active()) else {
        return Err(invalid_grant("the user can no longer sign in").into());
    };
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    audience::check_resources(&catalogue, client, resources)?;
    let wanted = if resources.is_empty() {
        &grant.resources[..]
    } else {
        resources
    };
    let scope = scope.unwrap_or(&grant.scope);
    let audience = audience::settle(&catalogue, client, &cx.app.config.tokens, scope, wanted)?;
    let sub = tokens::subject(cx, client, user.id)?;
    let access_token = tokens::access_token(cx, client, &sub, &audience, Some(grant)).await?;
    let id_token = if scope.contains("openid") {
        let bound = Bound {
            access_token: Some(&access_token),
            code: None,
            nonce: None,
        };
        Some(tokens::id_token(cx, client, &user, grant, bound).await?)
    } else {
        None
    };
    cx.commit().await?;
    Ok(TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: audience.ttl.as_secs(),
        refresh_token: Some(successor.expose().to_owned()),
        id_token,
        scope: scope.to_string(),
    })
}
