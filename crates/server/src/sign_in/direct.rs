//! Sign-ins that a client drives itself, without a browser: bound to an `auth_session` in place of a cookie.
//!
//! # Security
//! The row holds the digest of the token for the next step only. Presenting it replaces it, whatever comes of the step, so
//! that each is good for one; a token of another kind (a browser's cookie) never fits, nor does this one fit a page.

use std::sync::Arc;

use authflow_types::{ClientId, SignInId, Token, TokenKind};
use axum::http::HeaderMap;

use super::assurance::Basis;
use super::error::AttemptError;
use super::methods::{self, Begun, Method, Whom};
use super::model::{SignIn, StartedBy};
use super::prove::{self, Attempt, Next};
use super::{SignInError, ops, store};
use crate::identities::{self, IdentifierValue, User};
use crate::pages::Locale;
use crate::{Cx, Fault};

/// Begins a sign-in of a client's own; the token is for its first step.
pub(crate) async fn start_direct(cx: &mut Cx, started_by: StartedBy) -> Result<(SignIn, Token), SignInError> {
    let token = Token::generate(TokenKind::AuthSession, cx.rng());
    let sign_in = ops::begin(cx, started_by, token.digest(), None).await?;
    Ok((sign_in, token))
}

/// Uses up the token of a step. The caller commits, then goes on with the token of the next.
///
/// # Errors
/// [`SignInError::Unknown`] for a token that was used, is unknown, expired, or another client's.
pub(crate) async fn take_direct(
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

/// What can be given next.
pub(crate) struct Usable {
    /// Whoever gave the first factor.
    pub(crate) candidate: Option<Arc<User>>,
    /// The methods, in the order shown.
    pub(crate) methods: Vec<&'static dyn Method>,
}

/// The methods for the first factor, or for the second once the first was given. A passkey is given on a page.
pub(crate) async fn usable_direct(cx: &mut Cx, sign_in: &SignIn) -> Result<Usable, Fault> {
    let candidate = match sign_in.candidate() {
        Some(id) => identities::find_user(&cx.app, cx.tenant_id(), id).await?,
        None => None,
    };
    let candidate = candidate.filter(|user| user.is_active());
    let mut methods: Vec<&'static dyn Method> = if let Some(user) = &candidate {
        methods::seconds(cx, user, sign_in.factors()).await?
    } else {
        let all = methods::ALL.iter().copied();
        all.filter(|method| method.roles(cx).first).collect()
    };
    methods.retain(|method| method.basis() != Basis::Passkey);
    Ok(Usable { candidate, methods })
}

/// Sends the code or link of `method`, to whom `username` names or whoever gave the first factor; commits.
pub(crate) async fn send_direct(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    method: &dyn Method,
    (candidate, username): (Option<&User>, &str),
) -> Result<Begun, SignInError> {
    let locales = sign_in.state.ui_locales.clone().unwrap_or_default();
    let locale = locales.split(' ').find_map(Locale::from_tag).unwrap_or_default();
    let identifier = IdentifierValue::guess(username).filter(|_| candidate.is_none());
    let named = match candidate {
        Some(_) => None,
        None => identities::find_by_identifier(cx, username).await?,
    };
    let whom = Whom {
        sign_in,
        user: candidate.or(named.as_deref()),
        identifier: identifier.as_ref(),
        locale,
    };
    let begun = method.begin(cx, whom).await?;
    if candidate.is_none() {
        sign_in.state.identifier = Some(username.chars().take(320).collect());
        sign_in.state.waiting_for = Some(method.id().to_owned());
        ops::save(cx, sign_in).await?;
    }
    cx.commit().await?;
    Ok(begun)
}

/// Tries to give a factor and does what follows; commits what came of it either way. The session's cookie is nobody's.
///
/// # Errors
/// [`AttemptError`], as on the pages.
pub(crate) async fn prove_direct(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    attempt: Attempt<'_>,
) -> Result<Next, AttemptError> {
    // A page that calls may bring cookies; they mean nothing here.
    let headers = HeaderMap::new();
    let proven = prove::attempt(cx, &headers, Some(sign_in), attempt).await?;
    let next = match prove::advance(cx, &headers, sign_in, proven).await {
        Ok(next) => next,
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
        // Finished by a parallel step.
        Err(SignInError::Unknown | SignInError::OtherBrowser) => return Err(AttemptError::Wrong),
    };
    cx.commit().await?;
    Ok(next)
}
