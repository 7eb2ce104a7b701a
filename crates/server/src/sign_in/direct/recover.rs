//! A new password for whoever reads the account's mail, without a browser.
//!
//! ```text
//!   ask ──mail──▶ code ──prove──▶ proven ──replace_password──▶ password replaced ──▶ second factor, or signed in
//! ```
//!
//! The page's rules, with a code in place of the link: reading the mail is one factor, and a code by mail is none after it.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};

use super::{advance, send, sent_to};
use crate::Cx;
use crate::challenges::{self, Answered, NewChallenge};
use crate::http::visit::PageRefusal;
use crate::identities::{self, IdentityError};
use crate::pages::{Field, FormError, Message};
use crate::passwords::Password;
use crate::sign_in::methods::{Begun, RESET_CODE, Worth};
use crate::sign_in::model::SignIn;
use crate::sign_in::prove::{self, Attempt, Next, Proven};
use crate::sign_in::register::Refused;
use crate::sign_in::{AttemptError, SignInError, page_of, password_message, recover};

/// What a right code leaves behind, until the new password is there.
const PROVEN: &str = "recovery_proven";
const PROVEN_FOR: Duration = Duration::from_mins(15);

/// Whether passwords can be recovered at this tenant.
pub(crate) fn can_recover(cx: &Cx) -> bool {
    recover::is_available(cx)
}

/// Mails a code to the account that `username` names, if there is one; commits.
///
/// # Errors
/// How long this source must wait before it may ask again.
pub(crate) async fn ask(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    username: &str,
) -> Result<Result<Begun, Duration>, SignInError> {
    if let Some(wait) = recover::too_many(cx) {
        return Ok(Err(wait));
    }
    send(cx, sign_in, &RESET_CODE, (None, username)).await.map(Ok)
}

/// Whether `code` is the one that was mailed: then a new password may be given. Commits.
///
/// # Errors
/// [`AttemptError`], as for every factor.
pub(crate) async fn prove(cx: &mut Cx, sign_in: &SignIn, code: &str) -> Result<(), AttemptError> {
    let identifier = sent_to(sign_in, &RESET_CODE).unwrap_or_default().to_owned();
    let attempt = Attempt {
        method: &RESET_CODE,
        identifier: &identifier,
        secret: code,
    };
    let proven = prove::attempt(cx, &HeaderMap::new(), Some(sign_in), attempt).await?;
    let new = NewChallenge {
        subject: sign_in.id.as_uuid(),
        purpose: PROVEN,
        user: Some(proven.user.id),
        answer: PROVEN.as_bytes(),
        data: "",
        tries: 1,
        ttl: PROVEN_FOR,
    };
    challenges::put(cx, new).await?;
    Ok(cx.commit().await?)
}

/// Replaces the password of whoever [`prove`] proved, and signs them in as far as their mailbox goes. Commits.
///
/// # Errors
/// [`PageRefusal`]; what the user can mend is in the answer.
pub(crate) async fn replace_password(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    new: &str,
) -> Result<Result<Next, Refused>, PageRefusal> {
    let mistake = |field, message| {
        let error = FormError::fields([(field, message)]);
        Ok(Err(Refused::new(error, StatusCode::UNPROCESSABLE_ENTITY)))
    };
    let subject = sign_in.id.as_uuid();
    let proven = challenges::peek(cx, subject, PROVEN).await?;
    let user = match proven.and_then(|(user, _)| user) {
        Some(user) => identities::find_user(&cx.app, cx.tenant_id(), user).await?,
        None => None,
    };
    let Some(user) = user.filter(|user| user.is_active()) else {
        return mistake(Field::Code, Message::CodeMissing);
    };
    // Hashed before anything is written: no transaction waits for it.
    let hash = match identities::hash_password(cx, &Password::from(new), recover::about(&user)).await {
        Ok(hash) => hash,
        Err(IdentityError::Password(problem)) => {
            return mistake(Field::NewPassword, password_message(problem));
        }
        Err(error) => return Err(page_of(error)),
    };
    let Answered::Right { .. } = challenges::answer(cx, subject, PROVEN, PROVEN.as_bytes()).await? else {
        return mistake(Field::Code, Message::CodeMissing);
    };
    let locale = super::locale_of(cx, sign_in);
    let user = recover::replace(cx, &user, hash, locale).await?;
    let proven = Proven {
        factor: Proven::factor(&RESET_CODE, Worth::single(&["otp"]), cx.now),
        account: prove::account_of(&user),
        before: None,
        user,
    };
    match advance(cx, sign_in, proven).await {
        Ok(next) => Ok(Ok(next)),
        Err(AttemptError::Fault(fault)) => Err(fault.into()),
        Err(_) => Err(PageRefusal::UnknownSignIn),
    }
}
