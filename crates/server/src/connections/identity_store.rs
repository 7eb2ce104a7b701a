use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_proto::upstream::Person;
use authflow_types::{ConnectionId, SignInId, TenantId, Timestamp, UpstreamIdentityId, UserId};

use super::model::{Pending, PendingState, UpstreamIdentity};

#[derive(sqlx::FromRow)]
struct IdentityRow {
    id: UpstreamIdentityId,
    connection_id: ConnectionId,
    user_id: UserId,
    person: Json<Person>,
    linked_at: Timestamp,
    last_used_at: Timestamp,
}

impl From<IdentityRow> for UpstreamIdentity {
    fn from(row: IdentityRow) -> Self {
        Self {
            id: row.id,
            connection_id: row.connection_id,
            user_id: row.user_id,
            person: row.person.0,
            linked_at: row.linked_at,
            last_used_at: row.last_used_at,
        }
    }
}

pub(super) async fn find_identity(
    tx: &mut Tx,
    tenant: TenantId,
    connection: ConnectionId,
    person: &Person,
) -> Result<Option<UpstreamIdentity>, DbError> {
    let row = q!(
        tx,
        fetch_optional<IdentityRow>,
        "SELECT id, connection_id, user_id, person, linked_at, last_used_at FROM upstream_identities \
         WHERE tenant_id = $1 AND connection_id = $2 AND issuer = $3 AND subject = $4",
        tenant,
        connection,
        &person.issuer,
        &person.subject
    )?;
    Ok(row.map(UpstreamIdentity::from))
}

pub(super) async fn identities_of(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<UpstreamIdentity>, DbError> {
    let rows = q!(
        tx,
        fetch_all<IdentityRow>,
        "SELECT id, connection_id, user_id, person, linked_at, last_used_at FROM upstream_identities \
         WHERE tenant_id = $1 AND user_id = $2 ORDER BY linked_at, id LIMIT 100",
        tenant,
        user
    )?;
    Ok(rows.into_iter().map(UpstreamIdentity::from).collect())
}

/// Links an identity to a user; `false` if it is somebody's already.
pub(super) async fn insert_identity(
    tx: &mut Tx,
    tenant: TenantId,
    identity: &UpstreamIdentity,
) -> Result<bool, DbError> {
    let inserted = exec!(
        tx,
        "INSERT INTO upstream_identities (tenant_id, id, connection_id, issuer, subject, user_id, person, linked_at, \
         last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (tenant_id, connection_id, issuer, subject) DO NOTHING",
        tenant,
        identity.id,
        identity.connection_id,
        &identity.person.issuer,
        &identity.person.subject,
        identity.user_id,
        Json(&identity.person),
        identity.linked_at,
        identity.last_used_at
    )?;
    Ok(inserted == 1)
}

pub(super) async fn use_identity(
    tx: &mut Tx,
    tenant: TenantId,
    id: UpstreamIdentityId,
    person: &Person,
    now: Timestamp,
) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE upstream_identities SET person = $3, last_used_at = $4 WHERE tenant_id = $1 AND id = $2",
        tenant,
        id,
        Json(person),
        now
    )?;
    Ok(updated == 1)
}

pub(super) async fn delete_identity(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: UpstreamIdentityId,
) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM upstream_identities WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        tenant,
        user,
        id
    )?;
    Ok(deleted == 1)
}

#[derive(sqlx::FromRow)]
struct PendingRow {
    connection_id: ConnectionId,
    person: Json<Person>,
    state: Json<PendingState>,
}

pub(super) async fn put_pending(
    tx: &mut Tx,
    tenant: TenantId,
    sign_in: SignInId,
    pending: &Pending,
    times: (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO upstream_pending (tenant_id, sign_in_id, connection_id, person, state, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, sign_in_id) DO UPDATE SET \
         connection_id = excluded.connection_id, person = excluded.person, state = excluded.state, \
         created_at = excluded.created_at, expires_at = excluded.expires_at",
        tenant,
        sign_in,
        pending.connection_id,
        Json(&pending.person),
        Json(&pending.state),
        times.0,
        times.1
    )?;
    Ok(())
}

pub(super) async fn find_pending(
    tx: &mut Tx,
    tenant: TenantId,
    sign_in: SignInId,
    now: Timestamp,
) -> Result<Option<Pending>, DbError> {
    let row = q!(
        tx,
        fetch_optional<PendingRow>,
        "SELECT connection_id, person, state FROM upstream_pending \
         WHERE tenant_id = $1 AND sign_in_id = $2 AND expires_at > $3",
        tenant,
        sign_in,
        now
    )?;
    Ok(row.map(|row| Pending {
        connection_id: row.connection_id,
        person: row.person.0,
        state: row.state.0,
    }))
}

/// Takes somebody who waits; of two that try at once, one gets them.
pub(super) async fn take_pending(tx: &mut Tx, tenant: TenantId, sign_in: SignInId) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM upstream_pending WHERE tenant_id = $1 AND sign_in_id = $2",
        tenant,
        sign_in
    )?;
    Ok(deleted == 1)
}
