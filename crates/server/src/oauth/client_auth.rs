//! Authenticates the client of a token, introspection, revocation or registration request (RFC 6749 2.3, RFC 7523).

use std::sync::Arc;

use authflow_db::exec;
use authflow_proto::client_assertion::{self, AcceptedAssertion, Expected};
use authflow_proto::client_auth::{AuthMethod, ClientAuthError, Presented};
use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::Params;
use authflow_proto::jose::{JwkSet, JwtError};
use authflow_types::{ClientId, Digest, Timestamp, Token, TokenKind};
use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;

use crate::clients::{self, Client, secret_context};
use crate::cx::Actor;
use crate::http::reply::OAuthRefusal;
use crate::{Cx, Fault};

/// The client that the request proves to come from; the context's actor becomes that client.
///
/// # Errors
/// `invalid_client` (401), the same for an unknown client, a wrong secret and a wrong method;
/// `invalid_request` for a request that authenticates twice.
pub async fn authenticate(
    cx: &mut Cx,
    headers: &HeaderMap,
    params: &Params<'_>,
) -> Result<Arc<Client>, OAuthRefusal> {
    let presented = Presented::extract(headers, params).map_err(|error| {
        // Who presented nothing learns how it is done (RFC 6749 5.2, RFC 7662 2.3).
        let is_told = error == ClientAuthError::Nothing;
        refuse_with(
            error.into(),
            is_told || headers.contains_key(header::AUTHORIZATION),
        )
    })?;
    let client = match presented.client_id().parse::<ClientId>() {
        Ok(id) => clients::find(&cx.app, cx.tenant_id(), id).await?,
        Err(_) => None,
    };
    let Some(client) = client.filter(|client| client.is_active()) else {
        return Err(refuse(headers, unknown_client()));
    };
    if !fits(&presented, &client) {
        return Err(refuse(headers, unknown_client()));
    }
    match &presented {
        Presented::Public { .. } => {}
        Presented::Basic { secret, .. } | Presented::Post { secret, .. } => {
            if !is_secret(&client, secret.expose(), cx.now) {
                return Err(refuse(headers, unknown_client()));
            }
        }
        Presented::Assertion { assertion, .. } => check_assertion(cx, &client, assertion.expose()).await?,
    }
    cx.actor = Actor::Client(client.id);
    check_rate(cx, client.id)?;
    Ok(client)
}

/// Requests of one client, where the operator limits them; counted once it has proven who it is.
fn check_rate(cx: &Cx, client: ClientId) -> Result<(), OAuthRefusal> {
    let Some(limiter) = &cx.app.client_requests else {
        return Ok(());
    };
    let decision = limiter.check(cx.now, &(cx.tenant_id(), client));
    if decision.allowed {
        Ok(())
    } else {
        Err(OAuthRefusal::rate_limited(decision.retry_after))
    }
}

fn unknown_client() -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidClient, "client authentication failed")
}

/// 401 with a challenge if the client tried the header (RFC 6749 5.2).
fn refuse(headers: &HeaderMap, error: OAuthError) -> OAuthRefusal {
    refuse_with(error, headers.contains_key(header::AUTHORIZATION))
}

fn refuse_with(error: OAuthError, challenge: bool) -> OAuthRefusal {
    let refusal = OAuthRefusal::new(error);
    if challenge && refusal.error().code() == OAuthErrorCode::InvalidClient {
        return refusal.authenticate(HeaderValue::from_static(
            "Basic realm=\"authflow\", charset=\"UTF-8\"",
        ));
    }
    refusal
}

/// Whether the client may authenticate this way.
fn fits(presented: &Presented, client: &Client) -> bool {
    use AuthMethod::{ClientSecretBasic, ClientSecretPost};
    let method = client.metadata.token_endpoint_auth_method;
    let by_secret = |method| matches!(method, ClientSecretBasic | ClientSecretPost);
    let either = client.policy.basic_or_post
        && by_secret(method)
        && matches!(presented, Presented::Basic { .. } | Presented::Post { .. });
    presented.fits(method) || either
}

/// Compares in constant time with every live secret.
fn is_secret(client: &Client, presented: &str, now: Timestamp) -> bool {
    let Ok(token) = Token::parse(TokenKind::ClientSecret, presented) else {
        return false;
    };
    let digest = token.digest();
    client.live_secrets(now).fold(false, |found, secret| {
        found | bool::from(secret.digest.as_bytes().ct_eq(digest.as_bytes()))
    })
}

async fn check_assertion(cx: &mut Cx, client: &Client, assertion: &str) -> Result<(), OAuthRefusal> {
    let client_id = client.id.to_string();
    let token_endpoint = cx.tenant.url("/oauth2/token");
    let audiences = [cx.tenant.issuer.as_str(), token_endpoint.as_str()];
    let expected = Expected {
        client_id: &client_id,
        audiences: &audiences,
        alg: client.metadata.token_endpoint_auth_signing_alg,
        now: cx.now.as_secs(),
    };
    let accepted = if client.metadata.token_endpoint_auth_method == AuthMethod::ClientSecretJwt {
        by_secret(cx, client, assertion, &expected)?
    } else {
        by_key(cx, client, assertion, &expected).await?
    };
    remember(cx, client.id, &accepted).await
}

fn by_secret(
    cx: &Cx,
    client: &Client,
    assertion: &str,
    expected: &Expected<'_>,
) -> Result<AcceptedAssertion, OAuthRefusal> {
    for secret in client.live_secrets(cx.now) {
        let Some(sealed) = &secret.sealed else { continue };
        let text = cx
            .tenant
            .data_key
            .open(secret_context(&secret.id), sealed)
            .map_err(Fault::from)?;
        let text = std::str::from_utf8(&text).unwrap_or_default();
        match client_assertion::verify_client_secret_jwt(assertion, text, expected) {
            Ok(accepted) => return Ok(accepted),
            Err(client_assertion::ClientAssertionError::Token(JwtError::Signature)) => {}
            Err(error) => return Err(OAuthError::from(error).into()),
        }
    }
    Err(unknown_client().into())
}

async fn by_key(
    cx: &Cx,
    client: &Client,
    assertion: &str,
    expected: &Expected<'_>,
) -> Result<AcceptedAssertion, OAuthRefusal> {
    let keys = keys_of(cx, client, false).await?;
    let verified = client_assertion::verify_private_key_jwt(assertion, &keys, expected);
    let stale = matches!(
        &verified,
        Err(client_assertion::ClientAssertionError::Token(
            JwtError::UnknownKey
        ))
    );
    if stale && client.metadata.jwks_uri.is_some() {
        // The client may have rotated its keys since its document was fetched.
        let keys = keys_of(cx, client, true).await?;
        return client_assertion::verify_private_key_jwt(assertion, &keys, expected)
            .map_err(|error| OAuthError::from(error).into());
    }
    verified.map_err(|error| OAuthError::from(error).into())
}

/// The client's public keys, registered or fetched through the guard and remembered for a while.
pub async fn keys_of(cx: &Cx, client: &Client, refresh: bool) -> Result<Arc<JwkSet>, OAuthRefusal> {
    if let Some(jwks) = &client.metadata.jwks {
        let document = serde_json::to_vec(jwks).map_err(Fault::from)?;
        return JwkSet::parse(&document)
            .map(Arc::new)
            .map_err(|_| unknown_client().into());
    }
    let Some(uri) = &client.metadata.jwks_uri else {
        return Err(unknown_client().into());
    };
    let key = (cx.tenant_id(), client.id);
    let known = cx.app.caches.client_keys.get(&key);
    if let Some((fetched_at, keys)) = known.clone() {
        // WHY: an unknown key may not make us fetch more often than this, or strangers could aim us at a client.
        let too_soon = cx.now.since(fetched_at).as_secs() < 30;
        if !refresh || too_soon {
            return Ok(keys);
        }
    }
    let url = uri.parse().map_err(|_| unknown_client())?;
    // SECURITY: a failure is remembered too, or whoever names the client could make us ask its server without end.
    let failed = || {
        let before = known.as_ref().map(|(_, keys)| keys.clone()).unwrap_or_default();
        cx.app.caches.client_keys.insert(key, (cx.now, before));
    };
    let captured = cx
        .app
        .outbound
        .fetch(&url, authflow_proto::jose::MAX_JWK_SET_BYTES)
        .await
        .map_err(|error| {
            failed();
            tracing::info!(%error, client = %client.id, "a client's keys could not be fetched");
            OAuthError::new(
                OAuthErrorCode::InvalidClient,
                "the keys at `jwks_uri` could not be fetched",
            )
        })?;
    let keys = JwkSet::parse(&captured.body).map(Arc::new).map_err(|_| {
        failed();
        OAuthError::new(
            OAuthErrorCode::InvalidClient,
            "the document at `jwks_uri` is not a usable JWK set",
        )
    })?;
    cx.app.caches.client_keys.insert(key, (cx.now, keys.clone()));
    Ok(keys)
}

/// Takes the assertion's id, once (RFC 7523 3 (7)); committed at once, so that no later refusal gives it back.
async fn remember(cx: &mut Cx, client: ClientId, accepted: &AcceptedAssertion) -> Result<(), OAuthRefusal> {
    let tenant = cx.tenant_id();
    let expires_at = Timestamp::from_secs(accepted.exp.saturating_add(client_assertion::SKEW_S));
    let inserted = exec!(
        cx.tx().await?,
        "INSERT INTO used_assertions (tenant_id, client_id, jti_digest, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
        tenant,
        client,
        Digest::of(accepted.jti.as_bytes()),
        expires_at
    )?;
    cx.commit().await?;
    if inserted == 1 {
        Ok(())
    } else {
        Err(OAuthError::new(
            OAuthErrorCode::InvalidClient,
            "the client assertion was used before",
        )
        .into())
    }
}
