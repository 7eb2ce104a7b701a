//! What the endpoint answers: the code, or what is needed next (OAuth First-Party Apps 5.2).
//!
//! Members beside `error`, `error_description` and `auth_session` are Authflow's own; docs/first-party.md has them all.

use std::collections::BTreeMap;
use std::time::Duration;

use authflow_proto::altcha::Challenge;
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
    /// It goes on in a browser.
    Web(Web),
}

#[expect(clippy::struct_field_names, reason = "the members are the specification's")]
/// The code (OAuth First-Party Apps 5.2.1), with what RFC 9207 adds to every authorization response.
#[derive(Serialize)]
pub(super) struct Code {
    pub(super) authorization_code: String,
    pub(super) iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
    /// To be shown this once, where an authenticator app was set up on the way in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) recovery_codes: Vec<String>,
}

/// `redirect_to_web` (OAuth First-Party Apps 5.2.2.1) with what an authorization request in the browser is to name.
#[derive(Serialize)]
pub(super) struct Web {
    error: &'static str,
    error_description: &'static str,
    authorization_parameters: BTreeMap<&'static str, String>,
}

impl Web {
    /// The user signs in with another provider.
    pub(super) fn connection(slug: String, login_hint: Option<String>) -> Self {
        let hint = login_hint.map(|hint| ("login_hint", hint));
        Self {
            error: OAuthErrorCode::RedirectToWeb.as_str(),
            error_description: "the user signs in with another provider, in a browser",
            authorization_parameters: [("connection", slug)].into_iter().chain(hint).collect(),
        }
    }
}

impl IntoResponse for Web {
    fn into_response(self) -> Response {
        json_no_store(StatusCode::BAD_REQUEST, &self)
    }
}

/// Where the sign-in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The user proves who they are.
    FirstFactor,
    /// The user proves it by something else too.
    SecondFactor,
    /// The user gives it by an authenticator app that they set up first.
    SetUp,
    /// The user gives what a new account needs.
    SignUp,
    /// The user types the code that was mailed to the address of the new account.
    Verification,
    /// The user says whose password was forgotten, then types the code that was mailed.
    Recovery,
    /// The user chooses another password.
    NewPassword,
}

/// A way to go on, and the parameters that it takes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Offer {
    method: &'static str,
    parameters: &'static [&'static str],
}

impl Offer {
    pub(super) const fn new(method: &'static str, parameters: &'static [&'static str]) -> Self {
        Self { method, parameters }
    }
}

/// Another provider that users sign in with, in a browser.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Provider {
    pub(super) connection: String,
    pub(super) name: String,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    connections: Vec<Provider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    altcha: Option<Challenge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recovery_codes: Vec<String>,
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
            connections: Vec::new(),
            challenge: None,
            altcha: None,
            reason: None,
            fields: BTreeMap::new(),
            recovery_codes: Vec::new(),
            status: StatusCode::BAD_REQUEST,
            retry_after: None,
        }
    }

    pub(super) fn methods(mut self, methods: Vec<Offer>) -> Self {
        self.methods = methods;
        self
    }

    pub(super) fn connections(mut self, connections: Vec<Provider>) -> Self {
        self.connections = connections;
        self
    }

    /// To be shown this once.
    pub(super) fn recovery_codes(mut self, codes: Vec<String>) -> Self {
        self.recovery_codes = codes;
        self
    }

    /// A code or link of this method is on its way, whoever the addressee is.
    pub(super) fn sent(mut self, method: &'static str) -> Self {
        self.challenge = Some(json!({ "method": method, "sent": true }));
        self
    }

    /// The method needs this to be answered.
    pub(super) fn asking(mut self, challenge: Value) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The challenge has to be solved first (ALTCHA); nothing else of the request was looked at.
    pub(super) fn prove_work(mut self, challenge: Challenge, reason: &'static str) -> Self {
        self.error_description = "solve `altcha` and send the request again with the solution as `altcha`";
        self.altcha = Some(challenge);
        self.reason = Some(reason.to_owned());
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

impl From<More> for Reply {
    fn from(more: More) -> Self {
        Self::More(Box::new(more))
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
