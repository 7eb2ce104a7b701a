use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_types::{CredentialId, IdentifierId, TenantId, Timestamp, UserId};
use serde_json::{Map, Value};

use super::identifier::{IdentifierKind, IdentifierValue};
use super::model::{Identifier, User, UserStatus};
use super::profile::Profile;

/// The `kind` of the one credential that is a password hash.
const PASSWORD: &str = "password";

#[derive(sqlx::FromRow)]
struct UserRow {
    id: UserId,
    status: String,
    profile: Json<Profile>,
    attributes: Json<Map<String, Value>>,
    mfa_enabled_at: Option<Timestamp>,
    deletion_due_at: Option<Timestamp>,
    generation: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct IdentifierRow {
    id: IdentifierId,
    user_id: UserId,
    kind: String,
    value: String,
    normalized: String,
    is_primary: bool,
    verified_at: Option<Timestamp>,
}

/// A password credential beside the state of its user.
#[derive(sqlx::FromRow)]
pub(super) struct PasswordRow {
    pub(super) user_id: UserId,
    pub(super) status: String,
    pub(super) credential_id: Option<CredentialId>,
    pub(super) data: Option<String>,
    pub(super) updated_at: Option<Timestamp>,
}

pub(super) async fn find(tx: &mut Tx, tenant: TenantId, id: UserId) -> Result<Option<User>, DbError> {
    let Some(row) = find_row(tx, tenant, id).await? else {
        return Ok(None);
    };
    let identifiers = identifiers_of(tx, tenant, id).await?;
    Ok(Some(assemble(row, identifiers.iter())))
}

/// As [`find`], with the same statements for nobody.
pub(super) async fn find_evenly(tx: &mut Tx, tenant: TenantId, id: UserId) -> Result<Option<User>, DbError> {
    let row = find_row(tx, tenant, id).await?;
    let identifiers = identifiers_of(tx, tenant, id).await?;
    Ok(row.map(|row| assemble(row, identifiers.iter())))
}

async fn find_row(tx: &mut Tx, tenant: TenantId, id: UserId) -> Result<Option<UserRow>, DbError> {
    q!(
        tx,
        fetch_optional<UserRow>,
        "SELECT id, status, profile, attributes, mfa_enabled_at, deletion_due_at, generation, created_at, \
         updated_at FROM users WHERE tenant_id = $1 AND id = $2",
        tenant,
        id
    )
}

async fn identifiers_of(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<IdentifierRow>, DbError> {
    q!(
        tx,
        fetch_all<IdentifierRow>,
        "SELECT id, user_id, kind, value, normalized, is_primary, verified_at FROM identifiers \
         WHERE tenant_id = $1 AND user_id = $2 ORDER BY is_primary DESC, id",
        tenant,
        user
    )
}

pub(super) async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    let rows = q!(
        tx,
        fetch_all<UserRow>,
        "SELECT id, status, profile, attributes, mfa_enabled_at, deletion_due_at, generation, created_at, \
         updated_at FROM users WHERE tenant_id = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tenant,
        after,
        limit
    )?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Ok(Vec::new());
    };
    let identifiers = q!(
        tx,
        fetch_all<IdentifierRow>,
        "SELECT id, user_id, kind, value, normalized, is_primary, verified_at FROM identifiers \
         WHERE tenant_id = $1 AND user_id >= $2 AND user_id <= $3 ORDER BY user_id, is_primary DESC, id",
        tenant,
        first.id,
        last.id
    )?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            assemble(
                row,
                identifiers.iter().filter(|identifier| identifier.user_id == id),
            )
        })
        .collect())
}

fn assemble<'a>(row: UserRow, identifiers: impl Iterator<Item = &'a IdentifierRow>) -> User {
    User {
        id: row.id,
        status: UserStatus::from_stored(&row.status),
        profile: row.profile.0,
        attributes: row.attributes.0,
        mfa_enabled_at: row.mfa_enabled_at,
        deletion_due_at: row.deletion_due_at,
        generation: row.generation,
        // A kind that this version does not know was written by a later one: it is left alone.
        identifiers: identifiers.filter_map(to_identifier).collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn to_identifier(row: &IdentifierRow) -> Option<Identifier> {
    Some(Identifier {
        id: row.id,
        kind: IdentifierKind::from_stored(&row.kind)?,
        value: row.value.clone(),
        normalized: row.normalized.clone(),
        is_primary: row.is_primary,
        verified_at: row.verified_at,
    })
}

pub(super) async fn find_by_identifier(
    tx: &mut Tx,
    tenant: TenantId,
    kind: IdentifierKind,
    normalized: &str,
) -> Result<Option<UserId>, DbError> {
    let found = q!(
        tx,
        fetch_optional<(UserId,)>,
        "SELECT user_id FROM identifiers WHERE tenant_id = $1 AND kind = $2 AND normalized = $3",
        tenant,
        kind.as_str(),
        normalized
    )?;
    Ok(found.map(|(id,)| id))
}

pub(super) async fn find_identifier(
    tx: &mut Tx,
    tenant: TenantId,
    id: IdentifierId,
) -> Result<Option<(UserId, Identifier)>, DbError> {
    let row = q!(
        tx,
        fetch_optional<IdentifierRow>,
        "SELECT id, user_id, kind, value, normalized, is_primary, verified_at FROM identifiers \
         WHERE tenant_id = $1 AND id = $2",
        tenant,
        id
    )?;
    Ok(row.and_then(|row| Some((row.user_id, to_identifier(&row)?))))
}

pub(super) async fn insert_user(tx: &mut Tx, tenant: TenantId, user: &User) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        user.id,
        user.status.as_str(),
        Json(&user.profile),
        Json(&user.attributes),
        user.created_at,
        user.updated_at
    )?;
    Ok(())
}

/// Gives a user an identifier; `false` if another user of the tenant has it.
pub(super) async fn insert_identifier(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    identifier: &Identifier,
    now: Timestamp,
) -> Result<bool, DbError> {
    let inserted = exec!(
        tx,
        "INSERT INTO identifiers (tenant_id, id, user_id, kind, value, normalized, is_primary, verified_at, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (tenant_id, kind, normalized) DO NOTHING",
        tenant,
        identifier.id,
        user,
        identifier.kind.as_str(),
        &identifier.value,
        &identifier.normalized,
        identifier.is_primary,
        identifier.verified_at,
        now
    )?;
    Ok(inserted == 1)
}

/// Holds a user as they were read until the transaction ends; `false` if what was proven before no longer counts, or they
/// may not sign in any more.
///
/// # Security
/// Locks the row, so that a reset, a takeover or a disabling waits for what is written now and then ends it.
pub(super) async fn hold(
    tx: &mut Tx,
    tenant: TenantId,
    id: UserId,
    generation: i64,
) -> Result<bool, DbError> {
    let held = exec!(
        tx,
        "UPDATE users SET generation = generation \
         WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND status = 'active'",
        tenant,
        id,
        generation
    )?;
    Ok(held == 1)
}

pub(super) async fn update_user(tx: &mut Tx, tenant: TenantId, user: &User) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE users SET status = $3, profile = $4, attributes = $5, updated_at = $6 \
         WHERE tenant_id = $1 AND id = $2",
        tenant,
        user.id,
        user.status.as_str(),
        Json(&user.profile),
        Json(&user.attributes),
        user.updated_at
    )
}

/// Marks an identifier as proven; whose it is and its kind, or `None` if it is gone or was proven before.
pub(super) async fn verify_identifier(
    tx: &mut Tx,
    tenant: TenantId,
    id: IdentifierId,
    now: Timestamp,
) -> Result<Option<(UserId, String)>, DbError> {
    q!(
        tx,
        fetch_optional<(UserId, String)>,
        "UPDATE identifiers SET verified_at = $3 WHERE tenant_id = $1 AND id = $2 AND verified_at IS NULL \
         RETURNING user_id, kind",
        tenant,
        id,
        now
    )
}

pub(super) async fn find_password(
    tx: &mut Tx,
    tenant: TenantId,
    identifier: &IdentifierValue,
) -> Result<Option<PasswordRow>, DbError> {
    q!(
        tx,
        fetch_optional<PasswordRow>,
        "SELECT u.id AS user_id, u.status AS status, c.id AS credential_id, c.data AS data, \
         c.updated_at AS updated_at FROM identifiers i \
         JOIN users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id \
         LEFT JOIN credentials c ON c.tenant_id = i.tenant_id AND c.user_id = i.user_id AND c.kind = $4 \
         WHERE i.tenant_id = $1 AND i.kind = $2 AND i.normalized = $3",
        tenant,
        identifier.kind().as_str(),
        identifier.normalized(),
        PASSWORD
    )
}

pub(super) async fn password_of(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<PasswordRow>, DbError> {
    q!(
        tx,
        fetch_optional<PasswordRow>,
        "SELECT u.id AS user_id, u.status AS status, c.id AS credential_id, c.data AS data, \
         c.updated_at AS updated_at FROM users u \
         LEFT JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id AND c.kind = $3 \
         WHERE u.tenant_id = $1 AND u.id = $2",
        tenant,
        user,
        PASSWORD
    )
}

/// Sets a user's password hash, in place of the one there may be.
pub(super) async fn put_password(
    tx: &mut Tx,
    tenant: TenantId,
    id: CredentialId,
    user: UserId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO credentials (tenant_id, id, user_id, kind, data, created_at, updated_at) \
         VALUES ($1, $2, $3, 'password', $4, $5, $5) \
         ON CONFLICT (tenant_id, user_id) WHERE kind = 'password' \
         DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at, last_used_at = NULL",
        tenant,
        id,
        user,
        hash,
        now
    )?;
    Ok(())
}

/// Notes that the password of `set_at` was used, and keeps it from now on as `upgraded` if nobody else upgraded it first;
/// `false` if it was changed or taken away since.
///
/// # Security
/// The row is locked from here on: a change of the password waits for this transaction and then ends what came of it.
pub(super) async fn use_password(
    tx: &mut Tx,
    tenant: TenantId,
    (id, set_at): (CredentialId, Option<Timestamp>),
    (verified, upgraded): (&str, Option<&str>),
    now: Timestamp,
) -> Result<bool, DbError> {
    let used = exec!(
        tx,
        "UPDATE credentials SET last_used_at = $4, data = CASE WHEN data = $5 THEN $6 ELSE data END \
         WHERE tenant_id = $1 AND id = $2 AND updated_at = $3",
        tenant,
        id,
        set_at,
        now,
        verified,
        upgraded.unwrap_or(verified)
    )?;
    Ok(used == 1)
}

/// Takes a user's password away; `false` if they had none.
pub(super) async fn delete_password(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM credentials WHERE tenant_id = $1 AND user_id = $2 AND kind = $3",
        tenant,
        user,
        PASSWORD
    )?;
    Ok(deleted == 1)
}

/// Kind, creation and last use of a user's credentials.
pub(super) async fn credentials(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<(String, Timestamp, Option<Timestamp>)>, DbError> {
    q!(
        tx,
        fetch_all<(String, Timestamp, Option<Timestamp>)>,
        "SELECT kind, created_at, last_used_at FROM credentials WHERE tenant_id = $1 AND user_id = $2 \
         ORDER BY id LIMIT 200",
        tenant,
        user
    )
}
