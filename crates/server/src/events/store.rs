use authflow_db::{DbError, InsertMany, Json, Tx, exec, q};
use authflow_types::{ClientId, EventId, SessionId, TenantId, Timestamp};
use serde_json::Value;

#[derive(Debug, Clone)]
pub(super) struct NewEvent {
    pub(super) id: EventId,
    pub(super) kind: &'static str,
    pub(super) actor_kind: &'static str,
    pub(super) actor_id: Option<String>,
    pub(super) subject_id: Option<String>,
    pub(super) client_id: Option<ClientId>,
    pub(super) session_id: Option<SessionId>,
    pub(super) request_id: String,
    pub(super) ip: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) country: Option<String>,
    pub(super) locality: Option<String>,
    pub(super) payload: Value,
    pub(super) created_at: Timestamp,
}

pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, event: &NewEvent) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO events (tenant_id, id, type, actor_kind, actor_id, subject_id, client_id, session_id, \
         request_id, ip, user_agent, country, locality, payload, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        tenant,
        event.id,
        event.kind,
        event.actor_kind,
        &event.actor_id,
        &event.subject_id,
        event.client_id,
        event.session_id,
        &event.request_id,
        &event.ip,
        &event.user_agent,
        &event.country,
        &event.locality,
        Json(&event.payload),
        event.created_at
    )?;
    Ok(())
}

static INSERT_MANY: InsertMany = InsertMany::new(
    "INSERT INTO events (tenant_id, id, type, actor_kind, actor_id, subject_id, client_id, session_id, request_id, \
     ip, user_agent, country, locality, payload, created_at)",
    15,
    "",
);

pub(super) async fn insert_many(tx: &mut Tx, tenant: TenantId, events: &[NewEvent]) -> Result<(), DbError> {
    INSERT_MANY
        .run(tx, events, |args, event| {
            args.add(tenant);
            args.add(event.id);
            args.add(event.kind);
            args.add(event.actor_kind);
            args.add(&event.actor_id);
            args.add(&event.subject_id);
            args.add(event.client_id);
            args.add(event.session_id);
            args.add(&event.request_id);
            args.add(&event.ip);
            args.add(&event.user_agent);
            args.add(&event.country);
            args.add(&event.locality);
            args.add(Json(&event.payload));
            args.add(event.created_at);
        })
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct HappenedRow {
    kind: String,
    ip: Option<String>,
    user_agent: Option<String>,
    country: Option<String>,
    locality: Option<String>,
    payload: Json<Value>,
    created_at: Timestamp,
}

pub(super) async fn recent(
    tx: &mut Tx,
    tenant: TenantId,
    subject: &str,
    limit: i64,
) -> Result<Vec<super::Happened>, DbError> {
    let rows = q!(
        tx,
        fetch_all<HappenedRow>,
        "SELECT type AS kind, ip, user_agent, country, locality, payload, created_at FROM events \
         WHERE tenant_id = $1 AND subject_id = $2 ORDER BY id DESC LIMIT $3",
        tenant,
        subject,
        limit
    )?;
    let happened = rows.into_iter().map(|row| super::Happened {
        kind: row.kind,
        ip: row.ip,
        place: crate::places::label(row.country.as_deref(), row.locality.as_deref()),
        user_agent: row.user_agent,
        payload: row.payload.0,
        created_at: row.created_at,
    });
    Ok(happened.collect())
}

pub(super) async fn has_happened(
    tx: &mut Tx,
    tenant: TenantId,
    subject: &str,
    kind: &'static str,
) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_optional<(String,)>,
        "SELECT type FROM events WHERE tenant_id = $1 AND subject_id = $2 AND type = $3 LIMIT 1",
        tenant,
        subject,
        kind
    )?;
    Ok(found.is_some())
}
