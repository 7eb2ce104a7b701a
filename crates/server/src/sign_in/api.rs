//! `/sign-in`: identifier and password, and the way to every other method.

use axum::http::StatusCode;
use axum::response::Response;

use super::assurance::Assurance;
use super::error::{AttemptError, SignInError};
use super::gate::{self, Purpose};
use super::methods::{self, Method};
use super::model::{AccountNext, SignIn, StartedBy};
use super::page::{self, client_of, context_of, open_form, to_page};
use super::prove::{self, Attempt, Next};
use super::{ops, policy, upstream};
use crate::http::visit::{PageRefusal, PostedForm, Visit, see_other, whole_seconds, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::pages::{Field, FormError, Message, SignInView, UserCard};
use crate::sessions::{self, Session};
use crate::{Fault, identities};

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
    if let Some(session) = sessions::current(&visit.cx, &visit.headers).await? {
        return of_session(visit, &session).await;
    }
    let ui_locales = visit.query("ui_locales").filter(|list| list.len() <= 100);
    let started_by = StartedBy::Account {
        next: AccountNext::Account,
        fresh: None,
    };
    let started = ops::start_in(&mut visit.cx, &visit.headers, started_by, ui_locales).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, &started.sign_in, page, started.set_cookie))
}

/// Somebody who is signed in goes to the account page, by way of a further factor if the tenant's rule asks for one.
async fn of_session(visit: &mut Visit, session: &Session) -> Result<Response, PageRefusal> {
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), session.user_id).await?;
    let required = match user {
        Some(user) => policy::required_of(&mut visit.cx, &visit.headers, &user, None).await?,
        None => Assurance::Single,
    };
    if Assurance::from_acr(&session.acr).is_some_and(|have| have >= required) {
        return Ok(visit.redirect("/account", None));
    }
    let started_by = StartedBy::Account {
        next: AccountNext::Account,
        fresh: None,
    };
    let started = ops::step_up(&mut visit.cx, &visit.headers, started_by, session).await?;
    visit.cx.commit().await?;
    Ok(see_other(&started.location, started.set_cookie))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let form = &*gate::unpack(visit, "/sign-in", form)?;
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let method = match fields.text("method")? {
        "" => Some(&methods::PASSWORD as &dyn Method),
        id => methods::find(id),
    };
    let method = method
        .filter(|method| method.roles(&visit.cx).first)
        .ok_or(PageRefusal::Body)?;
    if method.id() == methods::PASSKEY.id() {
        return with_passkey(visit, sign_in, fields.text("response")?).await;
    }
    let (typed, secret) = (fields.text("identifier")?.trim(), fields.text("password")?);
    if let Some(elsewhere) = upstream::routed(visit, &mut sign_in, typed).await? {
        return Ok(elsewhere);
    }
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
    let gate = (Purpose::SignIn, "/sign-in");
    if let Some(page) = gate::hold(visit, &sign_in, gate, typed, form).await? {
        return Ok(page);
    }
    let attempt = Attempt {
        method,
        identifier: typed,
        secret,
    };
    match first_factor(visit, &mut sign_in, attempt).await {
        Ok(next) => page::follow(visit, &sign_in, next?).await,
        Err(error) => refused(visit, &sign_in, typed, error).await,
    }
}

/// What the browser's passkey answered. It names its user: nothing is typed.
async fn with_passkey(
    visit: &mut Visit,
    mut sign_in: SignIn,
    response: &str,
) -> Result<Response, PageRefusal> {
    let attempt = Attempt {
        method: &methods::PASSKEY,
        identifier: "",
        secret: response,
    };
    match first_factor(visit, &mut sign_in, attempt).await {
        Ok(next) => page::follow(visit, &sign_in, next?).await,
        Err(AttemptError::Wrong) => {
            let shown = Shown::error("", FormError::form(Message::PasskeyWrong));
            page_of(visit, &sign_in, shown).await
        }
        Err(error) => refused(visit, &sign_in, "", error).await,
    }
}

/// Tries to give the first factor, whatever this sign-in came to before.
pub(super) async fn first_factor(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    attempt: Attempt<'_>,
) -> Result<Result<Next, SignInError>, AttemptError> {
    sign_in.forget_candidate();
    let proven = prove::attempt(&mut visit.cx, &visit.headers, Some(sign_in), attempt).await?;
    Ok(prove::advance(&mut visit.cx, &visit.headers, sign_in, proven).await)
}

/// The form again, with why. Unknown identifier and wrong password look the same.
pub(super) async fn refused(
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
        AttemptError::Exhausted => (
            StatusCode::TOO_MANY_REQUESTS,
            Message::SecondFactorExhausted,
            None,
        ),
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
pub(super) struct Shown {
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
    /// Answered with `status`.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn error(typed: &str, error: FormError) -> Self {
        let identifier = Some(typed.chars().take(320).collect()).filter(|text: &String| !text.is_empty());
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            identifier,
            error: Some(error),
        }
    }
}

/// The page.
pub(super) async fn page_of(visit: &Visit, sign_in: &SignIn, shown: Shown) -> Result<Response, PageRefusal> {
    let (cx, id) = (&visit.cx, sign_in.id);
    let is_same = |card: &UserCard| {
        shown
            .identifier
            .as_ref()
            .is_none_or(|typed| *typed == card.identifier)
    };
    let again = prove_again(visit, sign_in).await?.filter(is_same);
    let linking = visit.query("connect").is_some() && crate::connections::is_linking(cx, id).await?;
    let notice = again.is_some().then_some(Message::SignInAgain);
    let notice = notice.or(linking.then_some(Message::ConnectSignIn));
    let own = |path: &str| cx.tenant.path(&format!("{path}?sign_in={id}"));
    let view = SignInView {
        sign_in: id.to_string(),
        client: client_of(visit, sign_in).await?,
        identifier: shown.identifier.or_else(|| sign_in.state.identifier.clone()),
        switch_url: again.as_ref().map(|_| format!("{}&switch=1", own("/sign-in"))),
        notice: notice.filter(|_| shown.error.is_none()),
        again,
        error: shown.error,
        password: methods::PASSWORD.roles(cx).first,
        passkey: methods::PASSKEY.roles(cx).first,
        methods: super::code::buttons(visit, sign_in),
        providers: upstream::buttons(visit).await?,
        sign_up_url: cx.tenant.settings.sign_up.then(|| own("/sign-up")),
        recover_url: super::recover::is_available(cx).then(|| own("/recover")),
    };
    let context = context_of(visit, sign_in, "/sign-in")?;
    Ok(visit.respond(shown.status, &view, &context))
}

/// Who is signed in already and has to prove it anew (`prompt=login`, `max_age`), unless they want another account.
async fn prove_again(visit: &Visit, sign_in: &SignIn) -> Result<Option<UserCard>, Fault> {
    let asks_again = match sign_in.started_by() {
        StartedBy::Authorization { request, .. } => request.prompt.login() || request.max_age.is_some(),
        StartedBy::Account { fresh, .. } => fresh.is_some(),
    };
    if !asks_again || sign_in.is_authenticated() || visit.query("switch").is_some() {
        return Ok(None);
    }
    let Some(session) = sessions::current(&visit.cx, &visit.headers).await? else {
        return Ok(None);
    };
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), session.user_id).await?;
    Ok(user
        .map(|user| crate::http::page::user_card(&user))
        .filter(|card| !card.identifier.is_empty()))
}
