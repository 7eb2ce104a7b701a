use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{TenantId, Timestamp, UserId};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) user_id: UserId,
    pub(super) in_tenant_id: TenantId,
    pub(super) role: String,
    pub(super) created_at: Timestamp,
}

/// `false` if the user has the role there already.
pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, row: &Row) -> Result<bool, DbError> {
    let inserted = exec!(
        tx,
        "INSERT INTO role_assignments (tenant_id, user_id, in_tenant_id, role, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        tenant,
        row.user_id,
        row.in_tenant_id,
        &row.role,
        row.created_at
    )?;
    Ok(inserted == 1)
}

pub(super) async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    in_tenant: TenantId,
    role: &str,
) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM role_assignments WHERE tenant_id = $1 AND user_id = $2 AND in_tenant_id = $3 AND role = $4",
        tenant,
        user,
        in_tenant,
        role
    )?;
    Ok(deleted == 1)
}

pub(super) async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    in_tenant: TenantId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    q!(
        tx,
        fetch_all<Row>,
        "SELECT user_id, in_tenant_id, role, created_at FROM role_assignments \
         WHERE tenant_id = $1 AND in_tenant_id = $2 AND ($3 IS NULL OR user_id > $3) ORDER BY user_id, role LIMIT $4",
        tenant,
        in_tenant,
        after,
        limit
    )
}

pub(super) async fn of_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<Row>, DbError> {
    q!(
        tx,
        fetch_all<Row>,
        "SELECT user_id, in_tenant_id, role, created_at FROM role_assignments \
         WHERE tenant_id = $1 AND user_id = $2 ORDER BY in_tenant_id, role LIMIT 10000",
        tenant,
        user
    )
}
