//! `/sign-in/second`: a second factor, from whoever has just given the first.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::AttemptError;
use super::api::explain;
use super::methods::{self, Method};
use super::model::SignIn;
use super::page::{OUT_OF_REACH, SECOND, client_of, context_of, follow, open, open_form, to_page};
use super::prove::{self, Attempt, Next};
use crate::http::page::user_card;
use crate::http::visit::{PageRefusal, PostedForm, Visit, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, User};
use crate::pages::{Field, FormError, Message, MethodButton, SecondFactorView};
use crate::{Cx, Fault, factors};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get(SECOND, Access::SignIn, Cors::None, show)
        .post(SECOND, Access::SignIn, Cors::None, submit)
}

/// Who has given the first factor, and what they can give as second.
struct Waiting {
    user: Arc<User>,
    usable: Vec<&'static dyn Method>,
}

async fn waiting(cx: &mut Cx, sign_in: &SignIn) -> Result<Option<Waiting>, Fault> {
    let Some(candidate) = sign_in.candidate() else {
        return Ok(None);
    };
    let user = identities::find_user(&cx.app, cx.tenant_id(), candidate).await?;
    let Some(user) = user.filter(|user| user.is_active() && sign_in.counts_for(user)) else {
        return Ok(None);
    };
    let usable = methods::seconds(cx, &user, sign_in.factors()).await?;
    Ok(Some(Waiting { user, usable }))
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let sign_in = open(visit).await?;
    let Some(waiting) = waiting(&mut visit.cx, &sign_in).await? else {
        return Ok(to_page(visit, &sign_in, "/sign-in", Vec::new()));
    };
    let wanted = visit.query("method");
    let method = waiting
        .usable
        .iter()
        .find(|method| wanted.as_deref() == Some(method.id()))
        .or_else(|| waiting.usable.first())
        .ok_or(OUT_OF_REACH)?;
    page_of(visit, &sign_in, &waiting, *method, (StatusCode::OK, None)).await
}

async fn page_of(
    visit: &Visit,
    sign_in: &SignIn,
    waiting: &Waiting,
    method: &dyn Method,
    (status, error): (StatusCode, Option<FormError>),
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let days = cx.tenant.settings.trusted_device_days;
    let notice = match visit.query("notice").as_deref() {
        Some("sent") => Some(Message::CodeSent),
        Some("later") => Some(Message::TooManyMessages),
        _ => None,
    };
    let context = context_of(visit, sign_in, &format!("{SECOND}?method={}", method.id()))?;
    let label = |method: &&'static dyn Method| MethodButton {
        method: method.id().to_owned(),
        path: SECOND.to_owned(),
        label: cx.app.pages.text(
            context.locale,
            &format!("second-use-{}", method.id().replace('_', "-")),
        ),
        icon: None,
    };
    let view = SecondFactorView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        user: user_card(&waiting.user),
        method: method.id().to_owned(),
        is_sent: visit.query("notice").is_some(),
        others: waiting
            .usable
            .iter()
            .filter(|other| other.id() != method.id())
            .map(label)
            .collect(),
        notice: notice.filter(|_| error.is_none()),
        error,
        trust_days: (days > 0).then_some(days),
        restart_url: cx
            .tenant
            .path(&format!("/sign-in?sign_in={}&switch=1", sign_in.id)),
    };
    Ok(visit.respond(status, &view, &context))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let Some(waiting) = waiting(&mut visit.cx, &sign_in).await? else {
        return Ok(to_page(visit, &sign_in, "/sign-in", Vec::new()));
    };
    let wanted = fields.text("method")?;
    let method = *waiting
        .usable
        .iter()
        .find(|method| method.id() == wanted)
        .ok_or(PageRefusal::Body)?;
    let secret = fields.text("code")?.trim();
    if secret.is_empty() {
        let error = FormError::fields([(Field::Code, Message::CodeMissing)]);
        let shown = (StatusCode::UNPROCESSABLE_ENTITY, Some(error));
        return page_of(visit, &sign_in, &waiting, method, shown).await;
    }
    let attempt = Attempt {
        method,
        identifier: "",
        secret,
    };
    match prove::attempt(&mut visit.cx, &visit.headers, Some(&sign_in), attempt).await {
        Ok(proven) => {
            let user = proven.user.id;
            let next = prove::advance(&mut visit.cx, &visit.headers, &mut sign_in, proven).await?;
            let trusts = fields.text("trust")? == "1";
            let next = if trusts {
                trusting(&mut visit.cx, user, next).await?
            } else {
                next
            };
            follow(visit, &sign_in, next).await
        }
        Err(AttemptError::Wrong) => {
            let error = if method.id() == methods::PASSKEY.id() {
                FormError::form(Message::PasskeyWrong)
            } else {
                FormError::fields([(Field::Code, Message::CodeWrong)])
            };
            let shown = (StatusCode::UNPROCESSABLE_ENTITY, Some(error));
            page_of(visit, &sign_in, &waiting, method, shown).await
        }
        Err(error) => {
            let (status, message, wait) = explain(error)?;
            let shown = (status, Some(FormError::form(message)));
            let response = page_of(visit, &sign_in, &waiting, method, shown).await?;
            Ok(match wait {
                Some(wait) => with_retry_after(response, wait),
                None => response,
            })
        }
    }
}

/// The user trusts this browser from now on, if this was the end of it.
async fn trusting(cx: &mut Cx, user: authflow_types::UserId, next: Next) -> Result<Next, Fault> {
    let Next::SignedIn { session, cookies } = next else {
        return Ok(next);
    };
    let trusted: Option<HeaderValue> = factors::trust(cx, user).await?;
    Ok(Next::SignedIn {
        session,
        cookies: cookies.into_iter().chain(trusted).collect(),
    })
}
