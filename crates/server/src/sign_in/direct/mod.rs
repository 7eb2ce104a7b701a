//! Sign-ins that a client drives itself, without a browser: bound to an `auth_session` in place of a cookie.
//!
//! Read this file (steps, standing, factors), `sign_up`, `set_up` (a second factor on the way in), `recover`.
//!
//! # Security
//! The row holds the digest of the token for the next step only. Presenting it replaces it, whatever comes of the step, so
//! that each is good for one; a token of another kind (a browser's cookie) never fits, nor does this one fit a page. No
//! header of the request is looked at: a page that calls may bring cookies of a session or of a trusted browser, and they
//! mean nothing here.

mod recover;
mod set_up;
mod sign_up;

use std::sync::Arc;

use authflow_types::{ClientId, SignInId, Token, TokenKind};
use axum::http::HeaderMap;

pub(crate) use self::recover::{ask as ask_recovery, can_recover, prove as prove_recovery, replace_password};
pub(crate) use self::set_up::{SetUp, begin as begin_set_up, finish as finish_set_up};
pub(crate) use self::sign_up::{complete as complete_sign_up, register};
use super::assurance::Assurance;
use super::error::AttemptError;
use super::methods::{self, Begun, Method, TOTP, Whom};
use super::model::{SignIn, StartedBy};
use super::policy::{self, Need};
use super::prove::{self, Attempt, Next, Proven};
use super::{SignInError, ops, store};
use crate::identities::{self, IdentifierValue, User};
use crate::pages::Locale;
use crate::{Cx, Fault};

/// Begins a sign-in of a client's own; the token is for its first step.
pub(crate) async fn start(cx: &mut Cx, started_by: StartedBy) -> Result<(SignIn, Token), SignInError> {
    let token = Token::generate(TokenKind::AuthSession, cx.rng());
    let sign_in = ops::begin(cx, started_by, token.digest(), None).await?;
    Ok((sign_in, token))
}

/// Uses up the token of a step. The caller commits, then goes on with the token of the next.
///
/// # Errors
/// [`SignInError::Unknown`] for a token that was used, is unknown, expired, or another client's.
pub(crate) async fn take(
    cx: &mut Cx,
    id: SignInId,
    presented: &Token,
    client: ClientId,
) -> Result<(SignIn, Token), SignInError> {
    let found = ops::find_unbound(cx, id).await?;
    let is_own = |sign_in: &SignIn| sign_in.client_id() == Some(client);
    let mut sign_in = found.filter(is_own).ok_or(SignInError::Unknown)?;
    let token = Token::generate(TokenKind::AuthSession, cx.rng());
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let digests = (presented.digest(), token.digest());
    if !store::rebind(cx.tx().await?, tenant, id, digests, now).await? {
        return Err(SignInError::Unknown);
    }
    sign_in.binding = token.digest();
    Ok((sign_in, token))
}

/// What a sign-in waits for.
pub(crate) enum Standing {
    /// The first factor, by one of these methods, in the order shown.
    First(Vec<&'static dyn Method>),
    /// A second one of whoever gave the first.
    Second(Arc<User>, Vec<&'static dyn Method>),
    /// A second one, for which they set an authenticator app up first.
    SetUp(Arc<User>),
    /// A second one that cannot be given here.
    OutOfReach,
}

/// Where a sign-in stands. Whoever gave a first factor and may not sign in any more is forgotten.
pub(crate) async fn standing(cx: &mut Cx, sign_in: &mut SignIn) -> Result<Standing, Fault> {
    let candidate = match sign_in.candidate() {
        Some(id) => identities::find_user(&cx.app, cx.tenant_id(), id).await?,
        None => None,
    };
    let Some(user) = candidate.filter(|user| user.is_active() && sign_in.counts_for(user)) else {
        sign_in.forget_candidate();
        return Ok(Standing::First(firsts(cx)));
    };
    let need = policy::need(cx, &HeaderMap::new(), sign_in, &user).await?;
    let app_will_do = sign_in
        .asked_assurance()
        .is_none_or(|asked| asked <= Assurance::Multi);
    Ok(match need {
        Need::SetUp if app_will_do && TOTP.roles(cx).second => Standing::SetUp(user),
        Need::SetUp | Need::OutOfReach => Standing::OutOfReach,
        Need::SecondFactor | Need::Nothing => {
            let methods = methods::seconds(cx, &user, sign_in.factors()).await?;
            Standing::Second(user, methods)
        }
    })
}

/// The methods for a first factor. A link is opened in another place than where the sign-in began, so it is of use only
/// where that place shows a code.
fn firsts(cx: &Cx) -> Vec<&'static dyn Method> {
    let links_show_codes = cx.tenant.settings.methods.magic_link_code_on_other_device;
    let is_usable = |method: &&'static dyn Method| {
        method.roles(cx).first && (links_show_codes || method.id() != methods::MAGIC_LINK.id())
    };
    methods::ALL.iter().copied().filter(is_usable).collect()
}

/// Sends the code or link of `method`, to whom `username` names or whoever gave the first factor; commits.
pub(crate) async fn send(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    method: &dyn Method,
    (candidate, username): (Option<&User>, &str),
) -> Result<Begun, SignInError> {
    let locale = locale_of(cx, sign_in);
    let identifier = IdentifierValue::guess(username).filter(|_| candidate.is_none());
    let named = match candidate {
        Some(_) => None,
        None => identities::find_by_identifier_evenly(cx, username).await?,
    };
    let whom = Whom {
        sign_in,
        user: candidate.or(named.as_deref()),
        identifier: identifier.as_ref(),
        is_known: false,
        locale,
    };
    let begun = method.begin(cx, whom).await?;
    // What was sent before stays good where no more is sent, and belongs to whom it was sent to.
    if candidate.is_none() && begun == Begun::Sent {
        sign_in.wait_for(method.id(), username);
        ops::save(cx, sign_in).await?;
    }
    cx.commit().await?;
    Ok(begun)
}

/// Whom the message of `method` that the user is waiting for was sent to.
pub(crate) fn sent_to<'a>(sign_in: &'a SignIn, method: &dyn Method) -> Option<&'a str> {
    sign_in.addressee(method.id())
}

/// The first language that the request named and we have, else the tenant's.
fn locale_of(cx: &Cx, sign_in: &SignIn) -> Locale {
    let locales = sign_in.state.ui_locales.as_deref().unwrap_or_default();
    let asked = locales.split(' ').find_map(Locale::from_tag);
    let tenants = || {
        cx.tenant
            .settings
            .default_locale
            .as_deref()
            .and_then(Locale::from_tag)
    };
    asked.or_else(tenants).unwrap_or_default()
}

/// Tries to give a factor and does what follows; commits what came of it either way. The session's cookie is nobody's.
///
/// # Errors
/// [`AttemptError`], as on the pages.
pub(crate) async fn prove(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    attempt: Attempt<'_>,
) -> Result<Next, AttemptError> {
    let proven = prove::attempt(cx, &HeaderMap::new(), Some(sign_in), attempt).await?;
    advance(cx, sign_in, proven).await
}

/// Adds a factor, does what follows, and commits.
async fn advance(cx: &mut Cx, sign_in: &mut SignIn, proven: Proven) -> Result<Next, AttemptError> {
    let next = match prove::advance(cx, &HeaderMap::new(), sign_in, proven).await {
        Ok(next) => next,
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
        // Finished by a parallel step.
        Err(SignInError::Unknown | SignInError::OtherBrowser) => return Err(AttemptError::Wrong),
    };
    cx.commit().await?;
    Ok(next)
}
