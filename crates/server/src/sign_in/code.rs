//! `/sign-in/challenge` sends a code or a link, `/sign-in/code` takes the code, `/sign-in/link` is where the link leads:
//! GET shows a button and changes nothing, POST uses the link up.

use authflow_types::SignInId;
use axum::http::StatusCode;
use axum::response::Response;

use super::api::{self, Shown, explain, first_factor};
use super::gate::{self, Purpose};
use super::methods::{self, Begun, Method, Whom};
use super::model::SignIn;
use super::page::{CODE, SECOND, client_of, context_of, follow, open, open_form, to_page};
use super::prove::{self, Attempt};
use super::{AttemptError, ops};
use crate::http::visit::{PageRefusal, PostedForm, Visit, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentifierValue};
use crate::mail::{self, LinkPurpose, OpenLink};
use crate::pages::{
    CodeView, ErrorKind, Field, FormError, LinkCodeView, Message, MethodButton, SignInLinkView,
};

/// Where codes and links are asked for.
const SEND: &str = "/sign-in/challenge";

pub(super) fn routes() -> Routes {
    let link = Access::Public("the link's secret is the permission; opening it changes nothing");
    Routes::default()
        .post(SEND, Access::SignIn, Cors::None, send)
        .get(CODE, Access::SignIn, Cors::None, show)
        .post(CODE, Access::SignIn, Cors::None, submit)
        .get("/sign-in/link", link, Cors::None, show_link)
        .post("/sign-in/link", link, Cors::None, use_link)
}

/// The buttons for methods that send something, beside the password's.
pub(super) fn buttons(visit: &Visit, sign_in: &SignIn) -> Vec<MethodButton> {
    let pages = &visit.cx.app.pages;
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let sends: [(&dyn Method, _, _); 3] = [
        (&methods::EMAIL_CODE, "sign-in-with-email-code", "mail"),
        (&methods::MAGIC_LINK, "sign-in-with-link", "mail"),
        (&methods::SMS_CODE, "sign-in-with-sms-code", "phone"),
    ];
    sends
        .into_iter()
        .filter(|(method, ..)| method.roles(&visit.cx).first)
        .map(|(method, label, icon)| MethodButton {
            method: method.id().to_owned(),
            path: SEND.to_owned(),
            label: pages.text(locale, label),
            icon: Some(icon),
        })
        .collect()
}

async fn send(mut visit: Visit, form: PostedForm) -> Response {
    let answered = send_challenge(&mut visit, &form).await;
    visit.answer(answered)
}

async fn send_challenge(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let form = &*gate::unpack(visit, SEND, form)?;
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let method = methods::find(fields.text("method")?).ok_or(PageRefusal::Body)?;
    let roles = method.roles(&visit.cx);
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    if let Some(candidate) = sign_in
        .candidate()
        .filter(|_| roles.second && fields.text("second").is_ok_and(|v| v == "1"))
    {
        let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), candidate).await?;
        let whom = Whom {
            sign_in: &sign_in,
            user: user.as_deref(),
            identifier: None,
            is_known: false,
            locale,
        };
        let begun = method.begin(&mut visit.cx, whom).await?;
        visit.cx.commit().await?;
        let word = if begun == Begun::Limited { "later" } else { "sent" };
        return Ok(to_page(
            visit,
            &sign_in,
            &format!("{SECOND}?method={}&notice={word}", method.id()),
            Vec::new(),
        ));
    }
    if !roles.first {
        return Err(PageRefusal::Body);
    }
    let typed = fields.text("identifier")?.trim().to_owned();
    if let Some(elsewhere) = super::upstream::routed(visit, &mut sign_in, &typed).await? {
        return Ok(elsewhere);
    }
    if typed.is_empty() {
        let error = FormError::fields([(Field::Identifier, Message::IdentifierMissing)]);
        return api::page_of(visit, &sign_in, Shown::error("", error)).await;
    }
    if let Some(page) = gate::hold(visit, &sign_in, (Purpose::Send, SEND), &typed, form).await? {
        return Ok(page);
    }
    sign_in.forget_candidate();
    let identifier = IdentifierValue::guess(&typed);
    let user = identities::find_by_identifier_evenly(&visit.cx, &typed).await?;
    let is_known = match &user {
        Some(user) => prove::is_known_device(&mut visit.cx, &visit.headers, user).await?,
        None => false,
    };
    let whom = Whom {
        sign_in: &sign_in,
        user: user.as_deref(),
        identifier: identifier.as_ref(),
        is_known,
        locale,
    };
    let begun = method.begin(&mut visit.cx, whom).await?;
    if begun == Begun::Limited && sign_in.state.waiting_for.is_none() {
        let error = FormError::form(Message::TooManyMessages);
        let shown = Shown::error(&typed, error).with_status(StatusCode::TOO_MANY_REQUESTS);
        return api::page_of(visit, &sign_in, shown).await;
    }
    sign_in.wait_for(method.id(), &typed);
    ops::save(&mut visit.cx, &sign_in).await?;
    visit.cx.commit().await?;
    let word = if begun == Begun::Limited {
        "?notice=later"
    } else {
        ""
    };
    Ok(to_page(visit, &sign_in, &format!("{CODE}{word}"), Vec::new()))
}

async fn show(visit: Visit) -> Response {
    let shown = show_page(&visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &Visit) -> Result<Response, PageRefusal> {
    let sign_in = open(visit).await?;
    if waiting_for(&sign_in).is_none() {
        return Ok(to_page(visit, &sign_in, "/sign-in", Vec::new()));
    }
    page_of(visit, &sign_in, StatusCode::OK, None).await
}

fn waiting_for(sign_in: &SignIn) -> Option<&'static dyn Method> {
    methods::find(sign_in.state.waiting_for.as_deref()?)
}

async fn page_of(
    visit: &Visit,
    sign_in: &SignIn,
    status: StatusCode,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let method = sign_in.state.waiting_for.clone().unwrap_or_default();
    let later = visit.query("notice").is_some_and(|word| word == "later");
    let view = CodeView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        is_link: method == methods::MAGIC_LINK.id(),
        is_sms: method == methods::SMS_CODE.id(),
        method,
        identifier: sign_in.state.identifier.clone().unwrap_or_default(),
        notice: later
            .then_some(Message::TooManyMessages)
            .filter(|_| error.is_none()),
        error,
        back_url: cx.tenant.path(&format!("/sign-in?sign_in={}", sign_in.id)),
        outbox_url: cx.app.config.is_dev().then(|| cx.tenant.path("/dev/outbox")),
    };
    let context = context_of(visit, sign_in, CODE)?;
    Ok(visit.respond(status, &view, &context))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let method = waiting_for(&sign_in)
        .filter(|method| method.roles(&visit.cx).first)
        .ok_or(PageRefusal::UnknownSignIn)?;
    let code = fields.text("code")?.trim();
    if code.is_empty() {
        let error = FormError::fields([(Field::Code, Message::CodeMissing)]);
        return page_of(visit, &sign_in, StatusCode::UNPROCESSABLE_ENTITY, Some(error)).await;
    }
    let typed = sign_in.state.identifier.clone().unwrap_or_default();
    let attempt = Attempt {
        method,
        identifier: &typed,
        secret: code,
    };
    match first_factor(visit, &mut sign_in, attempt).await {
        Ok(next) => follow(visit, &sign_in, next?).await,
        Err(AttemptError::Wrong) => {
            let error = FormError::fields([(Field::Code, Message::CodeWrong)]);
            page_of(visit, &sign_in, StatusCode::UNPROCESSABLE_ENTITY, Some(error)).await
        }
        Err(error) => {
            let (status, message, wait) = explain(error)?;
            let response = page_of(visit, &sign_in, status, Some(FormError::form(message))).await?;
            Ok(match wait {
                Some(wait) => with_retry_after(response, wait),
                None => response,
            })
        }
    }
}

/// The link with this secret and the sign-in that it is for.
async fn link_of(visit: &Visit, token: &str) -> Result<(OpenLink, SignIn), PageRefusal> {
    let cx = &visit.cx;
    let link = mail::find_link(cx, token)
        .await?
        .filter(|link| link.purpose == LinkPurpose::SignIn)
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    let sign_in = ops::find_unbound(cx, SignInId::from_uuid(link.subject)).await?;
    Ok((link, sign_in.ok_or(PageRefusal::LINK_EXPIRED)?))
}

async fn show_link(visit: Visit) -> Response {
    let shown = show_link_page(&visit).await;
    visit.answer(shown)
}

async fn show_link_page(visit: &Visit) -> Result<Response, PageRefusal> {
    let token = visit.link_token()?;
    let (_, sign_in) = link_of(visit, &token).await?;
    let is_here = ops::is_bound(&visit.cx, &visit.headers, &sign_in);
    let view = SignInLinkView {
        token,
        client: client_of(visit, &sign_in).await?,
        is_here,
    };
    let mut context = context_of(visit, &sign_in, "/sign-in")?;
    context.here = None;
    Ok(visit.respond(StatusCode::OK, &view, &context))
}

async fn use_link(mut visit: Visit, form: PostedForm) -> Response {
    let answered = follow_link(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: no form token, because the link may be opened in a browser that never saw us; the link's secret takes its
/// place. A session is given only in the browser that began the sign-in.
async fn follow_link(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    visit.check_origin()?;
    let fields = form.fields()?;
    let token = fields.text("token")?;
    let (link, mut sign_in) = link_of(visit, token).await?;
    if !methods::MAGIC_LINK.roles(&visit.cx).first {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    if !ops::is_bound(&visit.cx, &visit.headers, &sign_in) {
        return show_code(visit, &sign_in, &link).await;
    }
    let typed = sign_in.state.identifier.clone().unwrap_or_default();
    let attempt = Attempt {
        method: &methods::MAGIC_LINK,
        identifier: &typed,
        secret: token,
    };
    match first_factor(visit, &mut sign_in, attempt).await {
        Ok(next) => follow(visit, &sign_in, next?).await,
        Err(AttemptError::Wrong | AttemptError::Exhausted) => Err(PageRefusal::LINK_EXPIRED),
        Err(AttemptError::Disabled) => Err(PageRefusal::Condition {
            status: StatusCode::FORBIDDEN,
            kind: ErrorKind::AccountDisabled,
            code: "account_disabled",
        }),
        Err(AttemptError::Wait { retry_after }) => Err(PageRefusal::Limited { retry_after }),
        Err(AttemptError::Fault(fault)) => Err(fault.into()),
    }
}

/// The link was opened in another browser: shows what to type where the sign-in began.
async fn show_code(visit: &mut Visit, sign_in: &SignIn, link: &OpenLink) -> Result<Response, PageRefusal> {
    if !visit.cx.tenant.settings.methods.magic_link_code_on_other_device {
        return Err(PageRefusal::Condition {
            status: StatusCode::FORBIDDEN,
            kind: ErrorKind::LinkOfOtherBrowser,
            code: "link_of_other_browser",
        });
    }
    let code = methods::hand_over(&mut visit.cx, sign_in, link)
        .await?
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    visit.cx.commit().await?;
    let view = LinkCodeView {
        client: client_of(visit, sign_in).await?,
        code,
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}
