use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{CredentialId, Digest, TenantId, Timestamp, TrustedDeviceId, UserId};

use super::totp::Authenticator;
use super::trusted::TrustedDevice;

/// Marks the user as having a second factor; `false` if they had one.
pub(super) async fn enable(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = exec!(
        tx,
        "UPDATE users SET mfa_enabled_at = $3 WHERE tenant_id = $1 AND id = $2 AND mfa_enabled_at IS NULL",
        tenant,
        user,
        now
    )?;
    Ok(changed == 1)
}

pub(super) async fn disable(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE users SET mfa_enabled_at = NULL WHERE tenant_id = $1 AND id = $2",
        tenant,
        user
    )
}

pub(super) async fn count_totp(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<i64, DbError> {
    let (count,) = q!(
        tx,
        fetch_one<(i64,)>,
        "SELECT COUNT(*) FROM totp_authenticators WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )?;
    Ok(count)
}

#[derive(sqlx::FromRow)]
struct AuthenticatorRow {
    id: CredentialId,
    name: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

pub(super) async fn list_totp(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<Authenticator>, DbError> {
    let rows = q!(
        tx,
        fetch_all<AuthenticatorRow>,
        "SELECT id, name, created_at, last_used_at FROM totp_authenticators \
         WHERE tenant_id = $1 AND user_id = $2 ORDER BY id",
        tenant,
        user
    )?;
    let shown = |row: AuthenticatorRow| Authenticator {
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
    };
    Ok(rows.into_iter().map(shown).collect())
}

pub(super) async fn totp_secrets(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<(CredentialId, Vec<u8>, i64)>, DbError> {
    q!(
        tx,
        fetch_all<(CredentialId, Vec<u8>, i64)>,
        "SELECT id, secret_sealed, last_step FROM totp_authenticators WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )
}

pub(super) async fn insert_totp(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    (id, name, sealed, step): (CredentialId, &str, &[u8], i64),
    now: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO totp_authenticators (tenant_id, id, user_id, name, secret_sealed, last_step, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        id,
        user,
        name,
        sealed,
        step,
        now
    )?;
    Ok(())
}

/// Uses a time step up; `false` if it or a later one was used before.
pub(super) async fn use_totp_step(
    tx: &mut Tx,
    tenant: TenantId,
    id: CredentialId,
    step: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let used = exec!(
        tx,
        "UPDATE totp_authenticators SET last_step = $3, last_used_at = $4 \
         WHERE tenant_id = $1 AND id = $2 AND last_step < $3",
        tenant,
        id,
        step,
        now
    )?;
    Ok(used == 1)
}

pub(super) async fn delete_totp(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: CredentialId,
) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM totp_authenticators WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        tenant,
        user,
        id
    )?;
    Ok(deleted == 1)
}

pub(super) async fn drop_recovery_codes(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    exec!(
        tx,
        "DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )
}

pub(super) async fn insert_recovery_code(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    mac: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO recovery_codes (tenant_id, user_id, mac, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id, user_id, mac) DO NOTHING",
        tenant,
        user,
        mac,
        now
    )?;
    Ok(())
}

pub(super) async fn count_recovery_codes(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
) -> Result<u64, DbError> {
    let (count,) = q!(
        tx,
        fetch_one<(i64,)>,
        "SELECT COUNT(*) FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL",
        tenant,
        user
    )?;
    Ok(count.unsigned_abs())
}

/// Uses a code up; `false` if it is none or was used before.
pub(super) async fn use_recovery_code(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    mac: &[u8],
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = exec!(
        tx,
        "UPDATE recovery_codes SET used_at = $4 \
         WHERE tenant_id = $1 AND user_id = $2 AND mac = $3 AND used_at IS NULL",
        tenant,
        user,
        mac,
        now
    )?;
    Ok(changed == 1)
}

pub(super) async fn insert_trusted(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    digest: Digest,
    device: &TrustedDevice,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO trusted_devices (tenant_id, id, user_id, digest, user_agent, ip, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant,
        device.id,
        user,
        digest,
        device.user_agent.clone(),
        device.ip.clone(),
        device.created_at,
        device.expires_at
    )?;
    Ok(())
}

pub(super) async fn is_trusted(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    digest: Digest,
    now: Timestamp,
) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_optional<(TrustedDeviceId,)>,
        "SELECT id FROM trusted_devices \
         WHERE tenant_id = $1 AND user_id = $2 AND digest = $3 AND expires_at > $4",
        tenant,
        user,
        digest,
        now
    )?;
    Ok(found.is_some())
}

#[derive(sqlx::FromRow)]
struct DeviceRow {
    id: TrustedDeviceId,
    user_agent: Option<String>,
    ip: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

pub(super) async fn list_trusted(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<TrustedDevice>, DbError> {
    let rows = q!(
        tx,
        fetch_all<DeviceRow>,
        "SELECT id, user_agent, ip, created_at, expires_at FROM trusted_devices \
         WHERE tenant_id = $1 AND user_id = $2 AND expires_at > $3 ORDER BY id DESC LIMIT 100",
        tenant,
        user,
        now
    )?;
    let shown = |row: DeviceRow| TrustedDevice {
        id: row.id,
        user_agent: row.user_agent,
        ip: row.ip,
        created_at: row.created_at,
        expires_at: row.expires_at,
    };
    Ok(rows.into_iter().map(shown).collect())
}

pub(super) async fn delete_trusted(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    id: TrustedDeviceId,
) -> Result<bool, DbError> {
    let deleted = exec!(
        tx,
        "DELETE FROM trusted_devices WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        tenant,
        user,
        id
    )?;
    Ok(deleted == 1)
}

pub(super) async fn delete_all_trusted(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<u64, DbError> {
    exec!(
        tx,
        "DELETE FROM trusted_devices WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )
}
