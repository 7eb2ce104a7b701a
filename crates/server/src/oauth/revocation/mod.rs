//! Ending what was given: grants with their refresh tokens, sessions' tokens, single tokens.
//!
//! Refresh tokens end in their own row. Access tokens are remembered as revoked until the last of them has expired;
//! introspection and userinfo look there, and the caches of all nodes are told when the change commits.

mod store;

use authflow_types::{ClientId, GrantId, SessionId, TenantId, TokenId, UserId};
use serde_json::json;

use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{App, Cx, Fault};

/// What an access token hangs on; if any of it was revoked, so is the token.
#[derive(Debug, Clone, Copy)]
pub struct Anchors {
    /// The token itself.
    pub token: TokenId,
    /// The grant it was issued under.
    pub grant: Option<GrantId>,
    /// The session it was issued in.
    pub session: Option<SessionId>,
}

/// Whether any of `anchors` was revoked. Reads the database: remember the answer by epoch.
pub async fn is_revoked(app: &App, tenant: TenantId, anchors: Anchors) -> Result<bool, Fault> {
    let mut tx = app.db.read(tenant).await?;
    let none = anchors.token.as_uuid();
    let grant = anchors.grant.map_or(none, GrantId::as_uuid);
    let session = anchors.session.map_or(none, SessionId::as_uuid);
    Ok(store::any(&mut tx, tenant, [none, grant, session]).await?)
}

/// Ends one access token. Emits nothing: the client asked for it (RFC 7009).
pub async fn revoke_token(cx: &mut Cx, token: TokenId) -> Result<(), Fault> {
    mark(cx, "token", token.as_uuid()).await
}

/// Ends a grant: its refresh token family and every access token issued under it. Emits `grant.revoked`.
pub async fn revoke_grant(cx: &mut Cx, grant: GrantId, reason: &'static str) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    store::end_grant(cx.tx().await?, tenant, grant, now, reason).await?;
    mark(cx, "grant", grant.as_uuid()).await?;
    events::append(
        cx,
        Event::new("grant.revoked")
            .subject(grant)
            .payload(json!({ "reason": reason })),
    )
    .await
}

/// Ends everything that was issued in a session.
pub async fn revoke_session(cx: &mut Cx, session: SessionId, reason: &'static str) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    store::expire_codes_of_session(cx.tx().await?, tenant, session, now).await?;
    store::end_grants_of_session(cx.tx().await?, tenant, session, now, reason).await?;
    mark(cx, "session", session.as_uuid()).await
}

/// Ends everything that was issued to a user, in all sessions or in all but one.
pub async fn revoke_user(
    cx: &mut Cx,
    user: UserId,
    except: Option<SessionId>,
    reason: &'static str,
) -> Result<(), Fault> {
    let (tenant, now, expires_at) = (cx.tenant_id(), cx.now, tokens_expire_at(cx));
    store::expire_codes_of_user(cx.tx().await?, tenant, user, except, now).await?;
    store::end_grants_of_user(cx.tx().await?, tenant, user, except, now, reason).await?;
    store::mark_sessions_of_user(cx.tx().await?, tenant, user, except, (now, expires_at)).await?;
    store::mark_grants_of_user(cx.tx().await?, tenant, user, except, (now, expires_at)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// Ends everything that a user gave to a client, when consent is withdrawn.
pub async fn revoke_user_client(
    cx: &mut Cx,
    user: UserId,
    client: ClientId,
    reason: &'static str,
) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let grants = store::grants_between(cx.tx().await?, tenant, user, client).await?;
    for grant in grants {
        store::end_grant(cx.tx().await?, tenant, grant, now, reason).await?;
        mark(cx, "grant", grant.as_uuid()).await?;
    }
    let expires_at = tokens_expire_at(cx);
    store::mark_codes_between(cx.tx().await?, tenant, (user, client), (now, expires_at)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// Ends everything that was issued to a client: refresh token families, codes, and access tokens, which would live again
/// with its status otherwise.
pub async fn revoke_client(cx: &mut Cx, client: ClientId, reason: &'static str) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let expires_at = tokens_expire_at(cx);
    store::expire_codes_of_client(cx.tx().await?, tenant, client, now).await?;
    store::end_grants_of_client(cx.tx().await?, tenant, client, now, reason).await?;
    store::mark_grants_of_client(cx.tx().await?, tenant, client, (now, expires_at)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

async fn mark(cx: &mut Cx, kind: &'static str, subject: uuid::Uuid) -> Result<(), Fault> {
    let (tenant, now, expires_at) = (cx.tenant_id(), cx.now, tokens_expire_at(cx));
    store::mark(cx.tx().await?, tenant, kind, subject, (now, expires_at)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// When the last access token that exists now has expired.
fn tokens_expire_at(cx: &Cx) -> authflow_types::Timestamp {
    cx.now + super::tokens::MAX_ACCESS_TTL
}
