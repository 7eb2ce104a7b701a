//! Authorization codes (RFC 6749 4.1.2): one row found by digest, redeemed once by one conditional statement.
//!
//! ```text
//! issued --redeem (client matches, not expired)--> redeemed --presented again--> grant revoked
//!    \--expires_at--> expired --clean-up--> gone
//! ```

use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_types::{ClientId, Digest, GrantId, TenantId, Timestamp, Token, TokenKind};

use super::grant::CodePayload;
use crate::{Cx, Fault};

/// What a presented code turned out to be.
#[derive(Debug)]
pub(super) enum Redemption {
    /// It was good and is now spent, whatever follows.
    Redeemed(Box<CodePayload>),
    /// It was redeemed before: everything that it gave must end (RFC 6749 4.1.2).
    Replayed(GrantId),
    /// It expired, is unknown, or belongs to another client.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct Redeemed {
    payload: Json<CodePayload>,
}

#[derive(sqlx::FromRow)]
struct Seen {
    grant_id: GrantId,
    client_id: ClientId,
    redeemed_at: Option<Timestamp>,
}

/// Issues a code to `client`; committed with the caller's transaction.
pub(super) async fn issue(cx: &mut Cx, client: ClientId, payload: &CodePayload) -> Result<Token, Fault> {
    let code = Token::generate(TokenKind::Code, cx.rng());
    let expires_at = cx.now + cx.app.config.tokens.code_ttl;
    let tenant = cx.tenant_id();
    insert(cx.tx().await?, tenant, client, code.digest(), payload, expires_at).await?;
    Ok(code)
}

/// Redeems a code for `client`. The caller checks redirect URI and verifier afterwards and commits either way: a code
/// is spent by its first presentation.
pub(super) async fn redeem(cx: &mut Cx, client: ClientId, code: Digest) -> Result<Redemption, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let row = q!(
        cx.tx().await?,
        fetch_optional<Redeemed>,
        "UPDATE codes SET redeemed_at = $4 WHERE tenant_id = $1 AND digest = $2 AND client_id = $3 \
         AND redeemed_at IS NULL AND expires_at > $4 RETURNING payload",
        tenant,
        code,
        client,
        now
    )?;
    if let Some(row) = row {
        return Ok(Redemption::Redeemed(Box::new(row.payload.0)));
    }
    let seen = q!(
        cx.tx().await?,
        fetch_optional<Seen>,
        "SELECT grant_id, client_id, redeemed_at FROM codes WHERE tenant_id = $1 AND digest = $2",
        tenant,
        code
    )?;
    Ok(match seen {
        Some(seen) if seen.redeemed_at.is_some() && seen.client_id == client => {
            Redemption::Replayed(seen.grant_id)
        }
        _ => Redemption::Unknown,
    })
}

async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    digest: Digest,
    payload: &CodePayload,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO codes (tenant_id, digest, grant_id, client_id, user_id, session_id, payload, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        digest,
        payload.grant.id,
        client,
        payload.grant.user_id,
        payload.grant.session_id,
        Json(payload),
        expires_at
    )?;
    Ok(())
}
