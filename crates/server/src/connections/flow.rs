//! One request to a provider, from the address that people are sent to, to who they are.
//!
//! ```text
//!   start ──▶ waiting ──answer──▶ used (good for one answer, whatever came of it)
//!                │ 10 minutes
//!                ▼
//!             expired
//! ```
//!
//! # Security
//! The answer is found by its `state`, which only the browser that was sent there has; it counts at the connection that
//! was asked (each has a callback of its own), in the browser that the sign-in or the session belongs to, once.

use std::time::Duration;

use authflow_proto::form::{FormLimits, Params};
use authflow_proto::pkce::CodeVerifier;
use authflow_proto::upstream::{AuthorizationUrl, Callback, Outcome, Person, authorization_url};
use authflow_types::{Digest, SessionId, SignInId, Token, TokenKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::model::Connection;
use super::provider::{self, RequestSecrets, UpstreamError};
use super::store::{self, RequestRow};
use crate::vault::SealContext;
use crate::{Cx, Fault};

/// How long an answer is waited for.
const TTL: Duration = Duration::from_mins(10);

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Somebody signs in.
    SignIn(SignInId),
    /// Somebody who is signed in links an account.
    Link(SessionId),
}

/// What else is known when somebody is sent to a provider.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hints<'a> {
    /// Whom it is about.
    pub(crate) login_hint: Option<&'a str>,
    /// Whether they have to prove themselves anew.
    pub(crate) again: bool,
}

/// Makes a request and gives the address to send the browser to. Asks the provider for its addresses first if they are
/// not known; opens its transaction afterwards and leaves it to the caller to commit.
pub(crate) async fn start(
    cx: &mut Cx,
    connection: &Connection,
    purpose: Purpose,
    hints: Hints<'_>,
) -> Result<Url, UpstreamError> {
    let endpoints = provider::endpoints(cx, connection).await?;
    let settings = &connection.settings;
    let state = Token::generate(TokenKind::UpstreamState, cx.rng());
    let random = |cx: &Cx| URL_SAFE_NO_PAD.encode(cx.rng().bytes::<32>());
    let secrets = RequestSecrets {
        nonce: settings.nonce.then(|| random(cx)),
        verifier: settings.pkce.then(|| random(cx)),
        since: hints.again.then(|| cx.now.as_secs()),
    };
    let challenge = match &secrets.verifier {
        Some(verifier) => CodeVerifier::parse(verifier)
            .ok()
            .map(|verifier| verifier.challenge()),
        None => None,
    };
    let redirect_uri = cx.tenant.url(&connection.callback_path());
    let extra: Vec<(String, String)> = settings.extra.clone().into_iter().collect();
    let url = authorization_url(
        &endpoints.authorization,
        &AuthorizationUrl {
            client_id: &settings.client_id,
            redirect_uri: &redirect_uri,
            scopes: &settings.scopes,
            state: state.expose(),
            nonce: secrets.nonce.as_deref(),
            challenge: challenge.as_ref(),
            form_post: settings.form_post,
            login_hint: hints.login_hint,
            again: hints.again,
            extra: &extra,
        },
    );
    let digest = state.digest();
    let plain = serde_json::to_vec(&secrets).map_err(Fault::from)?;
    let sealed = cx
        .tenant
        .data_key
        .seal(sealed_for(&digest, "secrets"), &plain)
        .map_err(Fault::from)?;
    let (sign_in_id, session_id) = match purpose {
        Purpose::SignIn(id) => (Some(id), None),
        Purpose::Link(id) => (None, Some(id)),
    };
    let row = RequestRow {
        connection_id: connection.id,
        sign_in_id,
        session_id,
        secrets_sealed: sealed,
        posted_sealed: None,
        created_at: cx.now,
        expires_at: cx.now + TTL,
        used_at: None,
    };
    let tenant = cx.tenant_id();
    store::insert_request(cx.tx().await?, tenant, digest, &row).await?;
    Ok(url)
}

fn sealed_for<'a>(digest: &'a Digest, column: &'static str) -> SealContext<'a> {
    SealContext::new("upstream_request", digest.as_bytes(), column)
}

/// Why an answer is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswerable {
    /// It is malformed, or answers nothing that was asked here.
    Unknown,
    /// It was looked at before.
    Used,
    /// It comes too late.
    Expired,
    /// It is of another issuer than the one that was asked (RFC 9207).
    Issuer,
}

/// A request whose answer has come.
pub(crate) struct Waiting {
    digest: Digest,
    row: RequestRow,
    answer: Callback,
}

impl Waiting {
    /// What it was for.
    pub(crate) fn purpose(&self) -> Option<Purpose> {
        match (self.row.sign_in_id, self.row.session_id) {
            (Some(id), None) => Some(Purpose::SignIn(id)),
            (None, Some(id)) => Some(Purpose::Link(id)),
            _ => None,
        }
    }
}

/// The request that a callback's parameters answer. Nothing is taken yet.
pub(crate) async fn find(
    cx: &Cx,
    connection: &Connection,
    query: &str,
) -> Result<Result<Waiting, Unanswerable>, Fault> {
    let Ok(params) = Params::parse(query.as_bytes(), FormLimits::QUERY) else {
        return Ok(Err(Unanswerable::Unknown));
    };
    let found = match params.unique("state") {
        Ok(Some(state)) => lookup(cx, connection, state).await?,
        _ => None,
    };
    let Some((digest, row)) = found else {
        return Ok(Err(Unanswerable::Unknown));
    };
    if row.used_at.is_some() {
        return Ok(Err(Unanswerable::Used));
    }
    if row.expires_at <= cx.now {
        return Ok(Err(Unanswerable::Expired));
    }
    let answer = match &row.posted_sealed {
        Some(sealed) => {
            let body = cx.tenant.data_key.open(sealed_for(&digest, "posted"), sealed)?;
            Params::parse(&body, FormLimits::BODY)
                .ok()
                .and_then(|params| Callback::read(&params).ok())
        }
        None => Callback::read(&params).ok(),
    };
    Ok(answer
        .map(|answer| Waiting { digest, row, answer })
        .ok_or(Unanswerable::Unknown))
}

async fn lookup(
    cx: &Cx,
    connection: &Connection,
    state: &str,
) -> Result<Option<(Digest, RequestRow)>, Fault> {
    let Ok(token) = Token::parse(TokenKind::UpstreamState, state) else {
        return Ok(None);
    };
    let digest = token.digest();
    let mut tx = cx.read().await?;
    let row = store::find_request(&mut tx, cx.tenant_id(), digest).await?;
    // SECURITY: an answer counts at the connection that was asked and at no other (mix-up, RFC 9700 4.4).
    Ok(row
        .filter(|row| row.connection_id == connection.id)
        .map(|row| (digest, row)))
}

/// Keeps an answer that came as a form, without cookies because another site posts it; the browser is then sent to the
/// same address by GET, with them. Gives the state to send it with; `None` if nothing waits for it.
pub(crate) async fn keep_posted(
    cx: &mut Cx,
    connection: &Connection,
    body: &[u8],
) -> Result<Option<String>, Fault> {
    let Ok(params) = Params::parse(body, FormLimits::BODY) else {
        return Ok(None);
    };
    let Ok(answer) = Callback::read(&params) else {
        return Ok(None);
    };
    let Some((digest, _)) = lookup(cx, connection, &answer.state).await? else {
        return Ok(None);
    };
    let sealed = cx.tenant.data_key.seal(sealed_for(&digest, "posted"), body)?;
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let kept = store::put_posted(cx.tx().await?, tenant, digest, &sealed, now).await?;
    cx.commit().await?;
    // A second post of the same form leads to the answer that the first one gets.
    tracing::debug!(kept, "a provider's answer came as a form");
    Ok(Some(answer.state))
}

/// What an answer came to.
pub(crate) enum Answer {
    /// Somebody.
    Person(Box<Person>),
    /// The person, or the provider, said no.
    Refused(String),
    /// Not to be looked at.
    Unanswerable(Unanswerable),
}

/// Takes the answer, once, and finds out who it is. What is taken is committed before the provider is asked.
pub(crate) async fn answer(
    cx: &mut Cx,
    connection: &Connection,
    waiting: Waiting,
) -> Result<Answer, UpstreamError> {
    let Waiting { digest, row, answer } = waiting;
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if !store::consume_request(cx.tx().await?, tenant, digest, now).await? {
        cx.rollback().await;
        return Ok(Answer::Unanswerable(Unanswerable::Used));
    }
    cx.commit().await?;
    let plain = cx
        .tenant
        .data_key
        .open(sealed_for(&digest, "secrets"), &row.secrets_sealed);
    let secrets: RequestSecrets =
        serde_json::from_slice(&plain.map_err(Fault::from)?).map_err(Fault::from)?;
    let endpoints = provider::endpoints(cx, connection).await?;
    let is_template = endpoints
        .issuer
        .as_deref()
        .is_some_and(|issuer| issuer.contains('{'));
    let issuer = endpoints.issuer.as_deref().filter(|_| !is_template);
    if answer.check_issuer(issuer, endpoints.iss_parameter).is_err() {
        return Ok(Answer::Unanswerable(Unanswerable::Issuer));
    }
    match &answer.outcome {
        Outcome::Refused { error } => Ok(Answer::Refused(error.clone())),
        Outcome::Code(code) => {
            let form = answer.user.as_deref();
            let person = provider::person(cx, connection, &endpoints, code.expose(), &secrets, form).await?;
            Ok(Answer::Person(Box::new(person)))
        }
    }
}
