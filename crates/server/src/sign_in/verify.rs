//! `/verify`: where links in mails lead. GET shows a button and changes nothing, POST uses the link up.

use std::sync::Arc;
use std::time::Duration;

use authflow_types::{IdentifierId, SignInId, Token, UserId};
use axum::http::StatusCode;
use axum::response::Response;

use super::budget::{self, Budget};
use super::error::page_of;
use super::methods::{PASSWORD, Worth};
use super::model::{PendingSignUp, SignIn};
use super::page::follow;
use super::prove::{self, Proven};
use super::{AttemptError, SignInError, explain, ops, register};
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, Identifier, IdentifierKind, IdentifierValue, IdentityError, User};
use crate::mail::{self, LINK_TTL, LinkPurpose, Mail, OpenLink};
use crate::pages::{Field, FormError, Locale, Message, MessageKind, MessageView, VerifyEmailView};
use crate::passwords::{Password, Verification};
use crate::{Cx, Fault, sessions};

pub(super) fn routes() -> Routes {
    let public = Access::Public("the link's secret is the permission; opening it changes nothing");
    Routes::default()
        .get("/verify", public, Cors::None, show)
        .post("/verify", public, Cors::None, submit)
}

async fn show(visit: Visit) -> Response {
    let shown = show_page(&visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &Visit) -> Result<Response, PageRefusal> {
    let token = visit.link_token()?;
    let link = mail::find_link(&visit.cx, &token)
        .await?
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    page_of_link(visit, &link, token, None).await
}

async fn page_of_link(
    visit: &Visit,
    link: &OpenLink,
    token: String,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    let about = about(visit, link).await?;
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = VerifyEmailView {
        token,
        email: Some(about.email),
        password: !about.is_owner,
        can_disown: about.can_disown,
        error,
    };
    Ok(visit.respond(status, &view, &visit.context(None)))
}

/// What a link is about.
struct About {
    /// The address that it was sent to.
    email: String,
    /// Whether this is the browser of whoever asked for it; elsewhere they give their password.
    is_owner: bool,
    /// Whether there is an account that the reader may have no part in.
    can_disown: bool,
}

async fn about(visit: &Visit, link: &OpenLink) -> Result<About, PageRefusal> {
    let cx = &visit.cx;
    Ok(match link.purpose {
        LinkPurpose::VerifyEmail => {
            let (user, identifier) = to_confirm(cx, link).await?;
            let is_owner = is_signed_in(visit, user).await?;
            About {
                email: identifier.value,
                is_owner,
                can_disown: !is_owner,
            }
        }
        LinkPurpose::CompleteSignUp => {
            let (sign_in, pending) = waiting_for(cx, link).await?;
            About {
                email: pending.email,
                is_owner: ops::is_bound(cx, &visit.headers, &sign_in),
                can_disown: false,
            }
        }
        _ => return Err(PageRefusal::LINK_EXPIRED),
    })
}

async fn to_confirm(cx: &Cx, link: &OpenLink) -> Result<(UserId, Identifier), PageRefusal> {
    let found = identities::find_identifier(cx, IdentifierId::from_uuid(link.subject)).await?;
    found.ok_or(PageRefusal::LINK_EXPIRED)
}

/// Whether `user` is signed in in this browser.
pub(crate) async fn is_signed_in(visit: &Visit, user: UserId) -> Result<bool, Fault> {
    let session = sessions::current(&visit.cx, &visit.headers).await?;
    Ok(session.is_some_and(|session| session.user_id == user))
}

/// The sign-in whose sign-up the link completes, and the account that it would make.
async fn waiting_for(cx: &Cx, link: &OpenLink) -> Result<(SignIn, PendingSignUp), PageRefusal> {
    let sign_in = ops::find_unbound(cx, SignInId::from_uuid(link.subject)).await?;
    let sign_in = sign_in.ok_or(PageRefusal::LINK_EXPIRED)?;
    let pending = sign_in
        .pending_for(&link.key())
        .cloned()
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    Ok((sign_in, pending))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = use_link(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: no form token, because the link may be opened in a browser that never saw us; the link's secret takes its
/// place. All that another site could do with a secret of its own is to confirm its own address. An address is confirmed,
/// and a sign-up completed, only in the browser of whoever asked for it or by who knows the password: otherwise the owner
/// of a mailbox who clicks on what a stranger began would give that stranger a confirmed account with their address.
async fn use_link(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    visit.check_origin()?;
    let fields = form.fields()?;
    let link = mail::find_link(&visit.cx, fields.text("token")?)
        .await?
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    match link.purpose {
        LinkPurpose::VerifyEmail if fields.text("answer")? == "not_me" => disown(visit, &link).await,
        LinkPurpose::VerifyEmail => confirm(visit, &link, &fields).await,
        LinkPurpose::CompleteSignUp => match check_password(visit, &link, fields.text("password")?).await? {
            None => complete(visit, &link).await,
            Some(error) => page_of_link(visit, &link, fields.text("token")?.to_owned(), Some(error)).await,
        },
        _ => Err(PageRefusal::LINK_EXPIRED),
    }
}

/// Confirms an address for its account's owner.
async fn confirm(visit: &mut Visit, link: &OpenLink, fields: &Fields<'_>) -> Result<Response, PageRefusal> {
    let (user, identifier) = to_confirm(&visit.cx, link).await?;
    if let Err((error, wait)) = check_owner(visit, user, fields.text("password")?).await? {
        let token = fields.text("token")?.to_owned();
        let response = page_of_link(visit, link, token, Some(error)).await?;
        return Ok(match wait {
            Some(wait) => with_retry_after(response, wait),
            None => response,
        });
    }
    let cx = &mut visit.cx;
    if !mail::consume_link(cx, link).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    identities::verify_identifier(cx, identifier.id)
        .await
        .map_err(page_of)?;
    cx.commit().await?;
    Ok(confirmed(visit, "/account"))
}

/// Whether whoever opened a link about an account is its owner: signed in here, or knows its password.
///
/// # Security
/// The reader of a mailbox is not the owner of every account that somebody wrote its address into.
pub(crate) async fn check_owner(
    visit: &mut Visit,
    user: UserId,
    password: &str,
) -> Result<Result<(), (FormError, Option<Duration>)>, PageRefusal> {
    if is_signed_in(visit, user).await? {
        return Ok(Ok(()));
    }
    let mistake = |message| Ok(Err((FormError::fields([(Field::Password, message)]), None)));
    if password.is_empty() {
        return mistake(Message::PasswordMissing);
    }
    let user = identities::get_user(&visit.cx, user).await.map_err(page_of)?;
    match prove::confirm_password(&mut visit.cx, &visit.headers, &user, password).await {
        Ok(()) => Ok(Ok(())),
        Err(AttemptError::Wrong) => mistake(Message::CurrentPasswordWrong),
        Err(error) => {
            let (_, message, wait) = explain(error)?;
            Ok(Err((FormError::form(message), wait)))
        }
    }
}

/// The reader of the mailbox has no part in the account: whoever made it keeps no way in.
async fn disown(visit: &mut Visit, link: &OpenLink) -> Result<Response, PageRefusal> {
    let (user, identifier) = to_confirm(&visit.cx, link).await?;
    let cx = &mut visit.cx;
    if !mail::consume_link(cx, link).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    identities::disown(cx, user, identifier.id).await?;
    cx.commit().await?;
    let view = MessageView {
        kind: MessageKind::EmailDisowned,
        continue_url: None,
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

fn confirmed(visit: &Visit, path: &str) -> Response {
    let continue_url = Some(visit.cx.tenant.path(path));
    let view = MessageView {
        kind: MessageKind::EmailVerified,
        continue_url,
    };
    visit.respond(StatusCode::OK, &view, &visit.context(None))
}

/// What is wrong with the password given for a sign-up that began in another browser.
async fn check_password(
    visit: &Visit,
    link: &OpenLink,
    password: &str,
) -> Result<Option<FormError>, PageRefusal> {
    let cx = &visit.cx;
    let (sign_in, pending) = waiting_for(cx, link).await?;
    if ops::is_bound(cx, &visit.headers, &sign_in) {
        return Ok(None);
    }
    let mistake = |message| Ok(Some(FormError::fields([(Field::Password, message)])));
    if password.is_empty() {
        return mistake(Message::PasswordMissing);
    }
    let verified = cx
        .app
        .passwords
        .verify(&Password::from(password), &pending.password_hash)
        .await;
    match verified.map_err(Fault::from)? {
        Verification::Match { .. } => Ok(None),
        Verification::Mismatch => mistake(Message::CurrentPasswordWrong),
    }
}

/// Makes the account that waited for its address to be proven; signs in where the link was opened in the same browser.
async fn complete(visit: &mut Visit, link: &OpenLink) -> Result<Response, PageRefusal> {
    let (mut sign_in, pending) = waiting_for(&visit.cx, link).await?;
    sign_in.state.pending = None;
    let email = IdentifierValue::email(&pending.email).map_err(|_| PageRefusal::LINK_EXPIRED)?;
    let account = email.normalized().as_bytes().to_vec();
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let cx = &mut visit.cx;
    if !mail::consume_link(cx, link).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    let user = match register::create_proven(cx, pending, email).await {
        Ok(user) => user,
        // The reader of the mailbox has an account already. It is not marked as confirmed: this click answered a
        // sign-up, and who holds that account is not settled by it.
        Err(IdentityError::IdentifierTaken { .. }) => return Ok(visit.redirect("/sign-in", None)),
        Err(error) => return Err(page_of(error)),
    };
    if ops::is_bound(cx, &visit.headers, &sign_in) {
        let proven = Proven {
            user: Arc::new(user),
            before,
            factor: Proven::factor(&PASSWORD, Worth::single(&["pwd"]), cx.now),
            account,
        };
        let next = prove::advance(cx, &visit.headers, &mut sign_in, proven).await?;
        return follow(visit, &sign_in, next).await;
    }
    match ops::save(cx, &sign_in).await {
        Ok(()) | Err(SignInError::Unknown | SignInError::OtherBrowser) => {}
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
    }
    cx.commit().await?;
    Ok(confirmed(visit, "/sign-in"))
}

/// Queues the mail that asks a user to confirm their address, in the context's transaction; does nothing if there is
/// none to confirm or the recipient got too many.
pub(crate) async fn send_verification(cx: &mut Cx, user: &User, locale: Locale) -> Result<bool, Fault> {
    let Some(email) = user
        .primary(IdentifierKind::Email)
        .filter(|email| email.verified_at.is_none())
    else {
        return Ok(false);
    };
    send_verification_to(cx, user, email, locale).await
}

/// As [`send_verification`], to any address of the user, whether or not it was confirmed before.
pub(crate) async fn send_verification_to(
    cx: &mut Cx,
    user: &User,
    email: &Identifier,
    locale: Locale,
) -> Result<bool, Fault> {
    if !budget::may_send(cx, Budget::Confirmation, &email.normalized) {
        return Ok(false);
    }
    let token = mail::issue_link(cx, LinkPurpose::VerifyEmail, email.id.as_uuid()).await?;
    queue_link(cx, (&email.value, user.profile.name.as_deref()), &token, locale).await?;
    Ok(true)
}

/// Queues the mail with the link of `token`.
pub(super) async fn queue_link(
    cx: &mut Cx,
    (email, name): (&str, Option<&str>),
    token: &Token,
    locale: Locale,
) -> Result<(), Fault> {
    let mail = Mail::VerifyEmail {
        name: name.map(str::to_owned),
        // SECURITY: the stored issuer, never a Host header (security.md, "host header in links").
        url: cx.tenant.url(&format!("/verify?token={}", token.expose())),
        expires_minutes: LINK_TTL.as_secs() / 60,
    };
    mail::queue(cx, email, locale, mail).await
}
