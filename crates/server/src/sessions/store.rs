use authflow_db::{DbError, Json, Tx, exec, q};
use authflow_types::{ClientId, Digest, SessionId, TenantId, Timestamp, UserId};

use super::model::Session;

#[derive(sqlx::FromRow)]
struct Row {
    id: SessionId,
    user_id: UserId,
    auth_time: Timestamp,
    acr: String,
    amr: Json<Vec<String>>,
    ip: Option<String>,
    place: Option<String>,
    user_agent: Option<String>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    idle_expires_at: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    user_status: String,
}

/// A session as stored, with what decides whether it counts.
pub(super) struct Stored {
    pub(super) session: Session,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) user_status: String,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        Self {
            session: Session {
                id: row.id,
                user_id: row.user_id,
                auth_time: row.auth_time,
                acr: row.acr,
                amr: row.amr.0,
                ip: row.ip,
                place: row.place,
                user_agent: row.user_agent,
                created_at: row.created_at,
                last_seen_at: row.last_seen_at,
                idle_expires_at: row.idle_expires_at,
                expires_at: row.expires_at,
            },
            ended_at: row.ended_at,
            user_status: row.user_status,
        }
    }
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT s.id AS id, s.user_id AS user_id, s.auth_time AS auth_time, s.acr AS acr, s.amr AS amr, ",
            "s.ip AS ip, s.place AS place, s.user_agent AS user_agent, s.created_at AS created_at, s.last_seen_at AS last_seen_at, ",
            "s.idle_expires_at AS idle_expires_at, s.expires_at AS expires_at, s.ended_at AS ended_at, ",
            "u.status AS user_status FROM sessions s ",
            "JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id ",
            $tail
        )
    };
}

pub(super) async fn find_by_digest(
    tx: &mut Tx,
    tenant: TenantId,
    digest: Digest,
) -> Result<Option<Stored>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        select!("WHERE s.tenant_id = $1 AND s.digest = $2"),
        tenant,
        digest
    )?;
    Ok(row.map(Stored::from))
}

pub(super) async fn find(tx: &mut Tx, tenant: TenantId, id: SessionId) -> Result<Option<Stored>, DbError> {
    let row = q!(
        tx,
        fetch_optional<Row>,
        select!("WHERE s.tenant_id = $1 AND s.id = $2"),
        tenant,
        id
    )?;
    Ok(row.map(Stored::from))
}

/// The user's sessions that are live at `now`, the one used last first.
pub(super) async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Session>, DbError> {
    let rows = q!(
        tx,
        fetch_all<Row>,
        select!(
            "WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 \
             AND s.idle_expires_at > $3 ORDER BY s.last_seen_at DESC, s.id DESC LIMIT $4"
        ),
        tenant,
        user,
        now,
        limit
    )?;
    Ok(rows.into_iter().map(|row| Stored::from(row).session).collect())
}

/// The ids of the user's sessions that are live at `now`.
pub(super) async fn live_ids(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<SessionId>, DbError> {
    let rows = q!(
        tx,
        fetch_all<(SessionId,)>,
        "SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL \
         AND ($3 IS NULL OR id <> $3) AND expires_at > $4 AND idle_expires_at > $4 ORDER BY id",
        tenant,
        user,
        except,
        now
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn knows_agent(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    agent: &str,
) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_all<(SessionId,)>,
        "SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND COALESCE(user_agent, '') = $3 \
         ORDER BY id DESC LIMIT 2",
        tenant,
        user,
        agent
    )?;
    // The one of this very sign-in is there already.
    Ok(found.len() > 1)
}

pub(super) async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    session: &Session,
    digest: Digest,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO sessions (tenant_id, id, digest, user_id, auth_time, acr, amr, ip, user_agent, created_at, \
         last_seen_at, idle_expires_at, expires_at, place) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        tenant,
        session.id,
        digest,
        session.user_id,
        session.auth_time,
        &session.acr,
        Json(&session.amr),
        &session.ip,
        &session.user_agent,
        session.created_at,
        session.last_seen_at,
        session.idle_expires_at,
        session.expires_at,
        &session.place
    )?;
    Ok(())
}

/// Gives a session that nobody ended a new secret and new times; `false` if somebody ended it.
pub(super) async fn renew(
    tx: &mut Tx,
    tenant: TenantId,
    session: &Session,
    digest: Digest,
) -> Result<bool, DbError> {
    let renewed = exec!(
        tx,
        "UPDATE sessions SET digest = $3, auth_time = $4, acr = $5, amr = $6, ip = $7, user_agent = $8, \
         last_seen_at = $9, idle_expires_at = $10, expires_at = $11, place = $12 \
         WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        tenant,
        session.id,
        digest,
        session.auth_time,
        &session.acr,
        Json(&session.amr),
        &session.ip,
        &session.user_agent,
        session.last_seen_at,
        session.idle_expires_at,
        session.expires_at,
        &session.place
    )?;
    Ok(renewed == 1)
}

pub(super) async fn touch(tx: &mut Tx, tenant: TenantId, session: &Session) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE sessions SET last_seen_at = $3, idle_expires_at = $4 \
         WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND last_seen_at < $3",
        tenant,
        session.id,
        session.last_seen_at,
        session.idle_expires_at
    )
}

/// Ends a session; whose it was, or `None` if it is unknown or was ended before.
pub(super) async fn end(
    tx: &mut Tx,
    tenant: TenantId,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<UserId>, DbError> {
    let ended = q!(
        tx,
        fetch_optional<(UserId,)>,
        "UPDATE sessions SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL RETURNING user_id",
        tenant,
        id,
        now
    )?;
    Ok(ended.map(|(user,)| user))
}

pub(super) async fn note_client(
    tx: &mut Tx,
    tenant: TenantId,
    session: SessionId,
    client: ClientId,
    now: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "INSERT INTO session_clients (tenant_id, session_id, client_id, first_used_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id, session_id, client_id) DO NOTHING",
        tenant,
        session,
        client,
        now
    )
}

pub(super) async fn clients(
    tx: &mut Tx,
    tenant: TenantId,
    session: SessionId,
) -> Result<Vec<ClientId>, DbError> {
    let rows = q!(
        tx,
        fetch_all<(ClientId,)>,
        "SELECT client_id FROM session_clients WHERE tenant_id = $1 AND session_id = $2 \
         ORDER BY first_used_at LIMIT 1000",
        tenant,
        session
    )?;
    Ok(rows.into_iter().map(|(client,)| client).collect())
}
