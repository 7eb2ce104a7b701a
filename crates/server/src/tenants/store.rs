use authflow_db::{Db, DbError, Json, SystemScope, Tx, exec, q};
use authflow_types::{TenantId, Timestamp};

use super::model::TenantSettings;
use crate::pages::Branding;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: TenantId,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) issuer: String,
    pub(super) custom_domain: Option<String>,
    pub(super) status: String,
    pub(super) settings: Json<TenantSettings>,
    pub(super) branding: Json<Branding>,
    pub(super) data_key: Vec<u8>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

const BY_HOST: SystemScope =
    SystemScope::new("a request's tenant is not known before its address is looked up");
const ADMINISTRATION: SystemScope = SystemScope::new("tenants are administered across tenants");

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, slug, name, issuer, custom_domain, status, settings, branding, data_key, created_at, ",
            "updated_at FROM tenants ",
            $tail
        )
    };
}

pub(super) async fn find_by_slug(db: &Db, slug: &str) -> Result<Option<Row>, DbError> {
    let mut tx = db.read_system(BY_HOST).await?;
    q!(&mut tx, fetch_optional<Row>, select!("WHERE slug = $1"), slug)
}

pub(super) async fn find_by_domain(db: &Db, domain: &str) -> Result<Option<Row>, DbError> {
    let mut tx = db.read_system(BY_HOST).await?;
    q!(
        &mut tx,
        fetch_optional<Row>,
        select!("WHERE custom_domain = $1"),
        domain
    )
}

pub(super) async fn find_by_id(db: &Db, id: TenantId) -> Result<Option<Row>, DbError> {
    let mut tx = db.read(id).await?;
    q!(&mut tx, fetch_optional<Row>, select!("WHERE id = $1"), id)
}

pub(super) async fn count_custom_domains(db: &Db) -> Result<i64, DbError> {
    let mut tx = db.read_system(BY_HOST).await?;
    let (count,): (i64,) = q!(
        &mut tx,
        fetch_one<(i64,)>,
        "SELECT COUNT(*) FROM tenants WHERE custom_domain IS NOT NULL"
    )?;
    Ok(count)
}

pub(super) async fn list(db: &Db, after: &str, limit: i64) -> Result<Vec<Row>, DbError> {
    let mut tx = db.read_system(ADMINISTRATION).await?;
    q!(
        &mut tx,
        fetch_all<Row>,
        select!("WHERE slug > $1 ORDER BY slug LIMIT $2"),
        after,
        limit
    )
}

pub(super) async fn insert(tx: &mut Tx, row: &Row) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO tenants (id, slug, name, issuer, custom_domain, status, settings, branding, data_key, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.id,
        &row.slug,
        &row.name,
        &row.issuer,
        &row.custom_domain,
        &row.status,
        &row.settings,
        &row.branding,
        &row.data_key,
        row.created_at,
        row.updated_at
    )?;
    Ok(())
}

/// Gives every tenant without a domain of its own its address below `base`.
pub(super) async fn move_issuers(tx: &mut Tx, base: &str, default_slug: &str) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE tenants SET issuer = CASE WHEN slug = $2 THEN $1 ELSE $1 || '/t/' || slug END \
         WHERE custom_domain IS NULL AND issuer <> CASE WHEN slug = $2 THEN $1 ELSE $1 || '/t/' || slug END",
        base,
        default_slug
    )
}

pub(super) async fn update(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE tenants SET name = $2, issuer = $3, custom_domain = $4, status = $5, settings = $6, branding = $7, \
         data_key = $8, updated_at = $9 WHERE id = $1",
        row.id,
        &row.name,
        &row.issuer,
        &row.custom_domain,
        &row.status,
        &row.settings,
        &row.branding,
        &row.data_key,
        row.updated_at
    )
}
