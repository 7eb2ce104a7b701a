//! `/sign-in`: identifier and password, and the way to every other method.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use url::Url;

use super::error::AttemptError;
use super::methods::{self, Method};
use super::model::{AccountNext, SignIn, StartedBy};
use super::{ops, prove};
use crate::http::cookies::CookieKind;
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit, whole_seconds, with_retry_after};
use crate::http::{Access, Cors, Routes, page};
use crate::pages::{ClientCard, Field, FormError, FormTarget, Message, PageContext, SignInView, UserCard};
use crate::{Fault, clients, identities, sessions};

pub(super) fn routes() -> Routes {
    let public = Access::Public("the way in; a form counts only with the browser cookie of its sign-in");
    Routes::default().get("/sign-in", public, Cors::None, show).post(
        "/sign-in",
        Access::SignIn,
        Cors::None,
        submit,
    )
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let Some(id) = visit.query("sign_in") else {
        return start_for_account(visit, "/sign-in").await;
    };
    let id = id.parse().map_err(|_| PageRefusal::UnknownSignIn)?;
    let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
    page_of(visit, &sign_in, Shown::default()).await
}

/// Somebody came by themselves: to the account page if they are signed in, else by way of a sign-in of their own.
pub(super) async fn start_for_account(visit: &mut Visit, page: &str) -> Result<Response, PageRefusal> {
    if sessions::current(&visit.cx, &visit.headers).await?.is_some() {
        return Ok(visit.redirect("/account", None));
    }
    let ui_locales = visit.query("ui_locales").filter(|list| list.len() <= 100);
    let started_by = StartedBy::Account {
        next: AccountNext::Account,
    };
    let started = ops::start_in(&mut visit.cx, &visit.headers, started_by, ui_locales).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, &started.sign_in, page, started.set_cookie))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let method = match fields.text("method")? {
        "" => Some(&methods::PASSWORD as &dyn Method),
        id => methods::find(id),
    };
    let method = method
        .filter(|method| method.is_available(&visit.cx.tenant))
        .ok_or(PageRefusal::Body)?;
    let (typed, secret) = (fields.text("identifier")?.trim(), fields.text("password")?);
    let missing = [
        (typed.is_empty(), Field::Identifier, Message::IdentifierMissing),
        (secret.is_empty(), Field::Password, Message::PasswordMissing),
    ];
    let missing: Vec<_> = missing
        .into_iter()
        .filter(|(is, ..)| *is)
        .map(|(_, field, text)| (field, text))
        .collect();
    if !missing.is_empty() {
        return page_of(visit, &sign_in, Shown::error(typed, FormError::fields(missing))).await;
    }
    let attempt = prove::attempt(
        &mut visit.cx,
        &visit.headers,
        method,
        (typed, secret),
        sign_in.client_id(),
    )
    .await;
    match attempt {
        Ok(proven) => {
            let cx = &mut visit.cx;
            let cookies = prove::complete(cx, &visit.headers, &mut sign_in, method, &proven).await?;
            cx.commit().await?;
            Ok(visit.redirect(&sign_in.resume_path(), cookies))
        }
        Err(error) => refused(visit, &sign_in, typed, error).await,
    }
}

/// The sign-in that a posted form belongs to: under way in this browser, the form shown by one of its pages.
pub(super) async fn open_form(visit: &Visit, fields: &Fields<'_>) -> Result<SignIn, PageRefusal> {
    let id = fields
        .text("sign_in")?
        .parse()
        .map_err(|_| PageRefusal::UnknownSignIn)?;
    let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
    visit.check_form(CookieKind::Browser, &id.to_string(), fields)?;
    Ok(sign_in)
}

/// The form again, with why. Unknown identifier and wrong password look the same.
async fn refused(
    visit: &Visit,
    sign_in: &SignIn,
    typed: &str,
    error: AttemptError,
) -> Result<Response, PageRefusal> {
    let (status, message, wait) = explain(error)?;
    let shown = Shown {
        status,
        ..Shown::error(typed, FormError::form(message))
    };
    let response = page_of(visit, sign_in, shown).await?;
    Ok(match wait {
        Some(wait) => with_retry_after(response, wait),
        None => response,
    })
}

/// Status, sentence and wait of a failed attempt.
pub(crate) fn explain(
    error: AttemptError,
) -> Result<(StatusCode, Message, Option<std::time::Duration>), PageRefusal> {
    Ok(match error {
        AttemptError::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, Message::CredentialsWrong, None),
        AttemptError::Disabled => (StatusCode::FORBIDDEN, Message::AccountDisabled, None),
        AttemptError::Wait { retry_after } => {
            let seconds = whole_seconds(retry_after);
            (
                StatusCode::TOO_MANY_REQUESTS,
                Message::TooManyAttempts { seconds },
                Some(retry_after),
            )
        }
        AttemptError::Fault(Fault::Busy { retry_after }) => {
            (StatusCode::SERVICE_UNAVAILABLE, Message::Busy, Some(retry_after))
        }
        AttemptError::Fault(fault) => return Err(fault.into()),
    })
}

/// What the page shows beside its form.
struct Shown {
    status: StatusCode,
    identifier: Option<String>,
    error: Option<FormError>,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            status: StatusCode::OK,
            identifier: None,
            error: None,
        }
    }
}

impl Shown {
    fn error(typed: &str, error: FormError) -> Self {
        let identifier = Some(typed.chars().take(320).collect()).filter(|text: &String| !text.is_empty());
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            identifier,
            error: Some(error),
        }
    }
}

async fn page_of(visit: &Visit, sign_in: &SignIn, shown: Shown) -> Result<Response, PageRefusal> {
    let (cx, id) = (&visit.cx, sign_in.id);
    let is_same = |card: &UserCard| {
        shown
            .identifier
            .as_ref()
            .is_none_or(|typed| *typed == card.identifier)
    };
    let again = prove_again(visit, sign_in).await?.filter(is_same);
    let notice = again.is_some().then_some(Message::SignInAgain);
    let own = |path: &str| cx.tenant.path(&format!("{path}?sign_in={id}"));
    let view = SignInView {
        sign_in: id.to_string(),
        client: client_of(visit, sign_in).await?,
        identifier: shown.identifier.or_else(|| sign_in.state.identifier.clone()),
        switch_url: again.as_ref().map(|_| format!("{}&switch=1", own("/sign-in"))),
        notice: notice.filter(|_| shown.error.is_none()),
        again,
        error: shown.error,
        password: methods::PASSWORD.is_available(&cx.tenant),
        methods: Vec::new(),
        sign_up_url: cx.tenant.settings.sign_up.then(|| own("/sign-up")),
        recover_url: None,
    };
    let context = context_of(visit, sign_in, "/sign-in")?;
    Ok(visit.respond(shown.status, &view, &context))
}

/// Who is signed in already and has to prove it anew (`prompt=login`, `max_age`), unless they want another account.
async fn prove_again(visit: &Visit, sign_in: &SignIn) -> Result<Option<UserCard>, Fault> {
    let Some(request) = sign_in.request() else {
        return Ok(None);
    };
    let asks_again = request.prompt.login() || request.max_age.is_some();
    if !asks_again || sign_in.is_authenticated() || visit.query("switch").is_some() {
        return Ok(None);
    }
    let Some(session) = sessions::current(&visit.cx, &visit.headers).await? else {
        return Ok(None);
    };
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), session.user_id).await?;
    Ok(user
        .map(|user| page::user_card(&user))
        .filter(|card| !card.identifier.is_empty()))
}

/// The client that asked for the sign-in.
pub(super) async fn client_of(visit: &Visit, sign_in: &SignIn) -> Result<Option<ClientCard>, Fault> {
    let Some(id) = sign_in.client_id() else {
        return Ok(None);
    };
    let client = clients::find(&visit.cx.app, visit.cx.tenant_id(), id).await?;
    Ok(client.map(|client| page::client_card(&client)))
}

/// The surroundings of a page of the sign-in: its language, its token, and where its forms may end up.
pub(super) fn context_of(visit: &Visit, sign_in: &SignIn, path: &str) -> Result<PageContext, Fault> {
    let id = sign_in.id.to_string();
    let mut context = visit.form_context(CookieKind::Browser, &id, sign_in.state.ui_locales.as_deref())?;
    context.here = Some(format!("{path}?sign_in={id}"));
    let redirect_uri = sign_in
        .request()
        .and_then(|request| Url::parse(&request.target.redirect_uri).ok());
    if let Some(redirect_uri) = redirect_uri {
        context.form_targets = FormTarget::onward(&redirect_uri);
    }
    Ok(context)
}

/// A page of the sign-in, by redirect.
pub(super) fn to_page(
    visit: &Visit,
    sign_in: &SignIn,
    path: &str,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    visit.redirect(&format!("{path}?sign_in={}", sign_in.id), cookies)
}
