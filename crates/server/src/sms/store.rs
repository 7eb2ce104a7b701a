use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{SmsId, TenantId, Timestamp};

use super::model::CapturedSms;

/// One counter.
pub(super) struct Usage<'a> {
    pub(super) scope: &'static str,
    pub(super) key: &'a [u8; 32],
    pub(super) window: (Timestamp, Timestamp),
    pub(super) limit: i64,
}

/// Counts one more, unless the limit is reached; whether it did.
pub(super) async fn count(tx: &mut Tx, tenant: TenantId, usage: &Usage<'_>) -> Result<bool, DbError> {
    let (start, end) = usage.window;
    let changed = exec!(
        tx,
        "INSERT INTO sms_usage (tenant_id, scope, key_digest, started_at, sent_count, expires_at) \
         VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (tenant_id, scope, key_digest, started_at) \
         DO UPDATE SET sent_count = sms_usage.sent_count + 1 WHERE sms_usage.sent_count < $6",
        tenant,
        usage.scope,
        usage.key.as_slice(),
        start,
        end,
        usage.limit
    )?;
    Ok(changed == 1)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: SmsId,
    recipient: String,
    body: String,
    created_at: Timestamp,
}

impl From<Row> for CapturedSms {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            recipient: row.recipient,
            body: row.body,
            created_at: row.created_at,
        }
    }
}

pub(super) async fn insert_captured(tx: &mut Tx, tenant: TenantId, sms: &CapturedSms) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO captured_sms (tenant_id, id, recipient, body, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, id) DO NOTHING",
        tenant,
        sms.id,
        &sms.recipient,
        &sms.body,
        sms.created_at
    )?;
    Ok(())
}

/// Keeps the newest `limit` messages of the tenant.
pub(super) async fn drop_oldest(tx: &mut Tx, tenant: TenantId, limit: i64) -> Result<u64, DbError> {
    exec!(
        tx,
        "DELETE FROM captured_sms WHERE tenant_id = $1 AND id NOT IN \
         (SELECT id FROM captured_sms WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2)",
        tenant,
        limit
    )
}

pub(super) async fn list_captured(
    tx: &mut Tx,
    tenant: TenantId,
    limit: i64,
) -> Result<Vec<CapturedSms>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        "SELECT id, recipient, body, created_at FROM captured_sms WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2",
        tenant,
        limit
    )?;
    Ok(rows.into_iter().map(CapturedSms::from).collect())
}

pub(super) async fn find_captured(
    tx: &mut Tx,
    tenant: TenantId,
    id: SmsId,
) -> Result<Option<CapturedSms>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        "SELECT id, recipient, body, created_at FROM captured_sms WHERE tenant_id = $1 AND id = $2",
        tenant,
        id
    )?;
    Ok(row.map(CapturedSms::from))
}
