//! `/sign-in/set-up/passkey`: whoever must give a second factor and has none makes a passkey, and is signed in.

use axum::http::StatusCode;
use axum::response::Response;

use super::methods::{Method as _, PASSKEY, PasskeyMethod};
use super::model::SignIn;
use super::page::{client_of, context_of, follow, open, open_form};
use super::prove::{self, Next, Proven};
use super::set_up::{candidate, show_codes};
use crate::factors;
use crate::http::reply::json_no_store;
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::User;
use crate::pages::{FormError, Message, PasskeySetUpView};
use crate::passkeys::{self, PasskeyError};
use crate::sessions;

pub(super) const PATH: &str = "/sign-in/set-up/passkey";

pub(super) fn routes() -> Routes {
    Routes::default()
        .get(PATH, Access::SignIn, Cors::None, show)
        .post(PATH, Access::SignIn, Cors::None, submit)
        .post(
            "/sign-in/set-up/passkey/options",
            Access::SignIn,
            Cors::None,
            options,
        )
}

/// Whether a passkey can be made here, as a second factor.
pub(super) fn is_offered(visit: &Visit) -> bool {
    PASSKEY.roles(&visit.cx).second
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let sign_in = open(visit).await?;
    match candidate(visit, &sign_in).await? {
        Ok(_) => page_of(visit, &sign_in, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn page_of(visit: &Visit, sign_in: &SignIn, error: Option<FormError>) -> Result<Response, PageRefusal> {
    if !is_offered(visit) {
        return Err(PageRefusal::NOT_FOUND);
    }
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = PasskeySetUpView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        can_use_app: super::set_up::is_offered(visit),
        error,
    };
    let context = context_of(visit, sign_in, PATH)?;
    Ok(visit.respond(status, &view, &context))
}

async fn options(mut visit: Visit, form: PostedForm) -> Response {
    let answered = make_options(&mut visit, &form).await;
    visit.answer(answered)
}

async fn make_options(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let sign_in = open_form(visit, &fields).await?;
    let user = match candidate(visit, &sign_in).await? {
        Ok(user) => user,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match passkeys::begin_registration(&mut visit.cx, sign_in.id.as_uuid(), &user).await {
        Ok(options) => {
            visit.cx.commit().await?;
            Ok(json_no_store(StatusCode::OK, &options))
        }
        Err(PasskeyError::Fault(fault)) => Err(fault.into()),
        Err(_) => Err(PageRefusal::NOT_FOUND),
    }
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: as for an app, only while the user has no second factor ([`candidate`]); the passkey was used to make it, in
/// this very sign-in, and so counts as given.
async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let user = match candidate(visit, &sign_in).await? {
        Ok(user) => user,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if !is_offered(visit) {
        return Err(PageRefusal::NOT_FOUND);
    }
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let given = (fields.text("response")?, locale);
    let subject = sign_in.id.as_uuid();
    let made = match passkeys::finish_registration(&mut visit.cx, subject, &user, given).await {
        Ok(made) => made,
        Err(PasskeyError::Fault(fault)) => return Err(fault.into()),
        Err(error) => {
            tracing::info!(%error, "a passkey was not registered");
            // Its challenge stays used up.
            visit.cx.commit().await?;
            let message = error.message().unwrap_or(Message::PasskeyNotMade);
            return page_of(visit, &sign_in, Some(FormError::form(message))).await;
        }
    };
    let codes = recovery_codes(visit, &user).await?;
    let worth = PasskeyMethod::worth(made.user_verified, made.is_synced);
    let proven = Proven {
        account: sign_in.state.account.clone().unwrap_or_default(),
        factor: Proven::factor(&PASSKEY, worth, visit.cx.now),
        before,
        user,
    };
    let next = prove::advance(&mut visit.cx, &visit.headers, &mut sign_in, proven).await?;
    match (next, codes) {
        (Next::SignedIn { cookies, .. }, Some(codes)) => {
            visit.cx.commit().await?;
            Ok(show_codes(visit, &sign_in, codes, cookies))
        }
        (next, _) => follow(visit, &sign_in, next).await,
    }
}

/// For the day on which the passkey is lost: to whoever has no recovery codes yet.
async fn recovery_codes(visit: &mut Visit, user: &User) -> Result<Option<Vec<String>>, PageRefusal> {
    if factors::recovery_codes_left(&mut visit.cx, user.id).await? > 0 {
        return Ok(None);
    }
    Ok(Some(factors::first_recovery_codes(&mut visit.cx, user.id).await?))
}
