//! Sign-ins that a client drives itself, without a browser: bound to an `auth_session` in place of a cookie.
//!
//! # Security
//! The row holds the digest of the token for the next step only. Presenting it replaces it, whatever comes of the step, so
//! that each is good for one; a token of another kind (a browser's cookie) never fits, nor does this one fit a page.

use authflow_types::{ClientId, SessionId, SignInId, Token, TokenKind};
use axum::http::HeaderMap;

use super::error::AttemptError;
use super::methods::Method;
use super::model::{SignIn, StartedBy};
use super::{SignInError, ops, prove, store};
use crate::Cx;

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

/// Tries to prove who the user is; commits what came of it either way. The session's cookie is nobody's.
///
/// # Errors
/// [`AttemptError`], as on the pages.
pub(crate) async fn prove_direct(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    method: &dyn Method,
    answer: (&str, &str),
) -> Result<SessionId, AttemptError> {
    // A page that calls may bring cookies; they mean nothing here.
    let headers = HeaderMap::new();
    let proven = prove::attempt(cx, &headers, method, answer, sign_in.client_id()).await?;
    match prove::complete(cx, &headers, sign_in, method, &proven).await {
        Ok(_) => {}
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
        // Finished by a parallel step.
        Err(SignInError::Unknown | SignInError::OtherBrowser) => return Err(AttemptError::Wrong),
    }
    cx.commit().await?;
    sign_in.session_id().ok_or(AttemptError::Wrong)
}
