//! `grant_type=authorization_code` (RFC 6749 4.1.3, RFC 7636 4.5, OIDC Core 3.1.3).

use std::sync::Arc;

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::pkce::CodeVerifier;
use authflow_proto::secret::SecretText;
use authflow_proto::token_request::GrantType;
use authflow_types::{Token, TokenKind};

use super::invalid_grant;
use crate::clients::Client;
use crate::http::reply::OAuthRefusal;
use crate::oauth::audience::Audience;
use crate::oauth::codes::{self, Redemption};
use crate::oauth::grant::{CodePayload, Grant};
use crate::oauth::tokens::{self, Bound, TokenResponse};
use crate::oauth::{audience, refresh, revocation};
use crate::resources::Catalogue;
use crate::{App, Cx, identities, resources};

/// What the client sent.
pub(super) struct PresentedCode {
    pub(super) code: SecretText,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
    pub(super) resources: Vec<String>,
}

pub(super) async fn redeem(
    cx: &mut Cx,
    client: &Arc<Client>,
    presented: PresentedCode,
) -> Result<TokenResponse, OAuthRefusal> {
    let Ok(code) = Token::parse(TokenKind::Code, presented.code.expose()) else {
        return Err(invalid_grant("the code is not valid").into());
    };
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let presented = Arc::new(presented);
    let begins = begins(cx, client, &catalogue, &presented);
    let (payload, refresh_token) = match codes::redeem(cx, client.id, code.digest(), begins).await? {
        Redemption::Redeemed(payload, refresh_token) => (payload, refresh_token),
        Redemption::Replayed(grant) => {
            revocation::revoke_grant(cx, grant, "code_replayed").await?;
            cx.commit().await?;
            return Err(
                invalid_grant("the code was used before; everything it gave has been revoked").into(),
            );
        }
        Redemption::Unknown => return Err(invalid_grant("the code is not valid or has expired").into()),
    };
    // The code is spent, whatever is refused now.
    check(client, &payload, &presented)?;
    let audience = audience_of(cx.app.as_ref(), client, &catalogue, &payload.grant, &presented)?;
    answer(cx, client, &payload, &presented, (&audience, refresh_token)).await
}

/// Whether a code begins a family: if its client wants one and nothing will be refused.
fn begins(
    cx: &Cx,
    client: &Arc<Client>,
    catalogue: &Arc<Catalogue>,
    presented: &Arc<PresentedCode>,
) -> codes::Begins {
    let beginning = refresh::Beginning::of(cx, client);
    let (app, client) = (cx.app.clone(), client.clone());
    let (catalogue, presented) = (catalogue.clone(), presented.clone());
    Box::new(move |payload| {
        let grant = &payload.grant;
        let wanted = wants_refresh(&client, grant)
            && check(&client, payload, &presented).is_ok()
            && audience_of(&app, &client, &catalogue, grant, &presented).is_ok();
        wanted.then(|| beginning.begin(grant))
    })
}

/// Bound to its redirect URI (RFC 6749 4.1.3) and challenge (RFC 7636 4.6), in that order.
fn check(client: &Client, payload: &CodePayload, presented: &PresentedCode) -> Result<(), OAuthError> {
    match &presented.redirect_uri {
        Some(uri) if *uri != payload.redirect_uri => {
            return Err(invalid_grant("`redirect_uri` is not that of the code"));
        }
        None if payload.redirect_uri_sent => return Err(invalid_grant("`redirect_uri` is missing")),
        _ => {}
    }
    match (&payload.code_challenge, &presented.code_verifier) {
        (Some(challenge), Some(verifier)) if challenge.verify(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(invalid_grant("`code_verifier` does not match")),
        (Some(_), None) => Err(invalid_grant("`code_verifier` is missing")),
        // A verifier without a challenge is a stripped challenge (RFC 9700 2.1.1).
        (None, Some(_)) => Err(invalid_grant("the code was issued without a `code_challenge`")),
        (None, None) if client.requires_pkce() => Err(invalid_grant("the client must use PKCE")),
        (None, None) => Ok(()),
    }
}

/// What the access token will be for (RFC 8707 2.2).
fn audience_of(
    app: &App,
    client: &Client,
    catalogue: &Catalogue,
    grant: &Grant,
    presented: &PresentedCode,
) -> Result<Audience, OAuthError> {
    if !presented
        .resources
        .iter()
        .all(|resource| grant.resources.is_empty() || grant.resources.contains(resource))
    {
        let text = "the resource was not part of the authorization request";
        return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, text));
    }
    audience::check_resources(catalogue, client, &presented.resources)?;
    let wanted = if presented.resources.is_empty() {
        &grant.resources
    } else {
        &presented.resources
    };
    audience::settle(catalogue, client, &app.config.tokens, &grant.scope, wanted)
}

async fn answer(
    cx: &mut Cx,
    client: &Client,
    payload: &CodePayload,
    presented: &PresentedCode,
    (audience, refresh_token): (&Audience, Option<Token>),
) -> Result<TokenResponse, OAuthRefusal> {
    let grant = &payload.grant;
    let user = identities::find_user(&cx.app, cx.tenant_id(), grant.user_id).await?;
    let Some(user) = user.filter(|user| user.is_active()) else {
        // A family that the code began is of no use: nobody ever sees its token.
        return Err(invalid_grant("the user can no longer sign in").into());
    };
    let sub = tokens::subject(cx, client, user.id)?;
    let access_token = tokens::access_token(cx, client, &sub, audience, Some(grant)).await?;
    let id_token = if grant.scope.contains("openid") {
        let bound = Bound {
            access_token: Some(&access_token),
            code: Some(presented.code.expose()),
            nonce: payload.nonce.as_deref(),
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
        refresh_token: refresh_token.map(|token| token.expose().to_owned()),
        id_token,
        scope: grant.scope.to_string(),
    })
}

/// OIDC requests ask with `offline_access` (OIDC Core 11); plain OAuth has no such scope and gets what it registered.
fn wants_refresh(client: &Client, grant: &Grant) -> bool {
    client.metadata.grant_types.contains(&GrantType::RefreshToken)
        && (grant.scope.contains("offline_access") || !grant.scope.contains("openid"))
}
