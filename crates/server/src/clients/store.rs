use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_proto::registration::ClientMetadata;
use authflow_types::{ClientId, Digest, InitialAccessTokenId, SecretId, TenantId, Timestamp};

use super::model::{Client, ClientPolicy, ClientSecret, ClientStatus};

#[derive(sqlx::FromRow)]
struct Row {
    id: ClientId,
    status: String,
    name: String,
    metadata: Json<ClientMetadata>,
    policy: Json<ClientPolicy>,
    registration_digest: Option<Digest>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: SecretId,
    client_id: ClientId,
    digest: Digest,
    sealed: Option<Vec<u8>>,
    expires_at: Option<Timestamp>,
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, status, name, metadata, policy, registration_digest, created_at, updated_at FROM clients ",
            $tail
        )
    };
}

pub(super) async fn find(tx: &mut Tx, tenant: TenantId, id: ClientId) -> Result<Option<Client>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        select!("WHERE tenant_id = $1 AND id = $2"),
        tenant,
        id
    )?;
    let Some(row) = row else { return Ok(None) };
    let secrets = q!(
        tx,
        fetch_all<SecretRow>,
        "SELECT id, client_id, digest, sealed, expires_at FROM client_secrets \
         WHERE tenant_id = $1 AND client_id = $2 ORDER BY id",
        tenant,
        id
    )?;
    Ok(Some(assemble(row, secrets)))
}

pub(super) async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    after: Option<ClientId>,
    limit: i64,
) -> Result<Vec<Client>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        select!("WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3"),
        tenant,
        after,
        limit
    )?;
    Ok(rows.into_iter().map(|row| assemble(row, Vec::new())).collect())
}

fn assemble(row: Row, secrets: Vec<SecretRow>) -> Client {
    Client {
        id: row.id,
        status: ClientStatus::from_stored(&row.status),
        name: row.name,
        metadata: row.metadata.0,
        policy: row.policy.0,
        secrets: secrets
            .into_iter()
            .filter(|secret| secret.client_id == row.id)
            .map(|s| ClientSecret {
                id: s.id,
                digest: s.digest,
                sealed: s.sealed,
                expires_at: s.expires_at,
            })
            .collect(),
        registration_digest: row.registration_digest,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, client: &Client) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO clients (tenant_id, id, status, name, metadata, policy, registration_digest, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant,
        client.id,
        client.status.as_str(),
        &client.name,
        Json(&client.metadata),
        Json(&client.policy),
        client.registration_digest,
        client.created_at,
        client.updated_at
    )?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, tenant: TenantId, client: &Client) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE clients SET status = $3, name = $4, metadata = $5, policy = $6, registration_digest = $7, \
         updated_at = $8 WHERE tenant_id = $1 AND id = $2",
        tenant,
        client.id,
        client.status.as_str(),
        &client.name,
        Json(&client.metadata),
        Json(&client.policy),
        client.registration_digest,
        client.updated_at
    )
}

pub(super) async fn delete(tx: &mut Tx, tenant: TenantId, id: ClientId) -> Result<u64, DbError> {
    exec!(
        tx,
        "DELETE FROM clients WHERE tenant_id = $1 AND id = $2",
        tenant,
        id
    )
}

pub(super) async fn insert_secret(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    secret: &ClientSecret,
    now: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO client_secrets (tenant_id, id, client_id, digest, sealed, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        secret.id,
        client,
        secret.digest,
        &secret.sealed,
        now,
        secret.expires_at
    )?;
    Ok(())
}

/// Lets every other secret of the client end at `end`, unless it ends sooner.
pub(super) async fn expire_other_secrets(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    keep: SecretId,
    end: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE client_secrets SET expires_at = $4 \
         WHERE tenant_id = $1 AND client_id = $2 AND id <> $3 AND (expires_at IS NULL OR expires_at > $4)",
        tenant,
        client,
        keep,
        end
    )
}

pub(super) async fn replace_origins(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    origins: &[String],
) -> Result<(), DbError> {
    exec!(
        tx,
        "DELETE FROM client_origins WHERE tenant_id = $1 AND client_id = $2",
        tenant,
        client
    )?;
    for origin in origins {
        exec!(
            tx,
            "INSERT INTO client_origins (tenant_id, origin, client_id) VALUES ($1, $2, $3)",
            tenant,
            origin,
            client
        )?;
    }
    Ok(())
}

pub(super) async fn has_origin(tx: &mut Tx, tenant: TenantId, origin: &str) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_optional<(i64,)>,
        "SELECT CAST(1 AS BIGINT) FROM client_origins WHERE tenant_id = $1 AND origin = $2 LIMIT 1",
        tenant,
        origin
    )?;
    Ok(found.is_some())
}

pub(super) async fn insert_initial_access_token(
    tx: &mut Tx,
    tenant: TenantId,
    token: (InitialAccessTokenId, Digest),
    uses: i64,
    times: (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO initial_access_tokens (tenant_id, id, digest, uses_left, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        tenant,
        token.0,
        token.1,
        uses,
        times.0,
        times.1
    )?;
    Ok(())
}

pub(super) async fn has_initial_access_token(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_optional<(i64,)>,
        "SELECT uses_left FROM initial_access_tokens \
         WHERE tenant_id = $1 AND digest = $2 AND uses_left > 0 AND expires_at > $3",
        tenant,
        digest,
        now
    )?;
    Ok(found.is_some())
}

pub(super) async fn consume_initial_access_token(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let taken = exec!(
        tx,
        "UPDATE initial_access_tokens SET uses_left = uses_left - 1 \
         WHERE tenant_id = $1 AND digest = $2 AND uses_left > 0 AND expires_at > $3",
        tenant,
        digest,
        now
    )?;
    Ok(taken == 1)
}
