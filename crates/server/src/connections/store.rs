use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_proto::upstream::ProviderMetadata;
use authflow_types::{ConnectionId, Digest, SessionId, SignInId, TenantId, Timestamp};

use super::model::{Connection, ConnectionSettings};

#[derive(sqlx::FromRow)]
struct Row {
    id: ConnectionId,
    slug: String,
    preset: String,
    name: String,
    enabled: bool,
    position: i64,
    settings: Json<ConnectionSettings>,
    secret_sealed: Option<Vec<u8>>,
    metadata: Option<Json<ProviderMetadata>>,
    metadata_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// `None` for a preset that this version does not know: a later one wrote it.
fn to_connection(row: Row) -> Option<Connection> {
    Some(Connection {
        preset: row.preset.parse().ok()?,
        id: row.id,
        slug: row.slug,
        name: row.name,
        enabled: row.enabled,
        position: row.position,
        settings: row.settings.0,
        secret_sealed: row.secret_sealed,
        metadata: row.metadata_at.zip(row.metadata.map(|metadata| metadata.0)),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT c.id, c.slug, c.preset, c.name, c.enabled, c.position, c.settings, c.secret_sealed, c.metadata, ",
            "c.metadata_at, c.created_at, c.updated_at FROM connections c ",
            $tail
        )
    };
}

pub(super) async fn find(tx: &mut Tx, tenant: TenantId, slug: &str) -> Result<Option<Connection>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        select!("WHERE c.tenant_id = $1 AND c.slug = $2"),
        tenant,
        slug
    )?;
    Ok(row.and_then(to_connection))
}

pub(super) async fn find_by_id(
    tx: &mut Tx,
    tenant: TenantId,
    id: ConnectionId,
) -> Result<Option<Connection>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        select!("WHERE c.tenant_id = $1 AND c.id = $2"),
        tenant,
        id
    )?;
    Ok(row.and_then(to_connection))
}

/// The enabled connection that `value` leads to.
pub(super) async fn find_by_route(
    tx: &mut Tx,
    tenant: TenantId,
    kind: &str,
    value: &str,
) -> Result<Option<Connection>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        select!(
            "JOIN connection_routes r ON r.tenant_id = c.tenant_id AND r.connection_id = c.id \
             WHERE r.tenant_id = $1 AND r.kind = $2 AND r.value = $3 AND c.enabled"
        ),
        tenant,
        kind,
        value
    )?;
    Ok(row.and_then(to_connection))
}

pub(super) async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    after: Option<ConnectionId>,
    limit: i64,
) -> Result<Vec<Connection>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        select!("WHERE c.tenant_id = $1 AND ($2 IS NULL OR c.id > $2) ORDER BY c.id LIMIT $3"),
        tenant,
        after,
        limit
    )?;
    Ok(rows.into_iter().filter_map(to_connection).collect())
}

/// The enabled connections in the order of their buttons.
pub(super) async fn list_enabled(
    tx: &mut Tx,
    tenant: TenantId,
    limit: i64,
) -> Result<Vec<Connection>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        select!("WHERE c.tenant_id = $1 AND c.enabled ORDER BY c.position, c.id LIMIT $2"),
        tenant,
        limit
    )?;
    Ok(rows.into_iter().filter_map(to_connection).collect())
}

pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, connection: &Connection) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO connections (tenant_id, id, slug, preset, name, enabled, position, settings, secret_sealed, \
         metadata, metadata_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        tenant,
        connection.id,
        &connection.slug,
        connection.preset.as_str(),
        &connection.name,
        connection.enabled,
        connection.position,
        Json(&connection.settings),
        &connection.secret_sealed,
        connection
            .metadata
            .as_ref()
            .map(|(_, metadata)| Json(metadata.clone())),
        connection.metadata.as_ref().map(|(at, _)| *at),
        connection.created_at
    )?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, tenant: TenantId, connection: &Connection) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE connections SET name = $3, enabled = $4, position = $5, settings = $6, secret_sealed = $7, \
         metadata = $8, metadata_at = $9, updated_at = $10 WHERE tenant_id = $1 AND id = $2",
        tenant,
        connection.id,
        &connection.name,
        connection.enabled,
        connection.position,
        Json(&connection.settings),
        &connection.secret_sealed,
        connection
            .metadata
            .as_ref()
            .map(|(_, metadata)| Json(metadata.clone())),
        connection.metadata.as_ref().map(|(at, _)| *at),
        connection.updated_at
    )?;
    Ok(updated == 1)
}

/// Keeps what discovery said, unless the connection was changed since it was read.
pub(super) async fn put_metadata(
    tx: &mut Tx,
    tenant: TenantId,
    connection: &Connection,
    metadata: &ProviderMetadata,
    now: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "UPDATE connections SET metadata = $3, metadata_at = $4 WHERE tenant_id = $1 AND id = $2 AND updated_at = $5",
        tenant,
        connection.id,
        Json(metadata),
        now,
        connection.updated_at
    )?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, tenant: TenantId, id: ConnectionId) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM connections WHERE tenant_id = $1 AND id = $2",
        tenant,
        id
    )?;
    Ok(deleted == 1)
}

pub(super) async fn clear_routes(tx: &mut Tx, tenant: TenantId, id: ConnectionId) -> Result<(), DbError> {
    exec!(
        tx,
        "DELETE FROM connection_routes WHERE tenant_id = $1 AND connection_id = $2",
        tenant,
        id
    )?;
    Ok(())
}

/// Leads `value` to the connection; `false` if it leads to another.
pub(super) async fn insert_route(
    tx: &mut Tx,
    tenant: TenantId,
    id: ConnectionId,
    kind: &str,
    value: &str,
) -> Result<bool, DbError> {
    let inserted = exec!(
        tx,
        "INSERT INTO connection_routes (tenant_id, kind, value, connection_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
        tenant,
        kind,
        value,
        id
    )?;
    Ok(inserted == 1)
}

/// A request to a provider, as kept.
#[derive(sqlx::FromRow)]
pub(super) struct RequestRow {
    pub(super) connection_id: ConnectionId,
    pub(super) sign_in_id: Option<SignInId>,
    pub(super) session_id: Option<SessionId>,
    pub(super) secrets_sealed: Vec<u8>,
    pub(super) posted_sealed: Option<Vec<u8>>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) used_at: Option<Timestamp>,
}

pub(super) async fn insert_request(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    request: &RequestRow,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO upstream_requests (tenant_id, digest, connection_id, sign_in_id, session_id, secrets_sealed, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        digest,
        request.connection_id,
        request.sign_in_id,
        request.session_id,
        &request.secrets_sealed,
        request.created_at,
        request.expires_at
    )?;
    Ok(())
}

pub(super) async fn find_request(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
) -> Result<Option<RequestRow>, DbError> {
    q!(
        tx,
        fetch_optional<RequestRow>,
        "SELECT connection_id, sign_in_id, session_id, secrets_sealed, posted_sealed, created_at, expires_at, used_at \
         FROM upstream_requests WHERE tenant_id = $1 AND digest = $2",
        tenant,
        digest
    )
}

/// Keeps an answer that came as a form until the browser comes with its cookies; `false` if there is one already.
pub(super) async fn put_posted(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE upstream_requests SET posted_sealed = $3 WHERE tenant_id = $1 AND digest = $2 \
         AND posted_sealed IS NULL AND used_at IS NULL AND expires_at > $4",
        tenant,
        digest,
        sealed,
        now
    )?;
    Ok(updated == 1)
}

/// Takes the one answer that a request is good for; `false` if it was taken, or too old.
pub(super) async fn consume_request(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE upstream_requests SET used_at = $3 WHERE tenant_id = $1 AND digest = $2 AND used_at IS NULL \
         AND expires_at > $3",
        tenant,
        digest,
        now
    )?;
    Ok(updated == 1)
}
