//! The page that a form waits on, and the one for those whose browser cannot calculate: `/sign-in/proof-code`.

use axum::http::StatusCode;
use axum::response::Response;

use super::held::Held;
use super::{Asked, Given, Outcome, Purpose, check, proof};
use crate::http::visit::{PageRefusal, PostedForm, Visit, whole_seconds, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::limits::AddressPrefix;
use crate::pages::{Field, FormError, Message, ProofCodeView, ProofOfWorkView};
use crate::sign_in::model::SignIn;
use crate::sign_in::page::{client_of, context_of, open_form};
use crate::{Cx, Fault, mail};

const CODE: &str = "/sign-in/proof-code";

pub(in crate::sign_in) fn routes() -> Routes {
    Routes::default().post(CODE, Access::SignIn, Cors::None, send)
}

/// The page that `form` waits on, which was posted to `path`; `None` if it goes on.
pub(in crate::sign_in) async fn hold(
    visit: &mut Visit,
    sign_in: &SignIn,
    (purpose, path): (Purpose, &str),
    typed: &str,
    form: &PostedForm,
) -> Result<Option<Response>, PageRefusal> {
    let fields = form.fields()?;
    let given = Given {
        solution: fields.text("altcha")?,
        code: fields.text("proof_code")?.trim(),
    };
    let asked = Asked {
        purpose,
        sign_in: sign_in.id,
        typed,
    };
    let outcome = check(&mut visit.cx, &visit.headers, asked, given).await?;
    if outcome == Outcome::Pass {
        return Ok(None);
    }
    let held = Held::new(&visit.cx, path, &form.params()?)?;
    let shown = if outcome == Outcome::WrongCode {
        let error = FormError::fields([(Field::ProofCode, Message::CodeWrong)]);
        code_page(visit, sign_in, &held, (typed, None, Some(error))).await?
    } else {
        challenge_page(visit, sign_in, &held, asked).await?
    };
    Ok(Some(shown))
}

async fn challenge_page(
    visit: &Visit,
    sign_in: &SignIn,
    held: &Held,
    asked: Asked<'_>,
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let challenge = proof::issue(cx, asked)?;
    let view = ProofOfWorkView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        path: held.path.clone(),
        held: held.seal(cx, sign_in.id)?,
        challenge: serde_json::to_string(&challenge).map_err(Fault::from)?,
        by_mail: mail::can_send(cx),
        back_url: back(cx, sign_in, &held.path),
    };
    let context = context_of(visit, sign_in, "/sign-in")?;
    Ok(visit.respond(StatusCode::OK, &view, &context))
}

/// Where the form was: what was typed has to be typed again there.
fn back(cx: &Cx, sign_in: &SignIn, path: &str) -> String {
    let page = match path {
        "/sign-up" | "/recover" => path,
        _ => "/sign-in",
    };
    cx.tenant.path(&format!("{page}?sign_in={}", sign_in.id))
}

async fn code_page(
    visit: &Visit,
    sign_in: &SignIn,
    held: &Held,
    (typed, notice, error): (&str, Option<Message>, Option<FormError>),
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let status = match &error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let view = ProofCodeView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        path: held.path.clone(),
        held: held.seal(cx, sign_in.id)?,
        identifier: typed.chars().take(320).collect(),
        notice: notice.filter(|_| error.is_none()),
        error,
        back_url: back(cx, sign_in, &held.path),
        outbox_url: cx.app.config.is_dev().then(|| cx.tenant.path("/dev/outbox")),
    };
    let context = context_of(visit, sign_in, "/sign-in")?;
    Ok(visit.respond(status, &view, &context))
}

async fn send(mut visit: Visit, form: PostedForm) -> Response {
    let answered = send_code(&mut visit, &form).await;
    visit.answer(answered)
}

/// Mails the code, and shows where to type it; the same for everybody.
async fn send_code(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let sign_in = open_form(visit, &fields).await?;
    if !mail::can_send(&visit.cx) {
        return Err(PageRefusal::NOT_FOUND);
    }
    let held = Held::open(&visit.cx, sign_in.id, fields.text("held")?).ok_or(PageRefusal::UnknownSignIn)?;
    let (purpose, typed) = asked_of(&held)?;
    if let Some(wait) = too_many(&visit.cx) {
        let seconds = whole_seconds(wait);
        let notice = Some(Message::TooManyAttempts { seconds });
        let mut page = code_page(visit, &sign_in, &held, (&typed, notice, None)).await?;
        *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(with_retry_after(page, wait));
    }
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let asked = Asked {
        purpose,
        sign_in: sign_in.id,
        typed: &typed,
    };
    let is_sent = proof::send_code(&mut visit.cx, asked, locale).await?;
    visit.cx.commit().await?;
    let notice = (!is_sent).then_some(Message::TooManyMessages);
    code_page(visit, &sign_in, &held, (&typed, notice, None)).await
}

/// What a held form asks for, and for whom.
fn asked_of(held: &Held) -> Result<(Purpose, String), PageRefusal> {
    let (purpose, field) = match held.path.as_str() {
        "/sign-in" => (Purpose::SignIn, "identifier"),
        "/sign-up" => (Purpose::SignUp, "email"),
        "/recover" => (Purpose::Recover, "identifier"),
        "/sign-in/challenge" => (Purpose::Send, "identifier"),
        _ => return Err(PageRefusal::Body),
    };
    let typed = held
        .fields()?
        .unique(field)?
        .unwrap_or_default()
        .trim()
        .to_owned();
    Ok((purpose, typed))
}

/// How long this source must wait before it may have another code mailed.
fn too_many(cx: &Cx) -> Option<std::time::Duration> {
    let prefix = cx.request.ip.map(|ip| AddressPrefix::of(ip, cx.app.prefixes));
    let key = ("proof_code", cx.tenant_id().as_uuid(), prefix);
    let decision = cx.app.sign_ups.as_ref()?.check(cx.now, &key);
    (!decision.allowed).then_some(decision.retry_after)
}
