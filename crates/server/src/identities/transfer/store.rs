use authflow_db::{DbError, InsertMany, Json, SelectAmong, Tx, exec, q};
use authflow_types::{CredentialId, Digest, TenantId, Timestamp, UserId};

use super::super::identifier::IdentifierKind;
use super::super::model::{Identifier, User};

static INSERT_USERS: InsertMany = InsertMany::new(
    "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)",
    7,
    "ON CONFLICT DO NOTHING",
);

static INSERT_IDENTIFIERS: InsertMany = InsertMany::new(
    "INSERT INTO identifiers (tenant_id, id, user_id, kind, value, normalized, is_primary, verified_at, created_at)",
    9,
    "ON CONFLICT (tenant_id, kind, normalized) DO NOTHING",
);

static INSERT_PASSWORDS: InsertMany = InsertMany::new(
    "INSERT INTO credentials (tenant_id, id, user_id, kind, data, created_at, updated_at)",
    7,
    "",
);

static IDENTIFIERS_AMONG: SelectAmong = SelectAmong::new(
    "SELECT kind, normalized, user_id FROM identifiers WHERE tenant_id = $1 \
     AND kind IN ('email', 'phone', 'username') AND normalized IN",
);

static USERS_AMONG: SelectAmong = SelectAmong::new("SELECT id FROM users WHERE tenant_id = $1 AND id IN");

/// Inserts users; fewer than given if an id is taken.
pub(super) async fn insert_users(tx: &mut Tx, tenant: TenantId, users: &[&User]) -> Result<u64, DbError> {
    INSERT_USERS
        .run(tx, users, |args, user| {
            args.add(tenant);
            args.add(user.id);
            args.add(user.status.as_str());
            args.add(Json(&user.profile));
            args.add(Json(&user.attributes));
            args.add(user.created_at);
            args.add(user.updated_at);
        })
        .await
}

/// Inserts identifiers; fewer than given if one is taken.
pub(super) async fn insert_identifiers(
    tx: &mut Tx,
    tenant: TenantId,
    identifiers: &[(UserId, &Identifier)],
    now: Timestamp,
) -> Result<u64, DbError> {
    INSERT_IDENTIFIERS
        .run(tx, identifiers, |args, (user, identifier)| {
            args.add(tenant);
            args.add(identifier.id);
            args.add(*user);
            args.add(identifier.kind.as_str());
            args.add(&identifier.value);
            args.add(&identifier.normalized);
            args.add(identifier.is_primary);
            args.add(identifier.verified_at);
            args.add(now);
        })
        .await
}

/// Inserts the passwords of users who have none.
pub(super) async fn insert_passwords(
    tx: &mut Tx,
    tenant: TenantId,
    passwords: &[(CredentialId, UserId, &str, Timestamp)],
) -> Result<u64, DbError> {
    INSERT_PASSWORDS
        .run(tx, passwords, |args, (id, user, hash, set_at)| {
            args.add(tenant);
            args.add(*id);
            args.add(*user);
            args.add("password");
            args.add(*hash);
            args.add(*set_at);
            args.add(*set_at);
        })
        .await
}

/// Who has which of these identifiers, of any kind.
pub(super) async fn owners(
    tx: &mut Tx,
    tenant: TenantId,
    normalized: &[String],
) -> Result<Vec<(String, String, UserId)>, DbError> {
    IDENTIFIERS_AMONG.run(tx, tenant, normalized).await
}

/// Which of these users there are.
pub(super) async fn existing(
    tx: &mut Tx,
    tenant: TenantId,
    ids: &[UserId],
) -> Result<Vec<(UserId,)>, DbError> {
    USERS_AMONG.run(tx, tenant, ids).await
}

/// The line that an import of this file has come to.
pub(super) async fn find_checkpoint(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
) -> Result<Option<i64>, DbError> {
    let row = q!(
        tx,
        fetch_optional<(i64,)>,
        "SELECT line FROM user_imports WHERE tenant_id = $1 AND digest = $2",
        tenant,
        digest
    )?;
    Ok(row.map(|(line,)| line))
}

/// Notes it.
pub(super) async fn put_checkpoint(
    tx: &mut Tx,
    tenant: TenantId,
    (digest, line): (Digest, i64),
    expires_at: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO user_imports (tenant_id, digest, line, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id, digest) DO UPDATE SET line = excluded.line, expires_at = excluded.expires_at",
        tenant,
        digest,
        line,
        expires_at
    )?;
    Ok(())
}

/// Raises an identifier of a user to verified, and makes it the primary one of its kind where there is none.
pub(super) async fn raise_identifier(
    tx: &mut Tx,
    tenant: TenantId,
    (user, kind, normalized): (UserId, IdentifierKind, &str),
    verified_at: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "UPDATE identifiers SET verified_at = $5 WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 \
         AND normalized = $4 AND verified_at IS NULL",
        tenant,
        user,
        kind.as_str(),
        normalized,
        verified_at
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct PasswordOf {
    pub(super) user_id: UserId,
    pub(super) data: String,
    pub(super) updated_at: Timestamp,
}

/// The password hashes of the users between two ids.
pub(super) async fn passwords_between(
    tx: &mut Tx,
    tenant: TenantId,
    first: UserId,
    last: UserId,
) -> Result<Vec<PasswordOf>, DbError> {
    q!(
        tx,
        fetch_all<PasswordOf>,
        "SELECT user_id, data, updated_at FROM credentials WHERE tenant_id = $1 AND user_id >= $2 \
         AND user_id <= $3 AND kind = 'password'",
        tenant,
        first,
        last
    )
}
