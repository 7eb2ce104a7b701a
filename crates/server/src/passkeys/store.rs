use authflow_db::{DbError, Tx, exec, q};
use authflow_proto::webauthn::{Aaguid, RegisteredCredential};
use authflow_types::{CredentialId, TenantId, Timestamp, UserId};

use super::model::Passkey;

#[derive(sqlx::FromRow)]
struct Row {
    id: CredentialId,
    user_id: UserId,
    credential_id: Vec<u8>,
    user_handle: Vec<u8>,
    rp_id: String,
    public_key: Vec<u8>,
    sign_count: i64,
    aaguid: Vec<u8>,
    transports: String,
    backup_eligible: bool,
    backed_up: bool,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl From<Row> for Passkey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            credential_id: row.credential_id,
            user_handle: row.user_handle,
            rp_id: row.rp_id,
            public_key: row.public_key,
            sign_count: u32::try_from(row.sign_count).unwrap_or(u32::MAX),
            aaguid: Aaguid::from_slice(&row.aaguid).unwrap_or_default(),
            transports: row.transports.split_whitespace().map(str::to_owned).collect(),
            backup_eligible: row.backup_eligible,
            backed_up: row.backed_up,
            name: row.name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// A passkey to be stored.
pub(super) struct New<'a> {
    pub(super) id: CredentialId,
    pub(super) user: UserId,
    pub(super) rp_id: &'a str,
    pub(super) credential: &'a RegisteredCredential,
    pub(super) attestation: &'static str,
    pub(super) name: &'a str,
}

/// Stores a passkey; `false` if its credential ID is registered already (WebAuthn L3 7.1.26).
pub(super) async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    new: New<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let credential = new.credential;
    let inserted = exec!(
        tx,
        "INSERT INTO passkeys (tenant_id, id, user_id, credential_id, user_handle, rp_id, public_key, algorithm, \
         sign_count, aaguid, attestation, transports, backup_eligible, backed_up, name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         ON CONFLICT (tenant_id, credential_id) DO NOTHING",
        tenant,
        new.id,
        new.user,
        credential.id.as_slice(),
        new.user.as_bytes().as_slice(),
        new.rp_id,
        credential.public_key.as_slice(),
        credential.algorithm.id(),
        i64::from(credential.sign_count),
        credential.aaguid.as_bytes().as_slice(),
        new.attestation,
        credential.transports.join(" "),
        credential.backup_eligible,
        credential.backed_up,
        new.name,
        now
    )?;
    Ok(inserted == 1)
}

/// The user's passkeys, oldest first.
pub(super) async fn list(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<Vec<Passkey>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        "SELECT id, user_id, credential_id, user_handle, rp_id, public_key, sign_count, aaguid, transports, \
         backup_eligible, backed_up, name, created_at, last_used_at FROM passkeys \
         WHERE tenant_id = $1 AND user_id = $2 ORDER BY id",
        tenant,
        user
    )?;
    Ok(rows.into_iter().map(Passkey::from).collect())
}

/// The passkey with this credential ID.
pub(super) async fn find_by_credential(
    tx: &mut Tx,
    tenant: TenantId,
    credential: &[u8],
) -> Result<Option<Passkey>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        "SELECT id, user_id, credential_id, user_handle, rp_id, public_key, sign_count, aaguid, transports, \
         backup_eligible, backed_up, name, created_at, last_used_at FROM passkeys \
         WHERE tenant_id = $1 AND credential_id = $2",
        tenant,
        credential
    )?;
    Ok(row.map(Passkey::from))
}

/// Notes a use; `false` if the counter is no longer the one that the assertion was held against.
pub(super) async fn record_use(
    tx: &mut Tx,
    tenant: TenantId,
    passkey: &Passkey,
    (sign_count, backed_up): (u32, bool),
    now: Timestamp,
) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE passkeys SET sign_count = $4, backed_up = $5, last_used_at = $6 \
         WHERE tenant_id = $1 AND id = $2 AND sign_count = $3",
        tenant,
        passkey.id,
        i64::from(passkey.sign_count),
        i64::from(sign_count),
        backed_up,
        now
    )?;
    Ok(updated == 1)
}

/// Names a passkey of the user; `false` if there is none.
pub(super) async fn rename(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: CredentialId,
    name: &str,
) -> Result<bool, DbError> {
    let updated = exec!(
        tx,
        "UPDATE passkeys SET name = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        tenant,
        user,
        id,
        name
    )?;
    Ok(updated == 1)
}

/// Removes a passkey of the user; `false` if there is none.
pub(super) async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: CredentialId,
) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM passkeys WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        tenant,
        user,
        id
    )?;
    Ok(deleted == 1)
}

/// Whether the user has no passkey and did not decline to be asked for one.
pub(super) async fn is_offer_due(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<bool, DbError> {
    let due = q!(
        tx,
        fetch_optional<(UserId,)>,
        "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 AND passkey_declined_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM passkeys WHERE tenant_id = $1 AND user_id = $2)",
        tenant,
        user
    )?;
    Ok(due.is_some())
}

pub(super) async fn decline_offer(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "UPDATE users SET passkey_declined_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant,
        user,
        now
    )?;
    Ok(())
}
