use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_types::{Digest, SignInId, TenantId, Timestamp};

use super::model::{SignIn, State};

#[derive(sqlx::FromRow)]
struct Row {
    id: SignInId,
    binding_digest: Digest,
    state: Json<State>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, sign_in: &SignIn) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO sign_ins (tenant_id, id, binding_digest, state, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        tenant,
        sign_in.id,
        sign_in.binding,
        Json(&sign_in.state),
        sign_in.created_at,
        sign_in.expires_at
    )?;
    Ok(())
}

/// A sign-in that is neither finished nor expired at `now`.
pub(super) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    id: SignInId,
    now: Timestamp,
) -> Result<Option<SignIn>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        "SELECT id, binding_digest, state, created_at, expires_at FROM sign_ins \
         WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3",
        tenant,
        id,
        now
    )?;
    Ok(row.map(|row| SignIn {
        id: row.id,
        created_at: row.created_at,
        expires_at: row.expires_at,
        binding: row.binding_digest,
        state: row.state.0,
    }))
}

/// Writes the state of a sign-in that is neither finished nor expired; `false` if it is.
pub(super) async fn update(
    tx: &mut Tx,
    tenant: TenantId,
    sign_in: &SignIn,
    now: Timestamp,
) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE sign_ins SET state = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $4",
        tenant,
        sign_in.id,
        Json(&sign_in.state),
        now
    )?;
    Ok(updated == 1)
}

/// Replaces the digest that a sign-in is bound to; `false` if it was bound to another, is finished or expired.
pub(super) async fn rebind(
    tx: &mut Tx,
    tenant: TenantId,
    id: SignInId,
    (old, new): (Digest, Digest),
    now: Timestamp,
) -> Result<bool, DbError> {
    let rebound = exec!(
        tx,
        "UPDATE sign_ins SET binding_digest = $4 WHERE tenant_id = $1 AND id = $2 AND binding_digest = $3 \
         AND ended_at IS NULL AND expires_at > $5",
        tenant,
        id,
        old,
        new,
        now
    )?;
    Ok(rebound == 1)
}

/// Finishes a sign-in; `false` if it was finished or expired before.
pub(super) async fn finish(
    tx: &mut Tx,
    tenant: TenantId,
    id: SignInId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let finished = exec!(
        tx,
        "UPDATE sign_ins SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3",
        tenant,
        id,
        now
    )?;
    Ok(finished == 1)
}
