//! `/sign-up`: a new account, and straight on. What it tells about existing accounts is decided in ADR 0007.

use axum::http::StatusCode;
use axum::response::Response;

use super::api::{explain, start_for_account};
use super::error::{AttemptError, page_of};
use super::methods::{PASSWORD, Worth};
use super::model::{PendingSignUp, SignIn};
use super::page::{client_of, context_of, follow, open_form, to_page};
use super::prove::{self, Attempt, Proven};
use super::{ops, verify};
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit, whole_seconds, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentifierValue, IdentityError, NewPassword, NewUser, Profile};
use crate::limits::AddressPrefix;
use crate::mail::{self, LinkPurpose};
use crate::pages::{CheckMailView, Field, FormError, Message, SignUpView};
use crate::passwords::{Password, PasswordProblem};
use crate::{Cx, Fault, sessions};

/// Most characters of a name.
const MAX_NAME: usize = 200;

pub(super) fn routes() -> Routes {
    let public = Access::Public("the way in; a form counts only with the browser cookie of its sign-in");
    Routes::default()
        .get("/sign-up", public, Cors::None, show)
        .post("/sign-up", Access::SignIn, Cors::None, submit)
        .get("/verify/sent", Access::SignIn, Cors::None, sent)
        .post("/verify/resend", Access::SignIn, Cors::None, resend)
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let Some(id) = visit.query("sign_in") else {
        return start_for_account(visit, "/sign-up").await;
    };
    let id = id.parse().map_err(|_| PageRefusal::UnknownSignIn)?;
    let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
    if !visit.cx.tenant.settings.sign_up {
        return Ok(to_page(visit, &sign_in, "/sign-in", Vec::new()));
    }
    form_again(visit, &sign_in, Typed::default(), None, StatusCode::OK).await
}

/// What somebody typed, as far as it is shown again.
#[derive(Default)]
struct Typed {
    name: Option<String>,
    email: Option<String>,
}

impl Typed {
    fn of(name: &str, email: &str) -> Self {
        let shown =
            |text: &str| Some(text.chars().take(320).collect::<String>()).filter(|text| !text.is_empty());
        Self {
            name: shown(name),
            email: shown(email),
        }
    }
}

/// A form whose every field is well-formed.
struct Wanted {
    name: String,
    email: IdentifierValue,
    hash: NewPassword,
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let (name, email) = (fields.text("name")?.trim(), fields.text("email")?.trim());
    let typed = Typed::of(name, email);
    if !visit.cx.tenant.settings.sign_up {
        let error = FormError::form(Message::SignUpClosed);
        return form_again(visit, &sign_in, typed, Some(error), StatusCode::FORBIDDEN).await;
    }
    if let Some(retry_after) = too_many(&visit.cx) {
        let error = FormError::form(Message::TooManyAttempts {
            seconds: whole_seconds(retry_after),
        });
        let response = form_again(visit, &sign_in, typed, Some(error), StatusCode::TOO_MANY_REQUESTS).await?;
        return Ok(with_retry_after(response, retry_after));
    }
    let wanted = match check(visit, &fields).await? {
        Ok(wanted) => wanted,
        Err(error) => {
            return form_again(
                visit,
                &sign_in,
                typed,
                Some(error),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await;
        }
    };
    sign_in.state.identifier = Some(wanted.email.value().to_owned());
    if visit.cx.tenant.settings.sign_up_requires_verification {
        return ask_to_verify(visit, &mut sign_in, wanted).await;
    }
    match identities::find_by_identifier(&visit.cx, wanted.email.normalized()).await? {
        None => create(visit, &mut sign_in, wanted, typed).await,
        Some(_) => sign_in_instead(visit, &mut sign_in, (email, fields.text("password")?), typed).await,
    }
}

/// How long this source must wait before it may sign somebody up again.
pub(super) fn too_many(cx: &Cx) -> Option<std::time::Duration> {
    let prefix = cx.request.ip.map(|ip| AddressPrefix::of(ip, cx.app.prefixes));
    let decision = cx
        .app
        .sign_ups
        .as_ref()?
        .check(cx.now, &("sign_up", cx.tenant_id().as_uuid(), prefix));
    (!decision.allowed).then_some(decision.retry_after)
}

/// The fields, each checked; the password judged and hashed. Says nothing about whether the address has an account.
async fn check(visit: &Visit, fields: &Fields<'_>) -> Result<Result<Wanted, FormError>, PageRefusal> {
    let (name, email) = (fields.text("name")?.trim(), fields.text("email")?.trim());
    let password = fields.text("password")?;
    let mut wrong = Vec::new();
    if name.is_empty() {
        wrong.push((Field::Name, Message::NameMissing));
    } else if name.chars().count() > MAX_NAME {
        wrong.push((Field::Name, Message::NameTooLong { max: MAX_NAME as u64 }));
    } else if Profile::named(name).check().is_err() {
        wrong.push((Field::Name, Message::TextInvalid));
    }
    let identifier = IdentifierValue::email(email);
    match &identifier {
        Err(_) if email.is_empty() => wrong.push((Field::Email, Message::EmailMissing)),
        Err(_) => wrong.push((Field::Email, Message::EmailInvalid)),
        Ok(_) => {}
    }
    if password.is_empty() {
        wrong.push((Field::Password, Message::PasswordMissing));
    }
    let (Ok(email), true) = (identifier, wrong.is_empty()) else {
        return Ok(Err(FormError::fields(wrong)));
    };
    let password = Password::from(password);
    let about = vec![name.to_owned(), email.value().to_owned()];
    match identities::hash_password(&visit.cx, &password, about).await {
        Ok(hash) => Ok(Ok(Wanted {
            name: name.to_owned(),
            email,
            hash,
        })),
        Err(IdentityError::Password(problem)) => Ok(Err(FormError::fields([(
            Field::Password,
            password_message(problem),
        )]))),
        Err(error) => Err(page_of(error)),
    }
}

/// What a form says of a password that is refused.
pub(crate) fn password_message(problem: PasswordProblem) -> Message {
    match problem {
        PasswordProblem::TooShort { min } => Message::PasswordTooShort { min: min as u64 },
        PasswordProblem::TooLong { max } => Message::PasswordTooLong { max: max as u64 },
        PasswordProblem::ControlCharacter => Message::TextInvalid,
        PasswordProblem::Breached => Message::PasswordBreached,
        PasswordProblem::Personal | PasswordProblem::TooCommon => Message::PasswordGuessable,
    }
}

/// A fresh address: the account is made, the browser signed in, the confirmation mail queued, all in one transaction.
async fn create(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    wanted: Wanted,
    typed: Typed,
) -> Result<Response, PageRefusal> {
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let account = wanted.email.normalized().as_bytes().to_vec();
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let new = NewUser {
        profile: Profile::named(wanted.name),
        identifiers: vec![wanted.email],
        password: Some(wanted.hash),
        ..NewUser::default()
    };
    let user = match identities::create_user(&mut visit.cx, new).await {
        Ok(user) => user,
        // Somebody else was first with the address, by a moment.
        Err(IdentityError::IdentifierTaken { .. }) => return refuse(visit, sign_in, typed).await,
        Err(error) => return Err(page_of(error)),
    };
    verify::send_verification(&mut visit.cx, &user, locale).await?;
    let proven = Proven {
        user: std::sync::Arc::new(user),
        before,
        factor: Proven::factor(&PASSWORD, Worth::single(&["pwd"]), visit.cx.now),
        account,
    };
    let next = prove::advance(&mut visit.cx, &visit.headers, sign_in, proven).await?;
    follow(visit, sign_in, next).await
}

/// The address has an account. Its owner, who gives the right password, is signed in; everybody else learns that it
/// did not work out and how to go on.
async fn sign_in_instead(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    answer: (&str, &str),
    typed: Typed,
) -> Result<Response, PageRefusal> {
    let (identifier, secret) = answer;
    let attempt = Attempt {
        method: &PASSWORD,
        identifier,
        secret,
    };
    match super::api::first_factor(visit, sign_in, attempt).await {
        Ok(next) => follow(visit, sign_in, next?).await,
        Err(AttemptError::Wrong | AttemptError::Disabled) => refuse(visit, sign_in, typed).await,
        Err(error) => {
            let (status, message, wait) = explain(error)?;
            let response = form_again(visit, sign_in, typed, Some(FormError::form(message)), status).await?;
            Ok(match wait {
                Some(wait) => with_retry_after(response, wait),
                None => response,
            })
        }
    }
}

async fn refuse(visit: &Visit, sign_in: &SignIn, typed: Typed) -> Result<Response, PageRefusal> {
    let error = FormError::form(Message::SignUpRefused);
    form_again(
        visit,
        sign_in,
        typed,
        Some(error),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

async fn form_again(
    visit: &Visit,
    sign_in: &SignIn,
    typed: Typed,
    error: Option<FormError>,
    status: StatusCode,
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let view = SignUpView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        name: typed.name,
        email: typed
            .email
            .or_else(|| sign_in.state.identifier.clone().filter(|hint| hint.contains('@'))),
        error,
        password_min: password_min(cx),
        methods: Vec::new(),
        providers: super::upstream::buttons(visit).await?,
        sign_in_url: cx.tenant.path(&format!("/sign-in?sign_in={}", sign_in.id)),
    };
    let context = context_of(visit, sign_in, "/sign-up")?;
    Ok(visit.respond(status, &view, &context))
}

/// The least characters of a password.
pub(crate) fn password_min(cx: &Cx) -> u32 {
    u32::try_from(cx.app.passwords.policy().config().min_length).unwrap_or(u32::MAX)
}

/// The strict way: nothing is made before the link in a mail is followed. Whether the address has an account is not
/// even looked up, so that neither the answer nor its time can tell.
async fn ask_to_verify(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    wanted: Wanted,
) -> Result<Response, PageRefusal> {
    let NewPassword::Hashed(password_hash) = wanted.hash else {
        return Err(PageRefusal::Body);
    };
    let email = wanted.email.value().to_owned();
    sign_in.state.pending = Some(PendingSignUp {
        name: wanted.name,
        email,
        password_hash,
        links: Vec::new(),
    });
    send_completion(visit, sign_in).await?;
    ops::save(&mut visit.cx, sign_in).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, sign_in, "/verify/sent", Vec::new()))
}

/// Queues the mail whose link completes the sign-up, if there is one to complete and the recipient is not flooded.
/// The caller saves the sign-in in the same transaction.
async fn send_completion(visit: &mut Visit, sign_in: &mut SignIn) -> Result<(), Fault> {
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let Some(pending) = &mut sign_in.state.pending else {
        return Ok(());
    };
    let cx = &mut visit.cx;
    if !verify::may_mail(cx, &pending.email) {
        return Ok(());
    }
    let token = mail::issue_link(cx, LinkPurpose::CompleteSignUp, sign_in.id.as_uuid()).await?;
    pending.mailed(mail::link_key(&token));
    verify::queue_link(cx, (&pending.email, Some(&pending.name)), &token, locale).await
}

async fn sent(visit: Visit) -> Response {
    let shown = show_sent(&visit).await;
    visit.answer(shown)
}

async fn show_sent(visit: &Visit) -> Result<Response, PageRefusal> {
    let id = visit
        .query("sign_in")
        .and_then(|id| id.parse().ok())
        .ok_or(PageRefusal::UnknownSignIn)?;
    let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
    sent_page(visit, &sign_in, None)
}

fn sent_page(visit: &Visit, sign_in: &SignIn, notice: Option<Message>) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let view = CheckMailView {
        email: sign_in.state.identifier.clone().unwrap_or_default(),
        sign_in: Some(sign_in.id.to_string()),
        notice,
        resend: true,
        back_url: Some(cx.tenant.path(&format!("/sign-up?sign_in={}", sign_in.id))),
        outbox_url: cx.app.config.is_dev().then(|| cx.tenant.path("/dev/outbox")),
    };
    let context = context_of(visit, sign_in, "/verify/sent")?;
    Ok(visit.respond(StatusCode::OK, &view, &context))
}

async fn resend(mut visit: Visit, form: PostedForm) -> Response {
    let answered = resend_mail(&mut visit, &form).await;
    visit.answer(answered)
}

async fn resend_mail(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    send_completion(visit, &mut sign_in).await?;
    ops::save(&mut visit.cx, &sign_in).await?;
    visit.cx.commit().await?;
    sent_page(visit, &sign_in, Some(Message::VerificationSent))
}
