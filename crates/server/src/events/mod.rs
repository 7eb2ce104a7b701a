//! What happened: one row per change, appended in the transaction of the change. Webhooks, audit, usage and analytics
//! read it; nothing else records what happened. A row's `sequence` is given later, by a sequencer.

mod store;

use authflow_db::{DbError, Tx};
use authflow_types::{ClientId, EventId, Rng, SessionId, TenantId, Timestamp, UserId};
use serde_json::{Value, json};

use crate::cx::{Actor, RequestInfo};
use crate::{Cx, Fault};

/// A fact to append. Names are those of the webhook contract.
#[derive(Debug, Clone)]
pub struct Event {
    kind: &'static str,
    subject: Option<String>,
    client: Option<ClientId>,
    session: Option<SessionId>,
    payload: Value,
}

impl Event {
    /// An event of `kind`, such as `user.login`.
    pub fn new(kind: &'static str) -> Self {
        Self {
            kind,
            subject: None,
            client: None,
            session: None,
            payload: json!({}),
        }
    }

    /// Whom or what it is about, as an id.
    #[must_use]
    pub fn subject(mut self, id: impl std::fmt::Display) -> Self {
        self.subject = Some(id.to_string());
        self
    }

    /// The client it happened through.
    #[must_use]
    pub fn client(mut self, id: ClientId) -> Self {
        self.client = Some(id);
        self
    }

    /// The session it happened in.
    #[must_use]
    pub fn session(mut self, id: SessionId) -> Self {
        self.session = Some(id);
        self
    }

    /// Further facts; never a secret.
    #[must_use]
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }
}

/// Who acts and in which request: what an event says beside itself.
#[derive(Debug, Clone)]
pub struct Origin {
    actor: Actor,
    request: RequestInfo,
    now: Timestamp,
}

impl Origin {
    /// That of the context.
    pub fn of(cx: &Cx) -> Self {
        Self {
            actor: cx.actor,
            request: cx.request.clone(),
            now: cx.now,
        }
    }
}

/// An event ready to be written in a transaction that is not the context's.
#[derive(Debug, Clone)]
pub struct Row(store::NewEvent);

impl Row {
    /// `event` as it came about in `origin`.
    pub fn new(origin: &Origin, rng: &dyn Rng, event: Event) -> Self {
        let (actor_kind, actor_id) = match origin.actor {
            Actor::Anonymous => ("anonymous", None),
            Actor::User(id) => ("user", Some(id.to_string())),
            Actor::Client(id) => ("client", Some(id.to_string())),
            Actor::Operator => ("operator", None),
            Actor::System => ("system", None),
        };
        Self(store::NewEvent {
            id: EventId::new(origin.now, rng),
            kind: event.kind,
            actor_kind,
            actor_id,
            subject_id: event.subject,
            client_id: event.client,
            session_id: event.session,
            request_id: origin.request.id.to_string(),
            ip: origin.request.ip.map(|ip| ip.to_string()),
            user_agent: origin.request.user_agent.as_deref().map(str::to_owned),
            country: origin.request.place.country.as_deref().map(str::to_owned),
            locality: origin.request.place.locality.as_deref().map(str::to_owned),
            payload: event.payload,
            created_at: origin.now,
        })
    }

    /// Appends the event in `tx`.
    pub async fn insert(&self, tx: &mut Tx, tenant: TenantId) -> Result<(), DbError> {
        store::insert(tx, tenant, &self.0).await
    }
}

/// Appends `event` in the context's transaction.
pub async fn append(cx: &mut Cx, event: Event) -> Result<(), Fault> {
    let row = Row::new(&Origin::of(cx), cx.rng(), event);
    let tenant = cx.tenant_id();
    Ok(row.insert(cx.tx().await?, tenant).await?)
}

/// Appends many events in the context's transaction.
pub(crate) async fn append_many(cx: &mut Cx, events: Vec<Event>) -> Result<(), Fault> {
    let origin = Origin::of(cx);
    let rows: Vec<store::NewEvent> = events
        .into_iter()
        .map(|event| Row::new(&origin, cx.rng(), event).0)
        .collect();
    let tenant = cx.tenant_id();
    Ok(store::insert_many(cx.tx().await?, tenant, &rows).await?)
}

/// Something that happened to a user, as they may see it.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Its type.
    pub kind: String,
    /// Where from.
    pub ip: Option<String>,
    /// Where that is: `Berlin, DE`.
    pub place: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// Further facts.
    pub payload: Value,
    /// When.
    pub created_at: Timestamp,
}

/// Whether an event of `kind` was ever recorded about a user.
pub(crate) async fn has_happened(cx: &mut Cx, user: UserId, kind: &'static str) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::has_happened(&mut tx, tenant, &user.to_string(), kind).await?)
}

/// The latest events about a user, newest first.
pub async fn recent(cx: &Cx, user: UserId, limit: i64) -> Result<Vec<Happened>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::recent(&mut tx, cx.tenant_id(), &user.to_string(), limit).await?)
}
