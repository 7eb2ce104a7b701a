//! What the endpoint answers: the code, or what is needed next (OAuth First-Party Apps 5.2).
//!
//! Members beside `error`, `error_description` and `auth_session` are Authflow's own; docs/first-party.md has them all.

use std::collections::BTreeMap;
use std::time::Duration;

use authflow_proto::error::OAuthErrorCode;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::reply::json_no_store;
use crate::http::visit::whole_seconds;
use crate::pages::{FormError, Message};

/// An answer that is no failure.
pub(super) enum Reply {
    /// The sign-in is complete.
    Code(Code),
    /// Something is missing.
    More(Box<More>),
}

#[expect(clippy::struct_field_names, reason = "the members are the specification's")]
/// The code (OAuth First-Party Apps 5.2.1), with what RFC 9207 adds to every authorization response.
#[derive(Serialize)]
pub(super) struct Code {
    pub(super) authorization_code: String,
    pub(super) iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
}

/// Where the sign-in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The user proves who they are.
    FirstFactor,
    /// The user proves it by something else too.
    SecondFactor,
}

/// A way to go on, and the parameters that it takes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Offer {
    pub(super) method: &'static str,
    pub(super) parameters: &'static [&'static str],
}

/// `insufficient_authorization` (OAuth First-Party Apps 5.2.2.1).
#[derive(Serialize)]
pub(super) struct More {
    error: &'static str,
    error_description: &'static str,
    auth_session: String,
    auth_session_expires_in: u64,
    stage: Stage,
    methods: Vec<Offer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    #[serde(skip)]
    status: StatusCode,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl More {
    /// The next step is up to the client.
    pub(super) fn new(auth_session: String, lives_for: Duration, stage: Stage) -> Self {
        Self {
            error: OAuthErrorCode::InsufficientAuthorization.as_str(),
            error_description: "another step is needed; see `stage` and `methods`",
            auth_session,
            auth_session_expires_in: lives_for.as_secs(),
            stage,
            methods: Vec::new(),
            challenge: None,
            reason: None,
            fields: BTreeMap::new(),
            status: StatusCode::BAD_REQUEST,
            retry_after: None,
        }
    }

    pub(super) fn methods(mut self, methods: Vec<Offer>) -> Self {
        self.methods = methods;
        self
    }

    /// A code or link of this method is on its way, whoever the addressee is.
    pub(super) fn sent(mut self, method: &'static str) -> Self {
        self.challenge = Some(json!({ "method": method, "sent": true }));
        self
    }

    /// What was given was not right: the words of the pages, as codes.
    pub(super) fn because(mut self, error: &FormError) -> Self {
        self.error_description = "what was given was not accepted; see `reason` and `fields`";
        self.reason = Some(code_of(error.summary));
        self.fields = error
            .fields
            .iter()
            .map(|(field, message)| (name_of(field), code_of(*message)))
            .collect();
        self
    }

    /// Too many failures came before, or the server is busy.
    pub(super) fn wait(mut self, retry_after: Duration, status: StatusCode) -> Self {
        self.retry_after = Some(retry_after);
        self.status = status;
        self
    }
}

/// `msg-credentials-wrong` in the catalogues is `credentials_wrong` here.
fn code_of(message: Message) -> String {
    let key = message.key();
    key.strip_prefix("msg-").unwrap_or(key).replace('-', "_")
}

/// A field by its parameter.
fn name_of(field: &impl Serialize) -> String {
    match serde_json::to_value(field) {
        Ok(Value::String(name)) if name == "identifier" => "username".to_owned(),
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

impl IntoResponse for More {
    fn into_response(self) -> Response {
        let mut response = json_no_store(self.status, &self);
        if let Some(after) = self.retry_after {
            let seconds = HeaderValue::from(whole_seconds(after));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
