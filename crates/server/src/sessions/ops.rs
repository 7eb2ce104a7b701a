use std::sync::Arc;
use std::time::Duration;

use authflow_types::{ClientId, Digest, SessionId, Token, TokenKind, UserId};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::model::{Session, SessionState};
use super::{SessionError, store};
use crate::app::Invalidation;
use crate::cx::{Actor, RequestInfo};
use crate::events::{self, Event};
use crate::http::cookies::{self, CookieKind};
use crate::identities::{User, UserStatus};
use crate::{Cx, Fault};

/// `acr` of a session that rests on one factor.
pub const ACR_SINGLE_FACTOR: &str = "urn:authflow:acr:single-factor";

/// `acr` of a session that rests on two factors of different kinds.
pub const ACR_MULTI_FACTOR: &str = "urn:authflow:acr:multi-factor";

/// `acr` of a session that rests on two factors that no false page can ask for (OpenID EAP ACR Values 1.0, 3).
pub const ACR_PHISHING_RESISTANT: &str = "phr";

/// Most sessions shown in a list.
const LIST_LIMIT: i64 = 100;

/// The live session whose cookie the browser sent.
///
/// Checks that nobody ended it, that neither lifetime is over and that its user is active. Writes its use down at
/// most once a minute, without making the request wait.
pub async fn current(cx: &Cx, headers: &HeaderMap) -> Result<Option<Arc<Session>>, Fault> {
    let Some(digest) = presented(cx, headers) else {
        return Ok(None);
    };
    let tenant = cx.tenant_id();
    // INVARIANT: the epoch is read before storage, so that a session ended in between is never found in memory.
    let key = (tenant, cx.app.caches.epoch(tenant), digest);
    // WHY: one that looks expired here may have been used at another node: storage knows.
    let remembered = cx
        .app
        .caches
        .sessions
        .get(&key)
        .filter(|session| session.is_live(cx.now));
    let session = if let Some(session) = remembered {
        session
    } else {
        let mut tx = cx.read().await?;
        let Some(stored) = store::find_by_digest(&mut tx, tenant, digest).await? else {
            return Ok(None);
        };
        let Some(session) = counts(stored, cx) else {
            return Ok(None);
        };
        let session = Arc::new(session);
        cx.app.caches.sessions.insert(key, session.clone());
        session
    };
    if let Some(touched) = session.touched(cx.now, idle_ttl(cx)) {
        let touched = Arc::new(touched);
        cx.app.caches.sessions.insert(key, touched.clone());
        tokio::spawn(touch(cx.app.clone(), cx.tenant.clone(), touched.clone()));
        return Ok(Some(touched));
    }
    Ok(Some(session))
}

fn presented(cx: &Cx, headers: &HeaderMap) -> Option<Digest> {
    let cookie = cookies::read(headers, CookieKind::Session, &cx.tenant)?;
    Token::parse(TokenKind::Session, &cookie)
        .ok()
        .map(|token| token.digest())
}

fn counts(stored: store::Stored, cx: &Cx) -> Option<Session> {
    let active = UserStatus::from_stored(&stored.user_status) == UserStatus::Active;
    SessionState::of(stored.session, stored.ended_at, cx.now)
        .live()
        .filter(|_| active)
}

/// Writes the use of a session down. A failure costs a minute of idle lifetime and nothing else.
async fn touch(app: Arc<crate::App>, tenant: Arc<crate::tenants::Tenant>, session: Arc<Session>) {
    let mut cx = Cx::new(app, tenant, Actor::System, RequestInfo::default());
    let tenant = cx.tenant_id();
    let result = async {
        store::touch(cx.tx().await?, tenant, &session).await?;
        cx.commit().await
    };
    if let Err(error) = result.await {
        tracing::debug!(%error, "the use of a session was not written down");
    }
}

/// The session with `id`, whatever became of it.
pub async fn find(cx: &Cx, id: SessionId) -> Result<Option<SessionState>, Fault> {
    let mut tx = cx.read().await?;
    let stored = store::find(&mut tx, cx.tenant_id(), id).await?;
    Ok(stored.map(|stored| SessionState::of(stored.session, stored.ended_at, cx.now)))
}

/// Whose session it is or was; `None` if it is unknown.
pub async fn owner(cx: &Cx, id: SessionId) -> Result<Option<UserId>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::find(&mut tx, cx.tenant_id(), id)
        .await?
        .map(|stored| stored.session.user_id))
}

/// The user's live sessions, the one used last first.
pub async fn list(cx: &Cx, user: UserId) -> Result<Vec<Session>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list(&mut tx, cx.tenant_id(), user, cx.now, LIST_LIMIT).await?)
}

/// Whether the user has or lately had a session of a program that names itself as that of this request.
pub(crate) async fn knows_agent(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let (tenant, agent) = (cx.tenant_id(), cx.request.user_agent.clone());
    let mut tx = cx.reading().await?;
    Ok(store::knows_agent(&mut tx, tenant, user, agent.as_deref().unwrap_or_default()).await?)
}

/// Begins a session; its secret goes into the browser's cookie and nowhere else. Emits `session.created`.
///
/// # Security
/// Only after the user has proven who they are in this very request.
pub async fn create(
    cx: &mut Cx,
    user: &User,
    amr: Vec<String>,
    acr: &str,
) -> Result<(Session, Token), Fault> {
    let token = Token::generate(TokenKind::Session, cx.rng());
    let id = SessionId::new(cx.now, cx.rng());
    let session = fresh(cx, id, user.id, amr, acr);
    let tenant = cx.tenant_id();
    store::insert(cx.tx().await?, tenant, &session, token.digest()).await?;
    let payload = json!({ "amr": session.amr, "acr": session.acr, "expires_at": session.expires_at });
    let event = Event::new("session.created")
        .subject(session.id)
        .session(session.id)
        .payload(payload);
    events::append(cx, event).await?;
    Ok((session, token))
}

/// The user of a session has proven themselves anew: the session lives on under the same id, with a new secret and
/// new times, so that clients that know it by `sid` stay signed in and a stolen cookie does not.
///
/// # Errors
/// [`SessionError::NotFound`] if somebody ended it meanwhile.
pub async fn renew(
    cx: &mut Cx,
    session: &Session,
    amr: Vec<String>,
    acr: &str,
) -> Result<(Session, Token), SessionError> {
    let token = Token::generate(TokenKind::Session, cx.rng());
    let fresh = fresh(cx, session.id, session.user_id, amr, acr);
    let renewed = Session {
        created_at: session.created_at,
        ..fresh
    };
    let tenant = cx.tenant_id();
    if !store::renew(cx.tx().await?, tenant, &renewed, token.digest()).await? {
        return Err(SessionError::NotFound);
    }
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok((renewed, token))
}

fn fresh(cx: &Cx, id: SessionId, user_id: UserId, amr: Vec<String>, acr: &str) -> Session {
    let expires_at = cx.now + absolute_ttl(cx);
    Session {
        id,
        user_id,
        auth_time: cx.now,
        acr: acr.to_owned(),
        amr,
        ip: cx.request.ip.map(|ip| ip.to_string()),
        place: cx.request.place.label(),
        user_agent: cx.request.user_agent.as_deref().map(str::to_owned),
        created_at: cx.now,
        last_seen_at: cx.now,
        idle_expires_at: (cx.now + idle_ttl(cx)).min(expires_at),
        expires_at,
    }
}

/// Ends a session and everything that was issued in it, and tells its clients. `false` if it had ended before.
/// Emits `user.logout`.
pub async fn end(cx: &mut Cx, id: SessionId, reason: &'static str) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let Some(user) = store::end(cx.tx().await?, tenant, id, now).await? else {
        return Ok(false);
    };
    crate::oauth::revocation::revoke_session(cx, id, reason).await?;
    crate::oauth::logout::queue_back_channel(cx, id, user).await?;
    let event = Event::new("user.logout")
        .subject(user)
        .session(id)
        .payload(json!({ "reason": reason }));
    events::append(cx, event).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(true)
}

/// Ends every session of a user, or every one but `except`; how many there were.
pub async fn end_all(cx: &mut Cx, user: UserId, except: Option<SessionId>) -> Result<u64, Fault> {
    let tenant = cx.tenant_id();
    let now = cx.now;
    let ids = store::live_ids(cx.tx().await?, tenant, user, except, now).await?;
    let mut count = 0;
    for id in ids {
        count += u64::from(end(cx, id, "sessions_revoked").await?);
    }
    Ok(count)
}

/// Remembers that a client was signed in to in a session: it is told when the session ends.
pub async fn note_client(cx: &mut Cx, session: SessionId, client: ClientId) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    store::note_client(cx.tx().await?, tenant, session, client, now).await?;
    Ok(())
}

/// Whether this process saw [`note_client`] stored for the session and client: then it need not be written again.
pub fn is_noted(cx: &Cx, session: SessionId, client: ClientId) -> bool {
    let key = (cx.tenant_id(), session, client);
    cx.app.caches.noted.contains_key(&key)
}

/// Remembers that [`note_client`] has been stored; only after the commit.
pub fn remember_noted(cx: &Cx, session: SessionId, client: ClientId) {
    let key = (cx.tenant_id(), session, client);
    cx.app.caches.noted.insert(key, ());
}

/// The clients that were signed in to in a session.
pub async fn list_clients(cx: &mut Cx, session: SessionId) -> Result<Vec<ClientId>, Fault> {
    let tenant = cx.tenant_id();
    Ok(store::clients(cx.tx().await?, tenant, session).await?)
}

/// The `Set-Cookie` that gives the browser its session.
pub fn cookie(cx: &Cx, token: &Token) -> Option<HeaderValue> {
    cookies::set(
        CookieKind::Session,
        &cx.tenant,
        token.expose(),
        Some(absolute_ttl(cx)),
    )
}

/// The `Set-Cookie` that takes it away.
pub fn clear_cookie(cx: &Cx) -> Option<HeaderValue> {
    cookies::clear(CookieKind::Session, &cx.tenant)
}

fn idle_ttl(cx: &Cx) -> Duration {
    let own = cx.tenant.settings.session_idle_ttl_s.map(Duration::from_secs);
    own.unwrap_or(cx.app.config.sessions.idle_ttl)
}

fn absolute_ttl(cx: &Cx) -> Duration {
    let own = cx.tenant.settings.session_absolute_ttl_s.map(Duration::from_secs);
    own.unwrap_or(cx.app.config.sessions.absolute_ttl)
}
