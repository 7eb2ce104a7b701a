//! `/recover`: a new password for whoever reads the account's mail.
//!
//! ```text
//!   /recover ──identifier──▶ /recover/sent (the same for everybody)
//!                                 │ mail
//!                                 ▼
//!   /recover/new (GET changes nothing) ──new password──▶ password replaced, sessions and refresh families ended
//!                                 │ in the browser that began           │ in any other
//!                                 ▼                                     ▼
//!                       second factor, if there is one             "sign in now"
//! ```
//!
//! Reading the mail is one factor, as a sign-in link is: it does not stand in for a second one, and a code by mail is
//! none after it.

use std::sync::Arc;

use authflow_types::{IdentifierId, SignInId};
use axum::http::StatusCode;
use axum::response::Response;

use super::budget::{self, Budget};
use super::gate::{self, Purpose};
use super::methods::{self, Method, Worth};
use super::model::SignIn;
use super::page::{self, client_of, context_of, to_page};
use super::prove::{self, Proven};
use super::{api, ops, page_of, password_message, password_min, upstream};
use crate::cx::Actor;
use crate::http::visit::{PageRefusal, PostedForm, Visit, whole_seconds, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, Identifier, IdentifierKind, IdentifierValue, IdentityError, User};
use crate::limits::AddressPrefix;
use crate::mail::{self, LINK_TTL, LinkPurpose, Mail, OpenLink};
use crate::pages::{
    ErrorKind, Field, FormError, Locale, Message, MessageKind, MessageView, NewPasswordView, RecoverSentView,
    RecoverView,
};
use crate::passwords::Password;
use crate::{Cx, Fault, account, sessions};

const DISABLED: PageRefusal = PageRefusal::Condition {
    status: StatusCode::FORBIDDEN,
    kind: ErrorKind::AccountDisabled,
    code: "user_disabled",
};

pub(super) fn routes() -> Routes {
    let public = Access::Public("the way back in; a form counts only with the browser cookie of its sign-in");
    let link = Access::Public("the link's secret is the permission; opening it changes nothing");
    Routes::default()
        .get("/recover", public, Cors::None, show)
        .post("/recover", Access::SignIn, Cors::None, submit)
        .get("/recover/sent", Access::SignIn, Cors::None, sent)
        .get("/recover/new", link, Cors::None, show_new)
        .post("/recover/new", link, Cors::None, submit_new)
}

/// Whether passwords can be recovered at this tenant.
pub(super) fn is_available(cx: &Cx) -> bool {
    let settings = &cx.tenant.settings;
    settings.password_recovery && methods::PASSWORD.roles(cx).first && mail::can_send(cx)
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    if !is_available(&visit.cx) {
        return Err(PageRefusal::NOT_FOUND);
    }
    if visit.query("sign_in").is_none() {
        return api::start_for_account(visit, "/recover").await;
    }
    let sign_in = page::open(visit).await?;
    form_again(visit, &sign_in, None, StatusCode::OK).await
}

async fn form_again(
    visit: &Visit,
    sign_in: &SignIn,
    error: Option<FormError>,
    status: StatusCode,
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let view = RecoverView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        identifier: sign_in.state.identifier.clone(),
        error,
        sign_in_url: cx.tenant.path(&format!("/sign-in?sign_in={}", sign_in.id)),
    };
    let context = context_of(visit, sign_in, "/recover")?;
    Ok(visit.respond(status, &view, &context))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let form = &*gate::unpack(visit, "/recover", form)?;
    let fields = form.fields()?;
    let mut sign_in = page::open_form(visit, &fields).await?;
    if !is_available(&visit.cx) {
        return Err(PageRefusal::NOT_FOUND);
    }
    let typed = fields.text("identifier")?.trim();
    if typed.is_empty() {
        let error = FormError::fields([(Field::Identifier, Message::IdentifierMissing)]);
        return form_again(visit, &sign_in, Some(error), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    // SECURITY: where a domain's owners sign in, they have no password here to replace.
    if let Some(elsewhere) = upstream::routed(visit, &mut sign_in, typed).await? {
        return Ok(elsewhere);
    }
    let gate = (Purpose::Recover, "/recover");
    if let Some(page) = gate::hold(visit, &sign_in, gate, typed, form).await? {
        return Ok(page);
    }
    sign_in.state.identifier = Some(typed.chars().take(320).collect());
    if let Some(wait) = too_many(&visit.cx) {
        let error = FormError::form(Message::TooManyAttempts {
            seconds: whole_seconds(wait),
        });
        let again = form_again(visit, &sign_in, Some(error), StatusCode::TOO_MANY_REQUESTS).await?;
        return Ok(with_retry_after(again, wait));
    }
    send(visit, &mut sign_in, typed).await?;
    ops::save(&mut visit.cx, &sign_in).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, &sign_in, "/recover/sent", Vec::new()))
}

/// How long this source must wait before it may ask for another mail.
pub(super) fn too_many(cx: &Cx) -> Option<std::time::Duration> {
    let prefix = cx.request.ip.map(|ip| AddressPrefix::of(ip, cx.app.prefixes));
    let key = ("recover", cx.tenant_id().as_uuid(), prefix);
    let decision = cx.app.sign_ups.as_ref()?.check(cx.now, &key);
    (!decision.allowed).then_some(decision.retry_after)
}

/// Queues the mail, if the identifier is somebody's. The caller saves the sign-in in the same transaction.
///
/// # Security
/// For nobody the same rows are written; the job that would send the mail throws it away.
async fn send(visit: &mut Visit, sign_in: &mut SignIn, typed: &str) -> Result<(), PageRefusal> {
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let cx = &mut visit.cx;
    let guessed = IdentifierValue::guess(typed);
    let key = guessed
        .as_ref()
        .map_or_else(|| typed.to_lowercase(), |one| one.normalized().to_owned());
    if !budget::may_send(cx, Budget::Recovery, &key) {
        return Ok(());
    }
    let user = identities::find_by_identifier_evenly(cx, typed).await?;
    let own = user
        .as_ref()
        .filter(|user| user.is_active())
        .and_then(|user| user.way_in(IdentifierKind::Email, Some(&key)));
    let subject = own.map_or_else(|| IdentifierId::new(cx.now, cx.rng()), |own| own.id);
    let token = mail::issue_link(cx, LinkPurpose::ResetPassword, subject.as_uuid()).await?;
    sign_in.recovering(mail::link_key(&token));
    let path = format!("/recover/new?token={}&sign_in={}", token.expose(), sign_in.id);
    let mail = Mail::PasswordReset {
        // SECURITY: the stored issuer, never a Host header.
        url: cx.tenant.url(&path),
        expires_minutes: LINK_TTL.as_secs() / 60,
    };
    mail::queue_for(cx, own.map(|own| own.value.as_str()), locale, mail).await?;
    Ok(())
}

async fn sent(visit: Visit) -> Response {
    let shown = show_sent(&visit).await;
    visit.answer(shown)
}

async fn show_sent(visit: &Visit) -> Result<Response, PageRefusal> {
    let sign_in = page::open(visit).await?;
    let cx = &visit.cx;
    let own = |path: &str| cx.tenant.path(&format!("{path}?sign_in={}", sign_in.id));
    let view = RecoverSentView {
        sign_in: sign_in.id.to_string(),
        identifier: sign_in.state.identifier.clone().unwrap_or_default(),
        back_url: own("/recover"),
        sign_in_url: own("/sign-in"),
        outbox_url: cx.app.config.is_dev().then(|| cx.tenant.path("/dev/outbox")),
    };
    let context = context_of(visit, &sign_in, "/recover/sent")?;
    Ok(visit.respond(StatusCode::OK, &view, &context))
}

/// A link that still works, and whose mailbox it was sent to.
struct Opened {
    link: OpenLink,
    user: Arc<User>,
    identifier: Identifier,
}

async fn open_link(visit: &Visit, token: &str) -> Result<Opened, PageRefusal> {
    let cx = &visit.cx;
    let link = mail::find_link(cx, token)
        .await?
        .filter(|link| link.purpose == LinkPurpose::ResetPassword)
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    let found = identities::find_identifier(cx, IdentifierId::from_uuid(link.subject)).await?;
    let (user, identifier) = found.ok_or(PageRefusal::LINK_EXPIRED)?;
    let user = identities::find_user(&cx.app, cx.tenant_id(), user)
        .await?
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    if !user.is_active() {
        return Err(DISABLED);
    }
    if !user.lets_in(&identifier) {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    Ok(Opened {
        link,
        user,
        identifier,
    })
}

async fn show_new(visit: Visit) -> Response {
    let shown = show_new_page(&visit).await;
    visit.answer(shown)
}

async fn show_new_page(visit: &Visit) -> Result<Response, PageRefusal> {
    let token = visit.link_token()?;
    let opened = open_link(visit, &token).await?;
    let sign_in = visit.query("sign_in").unwrap_or_default();
    Ok(new_password_page(visit, &opened, (token, sign_in), None))
}

fn new_password_page(
    visit: &Visit,
    opened: &Opened,
    (token, sign_in): (String, String),
    error: Option<FormError>,
) -> Response {
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = NewPasswordView {
        token,
        sign_in,
        identifier: opened.identifier.value.clone(),
        ends_sessions: visit.cx.tenant.settings.password_reset_ends_sessions,
        password_min: password_min(&visit.cx),
        error,
    };
    visit.respond(status, &view, &visit.context(None))
}

async fn submit_new(mut visit: Visit, form: PostedForm) -> Response {
    let answered = replace_password(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: no form token, because the link may be opened in a browser that never saw us; the link's secret takes its
/// place. Only the browser that began is signed in: whoever is sent somebody else's link would find themselves in that
/// account otherwise.
async fn replace_password(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    visit.check_origin()?;
    let fields = form.fields()?;
    let (token, id) = (fields.text("token")?, fields.text("sign_in")?);
    let opened = open_link(visit, token).await?;
    let again = |visit: &Visit, message| {
        let error = FormError::fields([(Field::NewPassword, message)]);
        new_password_page(visit, &opened, (token.to_owned(), id.to_owned()), Some(error))
    };
    let new = fields.text("new_password")?;
    if new.is_empty() {
        return Ok(again(visit, Message::PasswordMissing));
    }
    // Hashed before anything is written: no transaction waits for it.
    let hash = match identities::hash_password(&visit.cx, &Password::from(new), about(&opened.user)).await {
        Ok(hash) => hash,
        Err(IdentityError::Password(problem)) => return Ok(again(visit, password_message(problem))),
        Err(error) => return Err(page_of(error)),
    };
    let sign_in = own_sign_in(visit, id, &opened.link).await?;
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let user = store(visit, &opened, hash).await?;
    let Some(mut sign_in) = sign_in else {
        visit.cx.commit().await?;
        let view = MessageView {
            kind: MessageKind::PasswordReset,
            continue_url: Some(visit.cx.tenant.path("/sign-in")),
        };
        return Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)));
    };
    sign_in.forget_candidate();
    sign_in.state.recovering.clear();
    let proven = Proven {
        factor: Proven::factor(&methods::MAGIC_LINK, Worth::single(&["otp"]), visit.cx.now),
        account: opened.identifier.normalized.as_bytes().to_vec(),
        user,
        before,
    };
    let next = prove::advance(&mut visit.cx, &visit.headers, &mut sign_in, proven).await?;
    page::follow(visit, &sign_in, next).await
}

/// The sign-in that the link was asked for in, if this is the browser of it.
async fn own_sign_in(visit: &Visit, id: &str, link: &OpenLink) -> Result<Option<SignIn>, PageRefusal> {
    let Ok(id) = id.parse::<SignInId>() else {
        return Ok(None);
    };
    let sign_in = match ops::load(&visit.cx, &visit.headers, id).await {
        Ok(sign_in) => sign_in,
        Err(super::SignInError::Fault(fault)) => return Err(fault.into()),
        Err(_) => return Ok(None),
    };
    Ok(Some(sign_in).filter(|sign_in| sign_in.state.recovering.contains(&link.key())))
}

/// Uses the link up and replaces the password, in the context's transaction; the user as they are then.
async fn store(
    visit: &mut Visit,
    opened: &Opened,
    hash: identities::NewPassword,
) -> Result<Arc<User>, PageRefusal> {
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    cx.actor = Actor::User(opened.user.id);
    if !mail::consume_link(cx, &opened.link).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    if !identities::prove_mailbox(cx, opened.user.id, opened.identifier.id).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    replace(cx, &opened.user, hash, locale).await
}

/// What a new password must not be made of.
pub(super) fn about(user: &User) -> Vec<String> {
    let identifiers = user.identifiers.iter().map(|one| one.value.clone());
    identifiers.chain(user.profile.name.clone()).collect()
}

/// Replaces the password and tells the user, in the context's transaction; the user as they are then.
///
/// # Security
/// Only for whoever has just read a message to the account's mailbox.
pub(super) async fn replace(
    cx: &mut Cx,
    user: &User,
    hash: identities::NewPassword,
    locale: Locale,
) -> Result<Arc<User>, PageRefusal> {
    cx.actor = Actor::User(user.id);
    let ends_sessions = cx.tenant.settings.password_reset_ends_sessions;
    identities::reset_password(cx, user, hash, ends_sessions)
        .await
        .map_err(page_of)?;
    let user = identities::find_user_within(cx, user.id)
        .await?
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    tell(cx, &user, locale).await?;
    Ok(user)
}

/// Tells the account's own address that its password was changed.
pub(crate) async fn tell(cx: &mut Cx, user: &User, locale: Locale) -> Result<(), Fault> {
    account::tell(cx, user, locale, |occasion| Mail::PasswordChanged { occasion }).await
}
