//! What happened: one row per change, appended in the transaction of the change. Webhooks, audit, usage and analytics
//! read it; nothing else records what happened. A row's `sequence` is given later, by a sequencer.

mod store;

use authflow_types::{ClientId, EventId, SessionId};
use serde_json::{Value, json};

use crate::cx::Actor;
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

/// Appends `event` in the context's transaction.
pub async fn append(cx: &mut Cx, event: Event) -> Result<(), Fault> {
    let id = EventId::new(cx.now, cx.rng());
    let (actor_kind, actor_id) = match cx.actor {
        Actor::Anonymous => ("anonymous", None),
        Actor::User(id) => ("user", Some(id.to_string())),
        Actor::Client(id) => ("client", Some(id.to_string())),
        Actor::Operator => ("operator", None),
        Actor::System => ("system", None),
    };
    let row = store::NewEvent {
        id,
        kind: event.kind,
        actor_kind,
        actor_id,
        subject_id: event.subject,
        client_id: event.client,
        session_id: event.session,
        request_id: cx.request.id.to_string(),
        ip: cx.request.ip.map(|ip| ip.to_string()),
        user_agent: cx.request.user_agent.as_deref().map(str::to_owned),
        payload: event.payload,
        created_at: cx.now,
    };
    let tenant = cx.tenant_id();
    Ok(store::insert(cx.tx().await?, tenant, row).await?)
}
