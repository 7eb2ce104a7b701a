//! An attempt to prove oneself, under its limits; and what success does: session, event, cookies.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use authflow_types::{ClientId, UserId};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::error::AttemptError;
use super::methods::{Answer, Method, PASSWORD, Proof, UsedCredential};
use super::model::{SignIn, StartedBy};
use super::{SignInError, device, ops};
use crate::cx::Actor;
use crate::events::{self, Event};
use crate::http::cookies::{self, CookieKind};
use crate::identities::{self, IdentifierValue, User};
use crate::limits::GuessKey;
use crate::sessions::{self, ACR_SINGLE_FACTOR, Session, SessionError};
use crate::vault::SubKey;
use crate::{Cx, Fault};

/// Most bytes of what was typed as identifier that limits look at.
const MAX_ACCOUNT_BYTES: usize = 320;

/// Somebody who has just proven who they are.
pub(super) struct Proven {
    pub(super) user: Arc<User>,
    /// The session that this browser had before; read before anything is written.
    pub(super) before: Option<Arc<Session>>,
    pub(super) used: Option<UsedCredential>,
    /// What limits and known devices are counted by.
    pub(super) account: Vec<u8>,
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

/// Tries to prove that the browser's user is who `typed` names. Counted; a failure is recorded as `user.login_failed`
/// and committed before this returns.
///
/// # Errors
/// [`AttemptError`]; `Wrong` for unknown identifiers and wrong proofs alike.
pub(super) async fn attempt(
    cx: &mut Cx,
    headers: &HeaderMap,
    method: &dyn Method,
    (typed, secret): (&str, &str),
    client: Option<ClientId>,
) -> Result<Proven, AttemptError> {
    let identifier = IdentifierValue::guess(typed);
    let account = account_key(typed, identifier.as_ref());
    let mark = known_device(cx, headers, &account)?;
    let guess = GuessKey {
        tenant: cx.tenant_id(),
        account: &account,
        address: cx.request.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        device: mark.as_ref().map(<[u8; 16]>::as_slice),
    };
    let attempt = cx
        .app
        .guessing
        .begin(cx.now, &guess)
        .map_err(|wait| AttemptError::Wait {
            retry_after: wait.retry_after,
        })?;
    let proof = method
        .verify(
            cx,
            Answer {
                identifier: identifier.as_ref(),
                secret,
            },
        )
        .await;
    match proof {
        Ok(Proof::Right { user, used }) => {
            cx.app.guessing.succeeded(cx.now, attempt);
            let user = identities::find_user(&cx.app, cx.tenant_id(), user).await?;
            // Disabled or deleted between the two looks.
            let user = user
                .filter(|user| user.is_active())
                .ok_or(AttemptError::Disabled)?;
            let before = sessions::current(cx, headers).await?;
            Ok(Proven {
                user,
                before,
                used,
                account,
            })
        }
        Ok(Proof::Disabled { user }) => {
            cx.app.guessing.succeeded(cx.now, attempt);
            record_failure(cx, method, client, Some(user), "user_disabled").await?;
            Err(AttemptError::Disabled)
        }
        Ok(Proof::Wrong { user }) => {
            cx.app.guessing.failed(attempt);
            record_failure(cx, method, client, user, "wrong_credentials").await?;
            Err(AttemptError::Wrong)
        }
        Err(fault) => {
            cx.app.guessing.abandoned(cx.now, attempt);
            Err(fault.into())
        }
    }
}

fn device_key(cx: &Cx) -> Result<SubKey, Fault> {
    Ok(cx.tenant.data_key.derive(device::KEY_LABEL)?)
}

fn known_device(cx: &Cx, headers: &HeaderMap, account: &[u8]) -> Result<Option<device::Mark>, Fault> {
    let Some(cookie) = cookies::read(headers, CookieKind::Device, &cx.tenant) else {
        return Ok(None);
    };
    Ok(device::find(&device_key(cx)?, &cookie, account, cx.now))
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
    let typed = user.display_identifier();
    let proven = attempt(cx, headers, &PASSWORD, (typed, password), None).await?;
    if proven.user.id == user.id {
        Ok(())
    } else {
        Err(AttemptError::Wrong)
    }
}

/// Gives the user their session and the sign-in its end. The caller commits, then sets the cookies.
/// Emits `user.login`, and `session.created` for a new session.
///
/// # Security
/// The session's secret is new whatever the browser had before (fixation); a session of somebody else in this browser
/// ends, because its cookie is about to be overwritten.
pub(super) async fn complete(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    method: &dyn Method,
    proven: &Proven,
) -> Result<Vec<HeaderValue>, SignInError> {
    let user = &*proven.user;
    cx.actor = Actor::User(user.id);
    let amr = vec![method.amr().to_owned()];
    let renewed = match &proven.before {
        Some(session) if session.user_id == user.id => {
            match sessions::renew(cx, session, amr.clone(), ACR_SINGLE_FACTOR).await {
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
        None => sessions::create(cx, user, amr, ACR_SINGLE_FACTOR).await?,
    };
    if let Some(used) = &proven.used {
        identities::record_password_use(cx, &used.credential, used.upgraded.as_deref()).await?;
    }
    sign_in.authenticate(user.id, session.id, method.id(), cx.now);
    match sign_in.started_by() {
        StartedBy::Authorization { .. } => ops::save(cx, sign_in).await?,
        StartedBy::Account { .. } => ops::finish(cx, sign_in).await?,
    }
    let payload = json!({
        "method": method.id(),
        "mfa": false,
        "client_id": sign_in.client_id(),
        "session_id": session.id,
        "country": null,
        "device": crate::account::device_name(cx.request.user_agent.as_deref()),
    });
    let mut event = Event::new("user.login")
        .subject(user.id)
        .session(session.id)
        .payload(payload);
    if let Some(client) = sign_in.client_id() {
        event = event.client(client);
    }
    events::append(cx, event).await?;
    let known = cookies::read(headers, CookieKind::Device, &cx.tenant);
    let known = device::remember(
        &device_key(cx)?,
        known.as_deref(),
        &proven.account,
        cx.now,
        cx.rng(),
    );
    let device = cookies::set(CookieKind::Device, &cx.tenant, &known, Some(device::LIFETIME));
    Ok(sessions::cookie(cx, &token).into_iter().chain(device).collect())
}
