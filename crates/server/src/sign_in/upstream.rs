//! `/sign-in/connections/{slug}` leads to another provider, `/sign-in/callback/{slug}` is where it leads back to, and what
//! its word is worth here.
//!
//! ```text
//!   who it is there ─▶ linked ──────────────────────────────▶ signed in (second factor as by the tenant's rule)
//!                  └─▶ not linked
//!                        ├─ address trusted, account with it verified ─▶ linked ─▶ signed in
//!                        ├─ address trusted, nobody has it, sign-up open ─▶ account made ─▶ signed in
//!                        └─ anything else ─▶ `/sign-in/connect`: sign in to an account, or prove an address
//! ```
//!
//! # Security
//! An account is never linked because of an address that only one of the two sides has verified, nor because of one that
//! the connection is not trusted to verify.

use std::sync::Arc;

use authflow_proto::upstream::Person;
use authflow_types::UserId;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::assurance::{Basis, Factor};
use super::model::{SignIn, StartedBy};
use super::page::{follow, open, open_form, to_page};
use super::prove::{self, Proven};
use super::{SignInError, connect, ops};
use crate::account;
use crate::connections::flow::{self, Answer, Hints, Purpose, Unanswerable};
use crate::connections::{self, Connection, LinkedBy, Pending, UpstreamError, UpstreamIdentity};
use crate::events::{self, Event};
use crate::http::visit::{PageRefusal, PostedForm, Visit, see_other, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentifierKind, IdentifierValue, User};
use crate::mail::{self, Mail, MailFactor, Occasion};
use crate::pages::{ErrorKind, ErrorView, ProviderButton, ProviderCard};
use crate::{Cx, Fault, sessions};

pub(super) fn routes() -> Routes {
    let answer = Access::Public("a provider's answer; it counts once, in the browser that asked");
    Routes::default()
        .get(
            "/sign-in/connections/{slug}",
            Access::SignIn,
            Cors::None,
            start_routed,
        )
        .post("/sign-in/connections/{slug}", Access::SignIn, Cors::None, start)
        .get("/sign-in/callback/{slug}", answer, Cors::None, callback)
        .post("/sign-in/callback/{slug}", answer, Cors::None, posted_callback)
}

/// The buttons of the tenant's connections.
pub(super) async fn buttons(visit: &Visit) -> Result<Vec<ProviderButton>, Fault> {
    let enabled = connections::enabled(&visit.cx).await?;
    let shown = enabled
        .connections
        .iter()
        .filter(|connection| connection.settings.button);
    Ok(shown
        .map(|connection| ProviderButton {
            path: format!("/sign-in/connections/{}", connection.slug),
            provider: ProviderCard {
                name: connection.name.clone(),
                mark: connection.mark(),
            },
        })
        .collect())
}

async fn start(mut visit: Visit, Path(slug): Path<String>, form: PostedForm) -> Response {
    let answered = start_by_button(&mut visit, &slug, &form).await;
    visit.answer(answered)
}

async fn start_by_button(visit: &mut Visit, slug: &str, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let connection = enabled(visit, slug).await?;
    begin(visit, &mut sign_in, &connection).await
}

async fn start_routed(mut visit: Visit, Path(slug): Path<String>) -> Response {
    let answered = start_by_request(&mut visit, &slug).await;
    visit.answer(answered)
}

/// SECURITY: a GET, so it does only what the client's own request asked for and the person would see on the page anyway;
/// a link by somebody else leads to the sign-in page.
async fn start_by_request(visit: &mut Visit, slug: &str) -> Result<Response, PageRefusal> {
    let mut sign_in = open(visit).await?;
    let asked = match sign_in.request() {
        Some(request) => connections::of_request(&visit.cx, request).await?,
        None => None,
    };
    match asked.filter(|connection| connection.slug == slug && !sign_in.is_authenticated()) {
        Some(connection) => begin(visit, &mut sign_in, &connection).await,
        None => Ok(to_page(visit, &sign_in, "/sign-in", None)),
    }
}

async fn enabled(visit: &Visit, slug: &str) -> Result<Connection, PageRefusal> {
    let found = connections::find(&visit.cx, slug).await?;
    found
        .filter(|connection| connection.enabled)
        .ok_or(PageRefusal::NOT_FOUND)
}

/// Where the owner of what was typed signs in, if that is elsewhere.
pub(super) async fn routed(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    typed: &str,
) -> Result<Option<Response>, PageRefusal> {
    let Some(connection) = connections::of_typed(&visit.cx, typed).await? else {
        return Ok(None);
    };
    sign_in.state.identifier = Some(typed.chars().take(320).collect());
    begin(visit, sign_in, &connection).await.map(Some)
}

/// Sends the browser to the provider.
async fn begin(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    connection: &Connection,
) -> Result<Response, PageRefusal> {
    let again = match sign_in.started_by() {
        StartedBy::Authorization { request, .. } => request.prompt.login() || request.max_age.is_some(),
        StartedBy::Account { fresh, .. } => fresh.is_some(),
    };
    let hint = sign_in.state.identifier.clone();
    let hints = Hints {
        login_hint: hint.as_deref(),
        again,
    };
    let purpose = Purpose::SignIn(sign_in.id);
    match flow::start(&mut visit.cx, connection, purpose, hints).await {
        Ok(url) => {
            ops::save(&mut visit.cx, sign_in).await?;
            visit.cx.commit().await?;
            Ok(see_other(url.as_str(), None))
        }
        Err(error) => failed(visit, Some(sign_in), connection, error).await,
    }
}

async fn callback(mut visit: Visit, Path(slug): Path<String>, RawQuery(query): RawQuery) -> Response {
    let answered = take_answer(&mut visit, &slug, query.as_deref().unwrap_or_default()).await;
    visit.answer(answered)
}

/// SECURITY: posted by another site, so without our cookies and without a form token. Nothing is decided here: the answer
/// is put beside its request, and the browser comes again by GET, with its cookies. The code stays out of the address.
async fn posted_callback(mut visit: Visit, Path(slug): Path<String>, form: PostedForm) -> Response {
    let answered = keep_answer(&mut visit, &slug, form.raw().unwrap_or_default()).await;
    visit.answer(answered)
}

async fn keep_answer(visit: &mut Visit, slug: &str, body: &[u8]) -> Result<Response, PageRefusal> {
    let connection = enabled(visit, slug).await?;
    match flow::keep_posted(&mut visit.cx, &connection, body).await? {
        Some(state) => Ok(visit.redirect(&format!("{}?state={state}", connection.callback_path()), None)),
        None => Ok(unanswerable(visit, None, Unanswerable::Unknown)),
    }
}

async fn take_answer(visit: &mut Visit, slug: &str, query: &str) -> Result<Response, PageRefusal> {
    let connection = enabled(visit, slug).await?;
    let waiting = match flow::find(&visit.cx, &connection, query).await? {
        Ok(waiting) => waiting,
        Err(why) => return Ok(unanswerable(visit, None, why)),
    };
    // SECURITY: whose browser it is comes first: an answer in another browser is not even used up.
    match waiting.purpose() {
        Some(Purpose::SignIn(id)) => {
            let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
            match flow::answer(&mut visit.cx, &connection, waiting).await {
                Ok(answer) => sign_in_by(visit, sign_in, &connection, answer).await,
                Err(error) => failed(visit, Some(&sign_in), &connection, error).await,
            }
        }
        Some(Purpose::Link(id)) => {
            let Some(owner) = account::owner(visit).await? else {
                return Ok(account::to_sign_in(visit));
            };
            if owner.session.id != id {
                return Err(PageRefusal::UnknownSignIn);
            }
            match flow::answer(&mut visit.cx, &connection, waiting).await {
                Ok(answer) => link_by(visit, &owner, &connection, answer).await,
                Err(error) => failed(visit, None, &connection, error).await,
            }
        }
        None => Err(PageRefusal::UnknownSignIn),
    }
}

async fn sign_in_by(
    visit: &mut Visit,
    mut sign_in: SignIn,
    connection: &Connection,
    answer: Answer,
) -> Result<Response, PageRefusal> {
    let person = match answer {
        Answer::Person(person) => *person,
        Answer::Refused(error) => {
            tracing::info!(error, connection = %connection.id, "a provider refused a sign-in");
            record_failure(
                &mut visit.cx,
                Some(&sign_in),
                connection,
                None,
                "provider_refused",
            )
            .await?;
            let kind = ErrorKind::ConnectionRefused;
            return Ok(problem(
                visit,
                Some(&sign_in),
                kind,
                StatusCode::FORBIDDEN,
                "provider_refused",
            ));
        }
        Answer::Unanswerable(why) => return Ok(unanswerable(visit, Some(&sign_in), why)),
    };
    sign_in.forget_candidate();
    if let Some(identity) = connections::find_identity(&mut visit.cx, connection.id, &person).await? {
        return linked(visit, &mut sign_in, connection, &identity, &person).await;
    }
    not_linked(visit, &mut sign_in, connection, person).await
}

/// Somebody whose account is known.
async fn linked(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    connection: &Connection,
    identity: &UpstreamIdentity,
    person: &Person,
) -> Result<Response, PageRefusal> {
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), identity.user_id).await?;
    let user = user.ok_or(PageRefusal::UnknownSignIn)?;
    if fresh_user(sign_in).is_some_and(|asked| asked != user.id) {
        return Ok(not_theirs(visit, sign_in));
    }
    if !user.is_active() {
        return disabled(visit, sign_in, connection, user.id).await;
    }
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    connections::use_identity(&mut visit.cx, identity.id, person).await?;
    signed_in(visit, sign_in, (connection, person), user, before).await
}

/// Whom a sensitive page asks to prove themselves anew: nobody else will do, and no account is made or linked on the way.
fn fresh_user(sign_in: &SignIn) -> Option<UserId> {
    match sign_in.started_by() {
        StartedBy::Account { fresh, .. } => *fresh,
        StartedBy::Authorization { .. } => None,
    }
}

fn not_theirs(visit: &Visit, sign_in: &SignIn) -> Response {
    let kind = ErrorKind::IdentityUnlinked;
    problem(
        visit,
        Some(sign_in),
        kind,
        StatusCode::FORBIDDEN,
        "identity_unlinked",
    )
}

async fn disabled(
    visit: &mut Visit,
    sign_in: &SignIn,
    connection: &Connection,
    user: UserId,
) -> Result<Response, PageRefusal> {
    record_failure(
        &mut visit.cx,
        Some(sign_in),
        connection,
        Some(user),
        "user_disabled",
    )
    .await?;
    Err(PageRefusal::Condition {
        status: StatusCode::FORBIDDEN,
        kind: ErrorKind::AccountDisabled,
        code: "account_disabled",
    })
}

/// Adds the provider's word to the sign-in and does what follows.
pub(super) async fn signed_in(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    (connection, person): (&Connection, &Person),
    user: Arc<User>,
    before: Option<Arc<sessions::Session>>,
) -> Result<Response, PageRefusal> {
    let cx = &mut visit.cx;
    let proven = Proven {
        account: prove::account_of(&user),
        factor: factor(cx, connection, person),
        user,
        before,
    };
    let next = prove::advance(cx, &visit.headers, sign_in, proven).await?;
    follow(visit, sign_in, next).await
}

/// What the provider's word is worth: one factor, unless it is trusted to have asked for two.
fn factor(cx: &Cx, connection: &Connection, person: &Person) -> Factor {
    let trusted = if connection.settings.trust_amr {
        person.amr.as_slice()
    } else {
        &[]
    };
    let mut amr = vec!["fed".to_owned()];
    // `mfa` is said by us, where it is so.
    amr.extend(
        trusted
            .iter()
            .filter(|value| !matches!(value.as_str(), "mfa" | "fed"))
            .cloned(),
    );
    Factor {
        method: connection.method(),
        basis: Basis::Upstream,
        amr,
        is_multi: trusted.iter().any(|value| value == "mfa"),
        resists_phishing: false,
        at: cx.now,
    }
}

/// Somebody whom no account is linked to yet.
async fn not_linked(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    connection: &Connection,
    person: Person,
) -> Result<Response, PageRefusal> {
    if fresh_user(sign_in).is_some() {
        return Ok(not_theirs(visit, sign_in));
    }
    let email = person
        .email
        .as_deref()
        .and_then(|email| IdentifierValue::email(email).ok());
    let trusted = email.filter(|_| person.email_verified && connection.settings.trust_email);
    let mut has_account = false;
    if let Some(email) = &trusted {
        let account = identities::find_by_identifier(&visit.cx, email.normalized()).await?;
        has_account = account.is_some();
        if let Some(account) = account {
            if !account.is_active() {
                return disabled(visit, sign_in, connection, account.id).await;
            }
            if is_verified(&account, email) {
                return link_and_sign_in(visit, sign_in, (connection, &person), account).await;
            }
        } else if connect::may_sign_up(&visit.cx, connection)
            && let Some(name) = connect::name_of(&person)
        {
            return connect::create(visit, sign_in, (connection, &person), (name, email.clone())).await;
        }
    }
    let pending = Pending::new(connection.id, person, has_account);
    connections::put_pending(&mut visit.cx, sign_in.id, &pending).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, sign_in, connect::PATH, None))
}

fn is_verified(account: &User, email: &IdentifierValue) -> bool {
    account.identifiers.iter().any(|own| {
        own.kind == IdentifierKind::Email && own.normalized == email.normalized() && own.verified_at.is_some()
    })
}

/// Both sides have verified the same address: they are one person.
async fn link_and_sign_in(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    (connection, person): (&Connection, &Person),
    user: Arc<User>,
) -> Result<Response, PageRefusal> {
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    if connections::link(cx, connection, person, user.id, LinkedBy::VerifiedEmail).await? {
        tell_linked(cx, &user, connection, locale).await?;
    }
    signed_in(visit, sign_in, (connection, person), user, before).await
}

/// A mail to the owner of the account: a new way in is never silent.
pub(super) async fn tell_linked(
    cx: &mut Cx,
    user: &User,
    connection: &Connection,
    locale: crate::pages::Locale,
) -> Result<(), Fault> {
    let Some((email, _)) = user.email() else {
        return Ok(());
    };
    let mail = Mail::FactorAdded {
        factor: MailFactor::Provider(connection.name.clone()),
        occasion: Occasion::at(cx.now),
    };
    mail::queue(cx, email, locale, mail).await
}

/// Links on the account page: the owner gave a fresh factor when they began, and the provider has just said who it is.
async fn link_by(
    visit: &mut Visit,
    owner: &account::Owner,
    connection: &Connection,
    answer: Answer,
) -> Result<Response, PageRefusal> {
    let person = match answer {
        Answer::Person(person) => *person,
        Answer::Refused(_) => {
            let kind = ErrorKind::ConnectionRefused;
            return Ok(problem(
                visit,
                None,
                kind,
                StatusCode::FORBIDDEN,
                "provider_refused",
            ));
        }
        Answer::Unanswerable(why) => return Ok(unanswerable(visit, None, why)),
    };
    let locale = visit.context(None).locale;
    let known = connections::find_identity(&mut visit.cx, connection.id, &person).await?;
    match known {
        Some(identity) if identity.user_id != owner.user.id => {
            let kind = ErrorKind::IdentityTaken;
            return Ok(problem(visit, None, kind, StatusCode::CONFLICT, "identity_taken"));
        }
        Some(_) => {}
        None => {
            let cx = &mut visit.cx;
            if connections::link(cx, connection, &person, owner.user.id, LinkedBy::Account).await? {
                tell_linked(cx, &owner.user, connection, locale).await?;
            }
            cx.commit().await?;
        }
    }
    account::done(visit, account::Page::Profile, owner, ("identity_linked", 0))
}

/// Somebody who chose to sign in to an account that they have did so: both are proven, in one sign-in.
pub(super) async fn link_pending(cx: &mut Cx, sign_in: &SignIn, user: &User) -> Result<(), SignInError> {
    let Some(pending) = connections::find_pending(cx, sign_in.id)
        .await?
        .filter(|pending| pending.state.links)
    else {
        return Ok(());
    };
    if !connections::take_pending(cx, sign_in.id).await? {
        return Ok(());
    }
    let Some(connection) = connections::find_by_id_within(cx, pending.connection_id).await? else {
        return Ok(());
    };
    if connection.enabled
        && connections::link(cx, &connection, &pending.person, user.id, LinkedBy::BothProven).await?
    {
        let locale = sign_in.state.ui_locales.as_deref();
        let locale = locale.and_then(|list| list.split(' ').find_map(crate::pages::Locale::from_tag));
        let tenants = cx
            .tenant
            .settings
            .default_locale
            .as_deref()
            .and_then(crate::pages::Locale::from_tag);
        tell_linked(cx, user, &connection, locale.or(tenants).unwrap_or_default()).await?;
    }
    Ok(())
}

/// Writes the failure down, and commits.
pub(super) async fn record_failure(
    cx: &mut Cx,
    sign_in: Option<&SignIn>,
    connection: &Connection,
    user: Option<UserId>,
    reason: &'static str,
) -> Result<(), Fault> {
    let payload = json!({ "method": connection.method(), "reason": reason });
    let mut event = Event::new("user.login_failed").payload(payload);
    if let Some(user) = user {
        event = event.subject(user);
    }
    if let Some(client) = sign_in.and_then(SignIn::client_id) {
        event = event.client(client);
    }
    events::append(cx, event).await?;
    Ok(cx.commit().await?)
}

/// The provider could not be asked, or what it says does not hold.
async fn failed(
    visit: &mut Visit,
    sign_in: Option<&SignIn>,
    connection: &Connection,
    error: UpstreamError,
) -> Result<Response, PageRefusal> {
    let error = match error {
        UpstreamError::Fault(fault) => return Err(fault.into()),
        error => error,
    };
    let cx = &mut visit.cx;
    cx.rollback().await;
    tracing::warn!(%error, connection = %connection.id, request_id = %cx.request.id, "a provider's word does not hold");
    record_failure(cx, sign_in, connection, None, error.code()).await?;
    if error.is_outage() {
        let kind = ErrorKind::ConnectionUnavailable;
        let response = problem(
            visit,
            sign_in,
            kind,
            StatusCode::SERVICE_UNAVAILABLE,
            error.code(),
        );
        return Ok(with_retry_after(response, std::time::Duration::from_secs(30)));
    }
    Ok(problem(
        visit,
        sign_in,
        ErrorKind::ConnectionAnswer,
        StatusCode::BAD_GATEWAY,
        error.code(),
    ))
}

fn unanswerable(visit: &Visit, sign_in: Option<&SignIn>, why: Unanswerable) -> Response {
    let (kind, code) = match why {
        Unanswerable::Unknown => (ErrorKind::ConnectionAnswer, "unknown_answer"),
        Unanswerable::Used => (ErrorKind::ConnectionUsed, "answer_used"),
        Unanswerable::Expired => (ErrorKind::SignInExpired, "answer_expired"),
        Unanswerable::Issuer => (ErrorKind::ConnectionAnswer, "issuer_mismatch"),
    };
    problem(visit, sign_in, kind, StatusCode::BAD_REQUEST, code)
}

/// A page that says what went wrong and leads back to where it began.
fn problem(
    visit: &Visit,
    sign_in: Option<&SignIn>,
    kind: ErrorKind,
    status: StatusCode,
    code: &'static str,
) -> Response {
    let cx = &visit.cx;
    let mut view = ErrorView::new(kind);
    view.code = Some(code);
    view.request_id = Some(cx.request.id.to_string());
    view.retry_url = Some(match sign_in {
        Some(sign_in) => cx.tenant.path(&format!("/sign-in?sign_in={}", sign_in.id)),
        None => cx.tenant.path("/account"),
    });
    let locales = sign_in.and_then(|sign_in| sign_in.state.ui_locales.as_deref());
    let mut response = visit.respond(status, &view, &visit.context(locales));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
