use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{Digest, TenantId, Timestamp};

/// Keeps the link's digest in place of the one before.
pub(super) async fn put_claim(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO operator_claims (tenant_id, digest, created_at, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id) DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at, \
         expires_at = excluded.expires_at",
        tenant,
        digest,
        now,
        expires_at
    )?;
    Ok(())
}

pub(super) async fn is_open(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_optional<(i64,)>,
        "SELECT CAST(1 AS BIGINT) FROM operator_claims WHERE tenant_id = $1 AND digest = $2 AND expires_at > $3",
        tenant,
        digest,
        now
    )?;
    Ok(found.is_some())
}

/// Uses the link up; `false` if somebody did so first, it was replaced, or its time is over.
pub(super) async fn take_claim(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let taken = exec!(
        tx,
        "DELETE FROM operator_claims WHERE tenant_id = $1 AND digest = $2 AND expires_at > $3",
        tenant,
        digest,
        now
    )?;
    Ok(taken == 1)
}

/// Closes whatever link is open.
pub(super) async fn close_claim(tx: &mut Tx, tenant: TenantId) -> Result<(), DbError> {
    exec!(tx, "DELETE FROM operator_claims WHERE tenant_id = $1", tenant)?;
    Ok(())
}
