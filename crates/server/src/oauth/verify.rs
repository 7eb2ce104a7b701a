//! Verifies access tokens presented to the provider itself: at userinfo and introspection.

use std::sync::Arc;

use authflow_proto::access_token::AccessTokenClaims;
use authflow_types::{ClientId, Digest, GrantId, SessionId, TokenId, TokenKind, UserId};

use super::revocation::{self, Anchors};
use super::{refresh, tokens};
use crate::{Cx, Fault, clients, identities, keys, sessions};

/// A live access token of this tenant.
#[derive(Debug)]
pub struct VerifiedToken {
    /// What it says.
    pub claims: AccessTokenClaims,
    /// Its id.
    pub token_id: TokenId,
    /// The client it was issued to.
    pub client_id: ClientId,
    /// The user it speaks for; none for client credentials.
    pub user_id: Option<UserId>,
    /// The grant it was issued under.
    pub grant_id: Option<GrantId>,
}

/// The token's claims if it is one of this tenant's, not expired, not revoked, of an active client and user.
///
/// Remembered by the tenant's revocation epoch: a revocation anywhere makes it verify again.
pub async fn access_token(cx: &Cx, presented: &str) -> Result<Option<Arc<VerifiedToken>>, Fault> {
    let tenant = cx.tenant_id();
    let epoch = cx.app.caches.epoch(tenant);
    let key = (tenant, epoch, Digest::of(presented.as_bytes()));
    let verified = if let Some(verified) = cx.app.caches.verified.get(&key) {
        verified
    } else {
        let Some(verified) = verify(cx, presented, key.2).await? else {
            return Ok(None);
        };
        let verified = Arc::new(verified);
        cx.app.caches.verified.insert(key, verified.clone());
        verified
    };
    Ok((cx.now.as_secs() < verified.claims.exp).then_some(verified))
}

async fn verify(cx: &Cx, presented: &str, digest: Digest) -> Result<Option<VerifiedToken>, Fault> {
    let claims = if presented.starts_with(TokenKind::Access.prefix()) {
        if authflow_types::Token::parse(TokenKind::Access, presented).is_err() {
            return Ok(None);
        }
        let mut tx = cx.read().await?;
        tokens::find_opaque(&mut tx, cx.tenant_id(), digest, cx.now).await?
    } else {
        let ring = keys::ring(&cx.app, &cx.tenant).await?;
        ring.verifying
            .verify(presented)
            .ok()
            .and_then(|token| AccessTokenClaims::check(token, &cx.tenant.issuer, cx.now.as_secs()).ok())
    };
    let Some(claims) = claims else { return Ok(None) };
    let (Ok(token_id), Ok(client_id)) = (claims.jti.parse(), claims.client_id.parse()) else {
        return Ok(None);
    };
    let grant_id: Option<GrantId> = claims.gid.as_deref().and_then(|id| id.parse().ok());
    let session_id: Option<SessionId> = claims.sid.as_deref().and_then(|id| id.parse().ok());
    let anchors = Anchors {
        token: token_id,
        grant: grant_id,
        session: session_id,
    };
    if revocation::is_revoked(&cx.app, cx.tenant_id(), anchors).await? {
        return Ok(None);
    }
    let client = clients::find(&cx.app, cx.tenant_id(), client_id).await?;
    if !client.is_some_and(|client| client.is_active()) {
        return Ok(None);
    }
    let user_id = match session_id {
        None => None,
        Some(session) => match live_user(cx, &claims.sub, session, grant_id).await? {
            Some(user) => Some(user),
            None => return Ok(None),
        },
    };
    Ok(Some(VerifiedToken {
        claims,
        token_id,
        client_id,
        user_id,
        grant_id,
    }))
}

/// The active user behind a subject: its id, or for a pairwise subject the owner of the session. Offline access outlives
/// the session's row; then the grant knows.
async fn live_user(
    cx: &Cx,
    sub: &str,
    session: SessionId,
    grant: Option<GrantId>,
) -> Result<Option<UserId>, Fault> {
    let user = match sub.parse::<UserId>() {
        Ok(user) => Some(user),
        Err(_) => match (sessions::owner(cx, session).await?, grant) {
            (None, Some(grant)) => refresh::owner(cx, grant).await?,
            (owner, _) => owner,
        },
    };
    let Some(user) = user else { return Ok(None) };
    let user = identities::find_user(&cx.app, cx.tenant_id(), user).await?;
    Ok(user.filter(|user| user.is_active()).map(|user| user.id))
}
