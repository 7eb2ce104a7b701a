//! An attempt to prove oneself, under its limits; and what success does: session, event, cookies.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use authflow_types::{ClientId, SessionId, Timestamp, UserId};
use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::json;

use super::assurance::{self, Assurance, Basis, Factor};
use super::error::AttemptError;
use super::methods::{Answer, Method, PASSWORD, Proof, Worth};
use super::model::{SignIn, StartedBy};
use super::policy::{self, Need};
use super::{SignInError, device, ops};
use crate::cx::Actor;
use crate::events::{self, Event};
use crate::http::cookies::{self, CookieKind};
use crate::http::page;
use crate::identities::{self, IdentifierKind, IdentifierValue, User};
use crate::limits::GuessKey;
use crate::mail::Mail;
use crate::sessions::{self, Session, SessionError};
use crate::vault::SubKey;
use crate::{Cx, Fault, account};

/// Most bytes of what was typed as identifier that limits look at.
const MAX_ACCOUNT_BYTES: usize = 320;

/// Somebody who has just given a factor.
pub(crate) struct Proven {
    pub(crate) user: Arc<User>,
    /// The session that this browser had before; read before anything is written.
    pub(crate) before: Option<Arc<Session>>,
    pub(crate) factor: Factor,
    /// What limits and known devices are counted by.
    pub(crate) account: Vec<u8>,
}

impl Proven {
    /// `method` was satisfied at `now`.
    pub(crate) fn factor(method: &dyn Method, worth: Worth, now: Timestamp) -> Factor {
        Factor {
            method: method.id().to_owned(),
            basis: method.basis(),
            amr: worth.amr.iter().map(|&value| value.to_owned()).collect(),
            is_multi: worth.is_multi,
            resists_phishing: worth.resists_phishing,
            at: now,
        }
    }
}

/// An attempt to give a factor.
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'static dyn Method,
    /// What was typed as identifier; not looked at for a second factor.
    pub(crate) identifier: &'a str,
    /// The password, code or assertion.
    pub(crate) secret: &'a str,
}

/// The same bytes for every spelling of an identifier, and for what is none at all.
pub(super) fn account_key(typed: &str, identifier: Option<&IdentifierValue>) -> Vec<u8> {
    match identifier {
        Some(identifier) => identifier.normalized().as_bytes().to_vec(),
        None => typed
            .trim()
            .to_lowercase()
            .bytes()
            .take(MAX_ACCOUNT_BYTES)
            .collect(),
    }
}

/// Tries to give a factor: the first one for whom the identifier names, a further one for whom gave the first.
/// Counted; a failure is recorded as `user.login_failed` and committed before this returns. The transaction of a
/// success stays open.
///
/// # Errors
/// [`AttemptError`]; `Wrong` for unknown identifiers and wrong proofs alike.
pub(crate) async fn attempt(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: Option<&SignIn>,
    attempt: Attempt<'_>,
) -> Result<Proven, AttemptError> {
    let Attempt {
        method,
        identifier: typed,
        secret,
    } = attempt;
    let candidate = sign_in.and_then(SignIn::candidate);
    let addressee = sign_in.and_then(|sign_in| sign_in.addressee(method.id()));
    let typed = addressee.unwrap_or(typed);
    let identifier = IdentifierValue::guess(typed);
    if is_exhausted(cx, sign_in, method).await? {
        return Err(AttemptError::Exhausted);
    }
    let account = match (candidate, sign_in) {
        (Some(user), _) => second_factor_key(user),
        (None, Some(sign_in)) if typed.is_empty() => method.counted_by(sign_in, secret),
        (None, _) => account_key(typed, identifier.as_ref()),
    };
    let mark = known_device(cx, headers, &account).await?;
    let guess = GuessKey {
        tenant: cx.tenant_id(),
        account: &account,
        address: cx.request.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        device: mark.as_ref().map(<[u8; 16]>::as_slice),
    };
    let counted = cx
        .app
        .guessing
        .begin(cx.now, &guess)
        .map_err(|wait| AttemptError::Wait {
            retry_after: wait.retry_after,
        })?;
    // Before the method writes: one request holds one connection.
    let before = match sessions::current(cx, headers).await {
        Ok(before) => before,
        Err(fault) => {
            cx.app.guessing.abandoned(cx.now, counted);
            return Err(fault.into());
        }
    };
    let answer = Answer {
        sign_in,
        user: candidate,
        identifier: identifier.as_ref(),
        secret,
    };
    let client = sign_in.and_then(SignIn::client_id);
    match method.verify(cx, answer).await {
        Ok(Proof::Right { user, worth }) => {
            let user = identities::find_user_within(cx, user).await?;
            let owns = |user: &User| identifier.as_ref().is_some_and(|typed| user.own(typed).is_some());
            // SECURITY: what was typed may be another's: only their own is cleared, remembered and known from now on.
            let is_theirs = |user: &User| typed.is_empty() || owns(user);
            if candidate.is_some() || user.as_deref().is_some_and(is_theirs) {
                cx.app.guessing.succeeded(cx.now, counted);
            } else {
                cx.app.guessing.abandoned(cx.now, counted);
            }
            // Disabled or deleted between the two looks.
            let user = user
                .filter(|user| user.is_active())
                .ok_or(AttemptError::Disabled)?;
            if let Some(sign_in) = sign_in.filter(|_| candidate.is_some()) {
                identities::forgive_wrong(cx, user.id, proves_more_than_password(sign_in)).await?;
            }
            let account = match sign_in.and_then(|sign_in| sign_in.state.account.clone()) {
                Some(account) if candidate.is_some() => account,
                _ if owns(&user) => account,
                _ => account_of(&user),
            };
            Ok(Proven {
                factor: Proven::factor(method, worth, cx.now),
                user,
                before,
                account,
            })
        }
        Ok(Proof::Disabled { user }) => {
            cx.app.guessing.succeeded(cx.now, counted);
            record_failure(cx, method, client, Some(user), "user_disabled").await?;
            Err(AttemptError::Disabled)
        }
        Ok(Proof::Wrong { user }) => {
            cx.app.guessing.failed(counted);
            if let Some(user) = candidate {
                identities::count_wrong(cx, user).await?;
            }
            record_failure(cx, method, client, user, "wrong_credentials").await?;
            Err(AttemptError::Wrong)
        }
        Err(fault) => {
            cx.app.guessing.abandoned(cx.now, counted);
            Err(fault.into())
        }
    }
}

/// Whether no more second factors are taken from whoever gave this first one.
///
/// # Security
/// Who holds a stolen password is stopped for good; the owner goes on by a code or link by mail, a passkey or a new
/// password, which a passkey, not being guessed, never needs.
async fn is_exhausted(cx: &mut Cx, sign_in: Option<&SignIn>, method: &dyn Method) -> Result<bool, Fault> {
    match sign_in.and_then(|sign_in| Some((sign_in, sign_in.candidate()?))) {
        Some((sign_in, user)) if method.basis() != Basis::Passkey && !proves_more_than_password(sign_in) => {
            identities::is_exhausted(cx, user).await
        }
        _ => Ok(false),
    }
}

/// Whether something that was proven here stays with its owner when the password is stolen.
fn proves_more_than_password(sign_in: &SignIn) -> bool {
    let stays = |basis| matches!(basis, Basis::Mailbox | Basis::Phone | Basis::Passkey);
    sign_in.factors().iter().any(|factor| stays(factor.basis))
}

/// What tries of a second factor are counted by: apart from those of the first, so that one does not slow the other.
fn second_factor_key(user: UserId) -> Vec<u8> {
    [b"second:".as_slice(), user.as_bytes()].concat()
}

/// What a user's known devices are counted by where no identifier was typed.
pub(super) fn account_of(user: &User) -> Vec<u8> {
    let primary = [
        IdentifierKind::Email,
        IdentifierKind::Username,
        IdentifierKind::Phone,
    ]
    .into_iter()
    .find_map(|kind| user.primary(kind));
    primary.map_or_else(
        || user.id.as_bytes().to_vec(),
        |identifier| identifier.normalized.as_bytes().to_vec(),
    )
}

/// Whether this browser has signed in to the user's account since the password was set.
pub(super) async fn is_known_device(cx: &mut Cx, headers: &HeaderMap, user: &User) -> Result<bool, Fault> {
    let Some(cookie) = cookies::read(headers, CookieKind::Device, &cx.tenant) else {
        return Ok(false);
    };
    let key = device_key(cx)?;
    let by_identifier = user.identifiers.iter().map(|own| own.normalized.as_bytes());
    let newest = by_identifier
        .chain([user.id.as_bytes().as_slice()])
        .filter_map(|account| device::find(&key, &cookie, account, cx.now))
        .map(|(_, issued_at)| issued_at)
        .max();
    let Some(issued_at) = newest else {
        return Ok(false);
    };
    let set_at = identities::password_set_at(cx, user.id).await?;
    Ok(counts_since(issued_at, set_at))
}

/// Whether a mark of `issued_at` outlives the last change of password. Marks know whole seconds.
fn counts_since(issued_at: Timestamp, set_at: Option<Timestamp>) -> bool {
    set_at.is_none_or(|set_at| issued_at.as_secs() >= set_at.as_secs())
}

fn device_key(cx: &Cx) -> Result<SubKey, Fault> {
    Ok(cx.tenant.data_key.derive(device::KEY_LABEL)?)
}

/// The mark of this browser, if it signed in to the account since the password was set.
///
/// # Security
/// Storage is asked only for who brings a mark of ours: it tells nobody else whether there is an account.
pub(super) async fn known_device(
    cx: &mut Cx,
    headers: &HeaderMap,
    account: &[u8],
) -> Result<Option<device::Mark>, Fault> {
    let Some(cookie) = cookies::read(headers, CookieKind::Device, &cx.tenant) else {
        return Ok(None);
    };
    let Some((mark, issued_at)) = device::find(&device_key(cx)?, &cookie, account, cx.now) else {
        return Ok(None);
    };
    let identifier = std::str::from_utf8(account).ok().and_then(IdentifierValue::guess);
    let set_at = match &identifier {
        Some(identifier) => identities::password_set_at_of(cx, identifier).await?,
        None => None,
    };
    Ok(counts_since(issued_at, set_at).then_some(mark))
}

/// Writes the failure down, and commits: a refusal that is not recorded did not happen.
async fn record_failure(
    cx: &mut Cx,
    method: &dyn Method,
    client: Option<ClientId>,
    user: Option<UserId>,
    reason: &'static str,
) -> Result<(), Fault> {
    let mut event =
        Event::new("user.login_failed").payload(json!({ "method": method.id(), "reason": reason }));
    if let Some(user) = user {
        event = event.subject(user);
    }
    if let Some(client) = client {
        event = event.client(client);
    }
    events::append(cx, event).await?;
    Ok(cx.commit().await?)
}

/// Whether `password` is the user's, under the limits of a sign-in: for changes that a borrowed session must not make.
///
/// # Errors
/// [`AttemptError`].
pub(crate) async fn confirm_password(
    cx: &mut Cx,
    headers: &HeaderMap,
    user: &User,
    password: &str,
) -> Result<(), AttemptError> {
    let confirmed = Attempt {
        method: &PASSWORD,
        identifier: user.display_identifier(),
        secret: password,
    };
    let proven = attempt(cx, headers, None, confirmed).await?;
    if proven.user.id == user.id {
        Ok(())
    } else {
        Err(AttemptError::Wrong)
    }
}

/// What follows a factor.
pub(crate) enum Next {
    /// The user is signed in: the session and its cookies, to be set once the caller has committed.
    SignedIn {
        /// The session.
        session: SessionId,
        /// `Set-Cookie` values.
        cookies: Vec<HeaderValue>,
    },
    /// A second factor that the user has.
    SecondFactor,
    /// A second factor, which the user sets up first.
    SetUp,
    /// A second factor is required and none of the user's can be used here.
    OutOfReach,
}

/// Adds the factor to the sign-in and does what follows, in the context's transaction. The caller commits.
pub(crate) async fn advance(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    proven: Proven,
) -> Result<Next, SignInError> {
    if sign_in.candidate() != Some(proven.user.id) {
        sign_in.state.generation = proven.user.generation;
    } else if !sign_in.counts_for(&proven.user) {
        return Err(SignInError::Unknown);
    }
    sign_in.add_factor(proven.user.id, proven.factor.clone());
    sign_in.state.account = Some(proven.account.clone());
    let next = match policy::need(cx, headers, sign_in, &proven.user).await? {
        Need::Nothing => {
            let (session, cookies) = complete(cx, headers, sign_in, &proven).await?;
            return Ok(Next::SignedIn { session, cookies });
        }
        Need::SecondFactor => Next::SecondFactor,
        Need::SetUp => Next::SetUp,
        Need::OutOfReach => Next::OutOfReach,
    };
    ops::save(cx, sign_in).await?;
    Ok(next)
}

/// Gives the user their session and the sign-in its end. Emits `user.login`, and `session.created` for a new session.
///
/// # Security
/// The session's secret is new whatever the browser had before (fixation); a session of somebody else in this browser
/// ends, because its cookie is about to be overwritten. Nobody gets one by what they proved before a reset, a takeover or
/// a disabling, however these meet.
async fn complete(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    proven: &Proven,
) -> Result<(SessionId, Vec<HeaderValue>), SignInError> {
    let user = &*proven.user;
    if !identities::hold(cx, user.id, sign_in.state.generation).await? {
        return Err(SignInError::Unknown);
    }
    cx.actor = Actor::User(user.id);
    let assurance = Assurance::of(sign_in.factors(), policy::independence(cx, user));
    let amr = assurance::amr(sign_in.factors(), assurance);
    let renewed = match &proven.before {
        Some(session) if session.user_id == user.id => {
            match sessions::renew(cx, session, amr.clone(), assurance.acr()).await {
                Ok(renewed) => Some(renewed),
                Err(SessionError::NotFound) => None,
                Err(SessionError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Some(session) => {
            sessions::end(cx, session.id, "replaced").await?;
            None
        }
        None => None,
    };
    let (session, token) = match renewed {
        Some(renewed) => renewed,
        None => sessions::create(cx, user, amr, assurance.acr()).await?,
    };
    super::upstream::link_pending(cx, sign_in, user).await?;
    if user.deletion_due_at.is_some() {
        identities::cancel_deletion(cx, user.id).await?;
    }
    sign_in.authenticate(session.id, cx.now);
    match sign_in.started_by() {
        StartedBy::Authorization { .. } => ops::save(cx, sign_in).await?,
        StartedBy::Account { .. } => ops::finish(cx, sign_in).await?,
    }
    tell_of_new_device(cx, headers, sign_in, user).await?;
    record_login(cx, sign_in, (user.id, session.id), assurance).await?;
    let device = remember_device(cx, headers, &proven.account)?;
    let cookies = sessions::cookie(cx, &token).into_iter().chain(device).collect();
    Ok((session.id, cookies))
}

/// The cookie by which the account knows this browser from now on.
fn remember_device(cx: &Cx, headers: &HeaderMap, account: &[u8]) -> Result<Option<HeaderValue>, Fault> {
    let known = cookies::read(headers, CookieKind::Device, &cx.tenant);
    let known = device::remember(&device_key(cx)?, known.as_deref(), account, cx.now, cx.rng());
    Ok(cookies::set(
        CookieKind::Device,
        &cx.tenant,
        &known,
        Some(device::LIFETIME),
    ))
}

/// The same for the browser in which the owner just changed the password, which every other mark ends with.
pub(crate) fn remember_owners_device(
    cx: &Cx,
    headers: &HeaderMap,
    user: &User,
) -> Result<Option<HeaderValue>, Fault> {
    remember_device(cx, headers, &account_of(user))
}

/// A browser that the account does not know signs in to it: its owner is told. Not of the first sign-in of all.
async fn tell_of_new_device(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &SignIn,
    user: &User,
) -> Result<(), Fault> {
    if !cx.tenant.settings.new_device_notice
        || is_known_device(cx, headers, user).await?
        || !events::has_happened(cx, user.id, "user.login").await?
    {
        return Ok(());
    }
    // An application that signs users in without a browser brings no mark: it is known by its name.
    if !headers.contains_key(header::COOKIE) && sessions::knows_agent(cx, user.id).await? {
        return Ok(());
    }
    let locale = page::context_in(cx, headers, sign_in.state.ui_locales.as_deref()).locale;
    account::tell(cx, user, locale, |occasion| Mail::NewDevice { occasion }).await
}

async fn record_login(
    cx: &mut Cx,
    sign_in: &SignIn,
    (user, session): (UserId, SessionId),
    assurance: Assurance,
) -> Result<(), Fault> {
    let factors = sign_in.factors();
    let methods: Vec<&str> = factors.iter().map(|factor| factor.method.as_str()).collect();
    let payload = json!({
        "method": methods.first(),
        "methods": methods,
        "mfa": assurance > Assurance::Single,
        "client_id": sign_in.client_id(),
        "session_id": session,
        "country": cx.request.place.country,
        "device": account::device_name(cx.request.user_agent.as_deref()),
    });
    let mut event = Event::new("user.login")
        .subject(user)
        .session(session)
        .payload(payload);
    if let Some(client) = sign_in.client_id() {
        event = event.client(client);
    }
    events::append(cx, event).await
}
