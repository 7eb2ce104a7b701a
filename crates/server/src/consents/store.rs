use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_proto::scope::ScopeSet;
use authflow_types::{ClientId, TenantId, Timestamp, UserId};
use serde_json::json;

use super::ops::Consent;

#[derive(sqlx::FromRow)]
struct Row {
    client_id: ClientId,
    scope: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Consent {
    fn from(row: Row) -> Self {
        Self {
            client_id: row.client_id,
            // A scope that no longer parses was never allowed.
            scope: ScopeSet::parse(&row.scope).unwrap_or_default(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

pub(super) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    client: ClientId,
) -> Result<Option<Consent>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        "SELECT client_id, scope, created_at, updated_at FROM consents \
         WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3",
        tenant,
        user,
        client
    )?;
    Ok(row.map(Consent::from))
}

pub(super) async fn list(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<Consent>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        "SELECT client_id, scope, created_at, updated_at FROM consents \
         WHERE tenant_id = $1 AND user_id = $2 ORDER BY updated_at DESC LIMIT 200",
        tenant,
        user
    )?;
    Ok(rows.into_iter().map(Consent::from).collect())
}

pub(super) async fn upsert(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    consent: &Consent,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO consents (tenant_id, user_id, client_id, scope, claims, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, user_id, client_id) \
         DO UPDATE SET scope = excluded.scope, updated_at = excluded.updated_at",
        tenant,
        user,
        consent.client_id,
        consent.scope.to_string(),
        Json(json!({})),
        consent.created_at,
        consent.updated_at
    )?;
    Ok(())
}

pub(super) async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    client: ClientId,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "DELETE FROM consents WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3",
        tenant,
        user,
        client
    )
}

/// Deletes everything that a user allowed; whom.
pub(super) async fn delete_all(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<(ClientId,)>, DbError> {
    q!(
        tx,
        fetch_all<(ClientId,)>,
        "DELETE FROM consents WHERE tenant_id = $1 AND user_id = $2 RETURNING client_id",
        tenant,
        user
    )
}
