use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{ApiResourceId, ScopeId, TenantId, Timestamp};

use super::model::{ApiResource, Scope, TokenFormat};
use authflow_proto::jose::Algorithm;

#[derive(sqlx::FromRow)]
struct ResourceRow {
    id: ApiResourceId,
    identifier: String,
    name: String,
    token_format: String,
    signing_algorithm: String,
    access_token_ttl_s: Option<i64>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ScopeRow {
    id: ScopeId,
    resource_id: Option<ApiResourceId>,
    name: String,
    description: String,
    created_at: Timestamp,
}

pub(super) async fn resources(tx: &mut Tx, tenant: TenantId) -> Result<Vec<ApiResource>, DbError> {
    let rows = q!(
        tx,
        fetch_all<ResourceRow>,
        "SELECT id, identifier, name, token_format, signing_algorithm, access_token_ttl_s, created_at, updated_at \
         FROM api_resources WHERE tenant_id = $1 ORDER BY id",
        tenant
    )?;
    Ok(rows
        .into_iter()
        .map(|row| ApiResource {
            id: row.id,
            identifier: row.identifier,
            name: row.name,
            token_format: TokenFormat::from_stored(&row.token_format),
            // Whatever cannot sign would end every token of the tenant.
            signing_algorithm: row
                .signing_algorithm
                .parse()
                .ok()
                .filter(|algorithm: &Algorithm| algorithm.is_asymmetric())
                .unwrap_or(Algorithm::ES256),
            access_token_ttl_s: row.access_token_ttl_s,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

pub(super) async fn scopes(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Scope>, DbError> {
    let rows = q!(
        tx,
        fetch_all<ScopeRow>,
        "SELECT id, resource_id, name, description, created_at FROM scopes WHERE tenant_id = $1 ORDER BY name",
        tenant
    )?;
    Ok(rows
        .into_iter()
        .map(|row| Scope {
            id: row.id,
            resource_id: row.resource_id,
            name: row.name,
            description: row.description,
            created_at: row.created_at,
        })
        .collect())
}

pub(super) async fn insert_resource(tx: &mut Tx, tenant: TenantId, row: &ApiResource) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO api_resources (tenant_id, id, identifier, name, token_format, signing_algorithm, \
         access_token_ttl_s, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant,
        row.id,
        &row.identifier,
        &row.name,
        row.token_format.as_str(),
        row.signing_algorithm.as_str(),
        row.access_token_ttl_s,
        row.created_at,
        row.updated_at
    )?;
    Ok(())
}

pub(super) async fn insert_scope(tx: &mut Tx, tenant: TenantId, scope: &Scope) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO scopes (tenant_id, id, resource_id, name, description, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        tenant,
        scope.id,
        scope.resource_id,
        &scope.name,
        &scope.description,
        scope.created_at
    )?;
    Ok(())
}
