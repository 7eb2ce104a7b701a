use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_types::{ClientId, Digest, GrantId, TenantId, Timestamp, UserId};

use crate::oauth::grant::Grant;

pub(super) struct NewFamily {
    pub(super) client: ClientId,
    pub(super) locator: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) created_at: Timestamp,
    pub(super) idle_expires_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
pub(super) struct Family {
    pub(super) client_id: ClientId,
    pub(super) payload: Json<Grant>,
    pub(super) current_digest: Digest,
    pub(super) previous_digest: Option<Digest>,
    pub(super) successor_sealed: Option<Vec<u8>>,
    pub(super) rotated_at: Option<Timestamp>,
    pub(super) created_at: Timestamp,
    pub(super) idle_expires_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
}

/// Which family is meant, and by whom and when it is used.
pub(super) struct Key<'a> {
    pub(super) tenant: TenantId,
    pub(super) locator: &'a [u8; 16],
    pub(super) client: ClientId,
    pub(super) now: Timestamp,
}

pub(super) struct Rotation {
    pub(super) from: Digest,
    pub(super) to: Digest,
    pub(super) sealed: Vec<u8>,
    pub(super) idle_expires_at: Timestamp,
}

pub(super) async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    grant: &Grant,
    new: NewFamily,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, payload, locator, generation, \
         current_digest, created_at, idle_expires_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11)",
        tenant,
        grant.id,
        new.client,
        grant.user_id,
        grant.session_id,
        Json(grant),
        new.locator,
        new.digest,
        new.created_at,
        new.idle_expires_at,
        new.expires_at
    )?;
    Ok(())
}

pub(super) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    locator: &[u8; 16],
) -> Result<Option<Family>, DbError> {
    q!(
        tx,
        fetch_optional<Family>,
        "SELECT client_id, payload, current_digest, previous_digest, successor_sealed, rotated_at, created_at, \
         idle_expires_at, expires_at, revoked_at FROM grants WHERE tenant_id = $1 AND locator = $2",
        tenant,
        locator.to_vec()
    )
}

pub(super) async fn owner(tx: &mut Tx, tenant: TenantId, grant: GrantId) -> Result<Option<UserId>, DbError> {
    let sql = "SELECT user_id FROM grants WHERE tenant_id = $1 AND id = $2";
    let row = q!(tx, fetch_optional<(UserId,)>, sql, tenant, grant)?;
    Ok(row.map(|(user,)| user))
}

/// Makes `to` the current token if `from` is; one statement, so that of two at once only one succeeds.
pub(super) async fn rotate(tx: &mut Tx, key: &Key<'_>, change: Rotation) -> Result<Option<Grant>, DbError> {
    let row = q!(
        tx,
        fetch_optional<(Json<Grant>,)>,
        "UPDATE grants SET previous_digest = current_digest, current_digest = $5, successor_sealed = $6, \
         rotated_at = $7, generation = generation + 1, idle_expires_at = $8 \
         WHERE tenant_id = $1 AND locator = $2 AND client_id = $3 AND current_digest = $4 \
         AND revoked_at IS NULL AND idle_expires_at > $7 AND expires_at > $7 RETURNING payload",
        key.tenant,
        key.locator.to_vec(),
        key.client,
        change.from,
        change.to,
        change.sealed,
        key.now,
        change.idle_expires_at
    )?;
    Ok(row.map(|(grant,)| grant.0))
}

/// Moves the idle end of a family whose token does not rotate.
pub(super) async fn extend(
    tx: &mut Tx,
    key: &Key<'_>,
    current: Digest,
    idle_expires_at: Timestamp,
) -> Result<Option<Grant>, DbError> {
    let row = q!(
        tx,
        fetch_optional<(Json<Grant>,)>,
        "UPDATE grants SET idle_expires_at = $6 WHERE tenant_id = $1 AND locator = $2 AND client_id = $3 \
         AND current_digest = $4 AND revoked_at IS NULL AND idle_expires_at > $5 AND expires_at > $5 RETURNING payload",
        key.tenant,
        key.locator.to_vec(),
        key.client,
        current,
        key.now,
        idle_expires_at
    )?;
    Ok(row.map(|(grant,)| grant.0))
}
