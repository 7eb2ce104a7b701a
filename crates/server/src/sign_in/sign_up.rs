//! `/sign-up`: a new account, and straight on. What it tells about existing accounts is decided in ADR 0007.

use axum::http::StatusCode;
use axum::response::Response;

use super::api::start_for_account;
use super::gate::{self, Purpose};
use super::model::SignIn;
use super::ops;
use super::page::{client_of, context_of, follow, open_form, to_page};
use super::register::{Application, ProofBy, Registered, register, send_completion};
use crate::Cx;
use crate::http::visit::{PageRefusal, PostedForm, Visit, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::pages::{CheckMailView, FormError, Message, SignUpView};
use crate::passwords::PasswordProblem;

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

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let form = &*gate::unpack(visit, "/sign-up", form)?;
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let (name, email) = (fields.text("name")?.trim(), fields.text("email")?.trim());
    if let Some(elsewhere) = super::upstream::routed(visit, &mut sign_in, email).await? {
        return Ok(elsewhere);
    }
    let typed = Typed::of(name, email);
    let gate = (Purpose::SignUp, "/sign-up");
    if let Some(page) = gate::hold(visit, &sign_in, gate, email, form).await? {
        return Ok(page);
    }
    let given = Application {
        name,
        email,
        password: fields.text("password")?,
        locale: visit.context(sign_in.state.ui_locales.as_deref()).locale,
        proof: ProofBy::Link,
    };
    match register(&mut visit.cx, &visit.headers, &mut sign_in, given).await? {
        Registered::Proven(next) => follow(visit, &sign_in, next).await,
        Registered::AskedToVerify(_) => {
            visit.cx.commit().await?;
            Ok(to_page(visit, &sign_in, "/verify/sent", Vec::new()))
        }
        Registered::Refused(refused) => {
            let response = form_again(visit, &sign_in, typed, Some(refused.error), refused.status).await?;
            Ok(match refused.wait {
                Some(wait) => with_retry_after(response, wait),
                None => response,
            })
        }
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
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    send_completion(&mut visit.cx, &mut sign_in, locale).await?;
    ops::save(&mut visit.cx, &sign_in).await?;
    visit.cx.commit().await?;
    sent_page(visit, &sign_in, Some(Message::VerificationSent))
}
