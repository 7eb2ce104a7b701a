//! Makes tokens: access tokens (RFC 9068 or opaque) and ID tokens (OIDC Core 2).

use std::time::Duration;

use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_proto::access_token::{AccessTokenClaims, Audience as AudienceClaim};
use authflow_proto::id_token::IdTokenClaims;
use authflow_proto::jose::{Algorithm, TokenType};
use authflow_proto::subject::{SubjectType, pairwise_subject, sector_identifier};
use authflow_types::{Digest, TenantId, Timestamp, Token, TokenId, TokenKind, UserId};
use serde::Serialize;

use super::audience::Audience;
use super::claims;
use super::grant::Grant;
use crate::clients::Client;
use crate::identities::User;
use crate::resources::TokenFormat;
use crate::{Cx, Fault, keys};

/// The longest that any access token lives: how long a revocation must be remembered.
pub const MAX_ACCESS_TTL: Duration = Duration::from_hours(24);

/// A successful token response (RFC 6749 5.1).
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Its lifetime in seconds.
    pub expires_in: u64,
    /// The refresh token to use from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The scope of the access token.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

/// The subject identifier that `client` sees for `user` (OIDC Core 8).
pub fn subject(cx: &Cx, client: &Client, user: UserId) -> Result<String, Fault> {
    match client.metadata.subject_type {
        SubjectType::Public => Ok(user.to_string()),
        SubjectType::Pairwise => {
            let uri = client.metadata.sector_identifier_uri.as_deref();
            // Registration refuses pairwise clients without a sector; should one exist, it is a sector of its own.
            let sector = sector_identifier(&client.metadata.redirect_uris, uri)
                .unwrap_or_else(|_| client.id.to_string());
            let salt = cx.tenant.data_key.derive("pairwise subject")?;
            Ok(pairwise_subject(salt.as_bytes(), &sector, &user.to_string()))
        }
    }
}

/// Makes an access token: for `grant`'s user, or for the client itself where there is none (RFC 6749 4.4).
pub async fn access_token(
    cx: &mut Cx,
    client: &Client,
    sub: &str,
    audience: &Audience,
    grant: Option<&Grant>,
) -> Result<String, Fault> {
    let aud = if audience.identifiers.is_empty() {
        AudienceClaim::One(cx.tenant.issuer.clone())
    } else {
        AudienceClaim::from(audience.identifiers.clone())
    };
    let expires_at = cx.now + audience.ttl;
    let claims = AccessTokenClaims {
        iss: cx.tenant.issuer.clone(),
        sub: sub.to_owned(),
        aud,
        exp: expires_at.as_secs(),
        iat: cx.now.as_secs(),
        nbf: None,
        jti: TokenId::new(cx.now, cx.rng()).to_string(),
        client_id: client.id.to_string(),
        scope: (!audience.scope.is_empty()).then(|| audience.scope.clone()),
        auth_time: grant.map(|grant| grant.auth_time),
        acr: grant.map(|grant| grant.acr.clone()),
        amr: grant.map(|grant| grant.amr.clone()).unwrap_or_default(),
        sid: grant.map(|grant| grant.session_id.to_string()),
        gid: grant.map(|grant| grant.id.to_string()),
        uic: grant.map(userinfo_claims).unwrap_or_default(),
    };
    match audience.format {
        TokenFormat::Jwt => sign(cx, audience.algorithm, TokenType::AccessToken, &claims).await,
        TokenFormat::Opaque => {
            let token = Token::generate(TokenKind::Access, cx.rng());
            let tenant = cx.tenant_id();
            insert_opaque(cx.tx().await?, tenant, token.digest(), claims, expires_at).await?;
            Ok(token.expose().to_owned())
        }
    }
}

/// The claims asked for one by one that userinfo will answer.
fn userinfo_claims(grant: &Grant) -> Vec<String> {
    match &grant.claims {
        Some(claims) if grant.scope.contains("openid") => claims.userinfo.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// What an ID token is bound to, beside the grant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bound<'a> {
    /// The access token issued with it (`at_hash`).
    pub access_token: Option<&'a str>,
    /// The code it was redeemed with (`c_hash`).
    pub code: Option<&'a str>,
    /// The request's nonce.
    pub nonce: Option<&'a str>,
}

/// Makes an ID token for `grant`.
pub async fn id_token(
    cx: &mut Cx,
    client: &Client,
    user: &User,
    grant: &Grant,
    bound: Bound<'_>,
) -> Result<String, Fault> {
    let algorithm = client.metadata.id_token_signed_response_alg;
    let sub = subject(cx, client, user.id)?;
    let client_id = client.id.to_string();
    let exp = (cx.now + cx.app.config.tokens.id_ttl).as_secs();
    let mut token = IdTokenClaims::new(cx.tenant.issuer.as_str(), sub, &client_id, cx.now.as_secs(), exp)
        .bind(algorithm, bound.access_token, bound.code);
    token.nonce = bound.nonce.map(str::to_owned);
    token.auth_time = Some(grant.auth_time);
    token.acr = Some(grant.acr.clone());
    token.amr.clone_from(&grant.amr);
    token.sid = Some(grant.session_id.to_string());
    let asked = grant.claims.as_ref().map(|claims| &claims.id_token);
    for (name, value) in claims::of_user(user, &grant.scope, asked) {
        token.insert(&name, value);
    }
    sign(cx, algorithm, TokenType::Jwt, &token).await
}

/// Signs claims with the tenant's active key of `algorithm`; makes the key at its first use.
pub async fn sign<C: Serialize>(
    cx: &Cx,
    algorithm: Algorithm,
    typ: TokenType,
    claims: &C,
) -> Result<String, Fault> {
    let ring = keys::ring_with(&cx.app, &cx.tenant, algorithm).await?;
    let signer = ring.signer(algorithm).ok_or(Fault::NoSigningKey)?;
    Ok(signer.sign(typ, claims)?)
}

async fn insert_opaque(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    claims: AccessTokenClaims,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO opaque_tokens (tenant_id, digest, claims, expires_at) VALUES ($1, $2, $3, $4)",
        tenant,
        digest,
        Json(claims),
        expires_at
    )?;
    Ok(())
}

/// The claims behind an opaque token that has not expired.
pub(super) async fn find_opaque(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<AccessTokenClaims>, DbError> {
    let row = q!(
        tx,
        fetch_optional<(Json<AccessTokenClaims>,)>,
        "SELECT claims FROM opaque_tokens WHERE tenant_id = $1 AND digest = $2 AND expires_at > $3",
        tenant,
        digest,
        now
    )?;
    Ok(row.map(|(claims,)| claims.0))
}
