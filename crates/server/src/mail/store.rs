use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{Digest, MailId, TenantId, Timestamp};
use uuid::Uuid;

use super::bounces::Bounce;
use super::model::CapturedMail;

#[derive(sqlx::FromRow)]
struct Row {
    id: MailId,
    recipient: String,
    subject: String,
    body_text: String,
    body_html: String,
    created_at: Timestamp,
}

impl From<Row> for CapturedMail {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            recipient: row.recipient,
            subject: row.subject,
            body_text: row.body_text,
            body_html: row.body_html,
            created_at: row.created_at,
        }
    }
}

pub(super) async fn insert_captured(
    tx: &mut Tx,
    tenant: TenantId,
    mail: &CapturedMail,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO captured_mail (tenant_id, id, recipient, subject, body_text, body_html, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, id) DO NOTHING",
        tenant,
        mail.id,
        &mail.recipient,
        &mail.subject,
        &mail.body_text,
        &mail.body_html,
        mail.created_at
    )?;
    Ok(())
}

/// Keeps the newest `limit` mails of the tenant.
pub(super) async fn drop_oldest(tx: &mut Tx, tenant: TenantId, limit: i64) -> Result<u64, DbError> {
    exec!(
        tx,
        "DELETE FROM captured_mail WHERE tenant_id = $1 AND id NOT IN \
         (SELECT id FROM captured_mail WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2)",
        tenant,
        limit
    )
}

pub(super) async fn list_captured(
    tx: &mut Tx,
    tenant: TenantId,
    limit: i64,
) -> Result<Vec<CapturedMail>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        "SELECT id, recipient, subject, body_text, body_html, created_at FROM captured_mail \
         WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2",
        tenant,
        limit
    )?;
    Ok(rows.into_iter().map(CapturedMail::from).collect())
}

pub(super) async fn find_captured(
    tx: &mut Tx,
    tenant: TenantId,
    id: MailId,
) -> Result<Option<CapturedMail>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        "SELECT id, recipient, subject, body_text, body_html, created_at FROM captured_mail \
         WHERE tenant_id = $1 AND id = $2",
        tenant,
        id
    )?;
    Ok(row.map(CapturedMail::from))
}

pub(super) async fn insert_link(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    (purpose, subject): (&'static str, Uuid),
    (created_at, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO one_time_links (tenant_id, digest, purpose, subject_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        tenant,
        digest,
        purpose,
        subject,
        created_at,
        expires_at
    )?;
    Ok(())
}

pub(super) async fn find_link(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<(String, Uuid)>, DbError> {
    q!(
        tx,
        fetch_optional<(String, Uuid)>,
        "SELECT purpose, subject_id FROM one_time_links \
         WHERE tenant_id = $1 AND digest = $2 AND consumed_at IS NULL AND expires_at > $3",
        tenant,
        digest,
        now
    )
}

pub(super) async fn consume_link(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
    purpose: &'static str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let consumed = exec!(
        tx,
        "UPDATE one_time_links SET consumed_at = $4 \
         WHERE tenant_id = $1 AND digest = $2 AND purpose = $3 AND consumed_at IS NULL AND expires_at > $4",
        tenant,
        digest,
        purpose,
        now
    )?;
    Ok(consumed == 1)
}

pub(super) async fn note_bounce(
    tx: &mut Tx,
    tenant: TenantId,
    digest: &[u8; 32],
    reason: &'static str,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO mail_bounces (tenant_id, recipient_digest, reason, bounce_count, bounced_at, expires_at) \
         VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT (tenant_id, recipient_digest) DO UPDATE SET \
         reason = excluded.reason, bounce_count = mail_bounces.bounce_count + 1, \
         bounced_at = excluded.bounced_at, expires_at = excluded.expires_at",
        tenant,
        digest.as_slice(),
        reason,
        now,
        expires_at
    )?;
    Ok(())
}

pub(super) async fn find_bounce(
    tx: &mut Tx,
    tenant: TenantId,
    digest: &[u8; 32],
) -> Result<Option<Bounce>, DbError> {
    let row = q!(
        tx,
        fetch_optional<(String, i64, Timestamp)>,
        "SELECT reason, bounce_count, bounced_at FROM mail_bounces WHERE tenant_id = $1 AND recipient_digest = $2",
        tenant,
        digest.as_slice()
    )?;
    Ok(row.map(|(reason, count, bounced_at)| Bounce {
        reason,
        count,
        bounced_at,
    }))
}

pub(super) async fn forget_bounce(tx: &mut Tx, tenant: TenantId, digest: &[u8; 32]) -> Result<(), DbError> {
    exec!(
        tx,
        "DELETE FROM mail_bounces WHERE tenant_id = $1 AND recipient_digest = $2",
        tenant,
        digest.as_slice()
    )?;
    Ok(())
}
