use authflow_db::{Db, DbError, Json, SystemScope, Tx, exec, q};
use authflow_types::{SigningKeyId, TenantId, Timestamp};
use serde_json::Value;

#[derive(sqlx::FromRow, Clone)]
pub(super) struct Row {
    pub(super) id: SigningKeyId,
    pub(super) algorithm: String,
    pub(super) state: String,
    pub(super) public_jwk: Json<Value>,
    pub(super) private_sealed: Vec<u8>,
    pub(super) created_at: Timestamp,
    pub(super) activated_at: Option<Timestamp>,
    pub(super) retired_at: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
}

pub(super) async fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Row>, DbError> {
    q!(
        tx,
        fetch_all<Row>,
        "SELECT id, algorithm, state, public_jwk, private_sealed, created_at, activated_at, retired_at, expires_at \
         FROM signing_keys WHERE tenant_id = $1 ORDER BY id",
        tenant
    )
}

/// False if another process made the tenant's key of this algorithm and state first.
pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, row: &Row) -> Result<bool, DbError> {
    let inserted = exec!(
        tx,
        "INSERT INTO signing_keys (tenant_id, id, algorithm, state, public_jwk, private_sealed, created_at, \
         activated_at, retired_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT DO NOTHING",
        tenant,
        row.id,
        &row.algorithm,
        &row.state,
        &row.public_jwk,
        &row.private_sealed,
        row.created_at,
        row.activated_at,
        row.retired_at,
        row.expires_at
    )?;
    Ok(inserted == 1)
}

pub(super) async fn retire_active(
    tx: &mut Tx,
    tenant: TenantId,
    algorithm: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE signing_keys SET state = 'retired', retired_at = $3, expires_at = $4 \
         WHERE tenant_id = $1 AND algorithm = $2 AND state = 'active'",
        tenant,
        algorithm,
        now,
        expires_at
    )
}

pub(super) async fn activate_next(
    tx: &mut Tx,
    tenant: TenantId,
    algorithm: &str,
    now: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE signing_keys SET state = 'active', activated_at = $3 \
         WHERE tenant_id = $1 AND algorithm = $2 AND state = 'next'",
        tenant,
        algorithm,
        now
    )
}

/// Tenants and algorithms whose active key is older than `before` and which need the given step.
pub(super) async fn due(
    db: &Db,
    before: Timestamp,
    with_next: bool,
    limit: i64,
) -> Result<Vec<(TenantId, String)>, DbError> {
    let mut tx = db
        .read_system(SystemScope::new(
            "key rotation finds the tenants whose keys are due",
        ))
        .await?;
    q!(
        &mut tx,
        fetch_all<(TenantId, String)>,
        "SELECT a.tenant_id, a.algorithm FROM signing_keys a WHERE a.state = 'active' AND a.activated_at <= $1 \
         AND EXISTS (SELECT 1 FROM signing_keys n WHERE n.tenant_id = a.tenant_id AND n.algorithm = a.algorithm \
         AND n.state = 'next') = $2 ORDER BY a.activated_at LIMIT $3",
        before,
        with_next,
        limit
    )
}

pub(super) async fn delete_expired(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    let mut tx = db
        .begin_system(SystemScope::new(
            "retired signing keys are deleted for all tenants",
        ))
        .await?;
    let count = exec!(
        &mut tx,
        "DELETE FROM signing_keys WHERE state = 'retired' AND expires_at <= $1",
        now
    )?;
    tx.commit().await?;
    Ok(count)
}
