//! `/sign-in/set-up`: whoever must give a second factor and has none sets up an authenticator app, and is signed in.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::methods::{Method as _, TOTP, Worth};
use super::model::SignIn;
use super::page::{OUT_OF_REACH, SECOND, SET_UP, client_of, context_of, follow, open, open_form, to_page};
use super::policy::{self, Need};
use super::prove::{self, Next, Proven};
use super::set_up_passkey;
use crate::factors::{self, TotpSetUp};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, User};
use crate::pages::{Field, FormError, Message, RecoveryCodesView, TotpSetUpView};
use crate::sessions;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get(SET_UP, Access::SignIn, Cors::None, show)
        .post(SET_UP, Access::SignIn, Cors::None, submit)
}

/// Who must set a factor up; otherwise the page that is right for them.
pub(super) async fn candidate(
    visit: &mut Visit,
    sign_in: &SignIn,
) -> Result<Result<Arc<User>, Response>, PageRefusal> {
    let user = match sign_in.candidate() {
        Some(id) => identities::find_user(&visit.cx.app, visit.cx.tenant_id(), id).await?,
        None => None,
    };
    let Some(user) = user.filter(|user| user.is_active() && sign_in.counts_for(user)) else {
        return Ok(Err(to_page(visit, sign_in, "/sign-in", Vec::new())));
    };
    match policy::need(&mut visit.cx, &visit.headers, sign_in, &user).await? {
        Need::SetUp if is_offered(visit) || set_up_passkey::is_offered(visit) => Ok(Ok(user)),
        Need::SetUp | Need::OutOfReach => Err(OUT_OF_REACH),
        Need::SecondFactor | Need::Nothing => Ok(Err(to_page(visit, sign_in, SECOND, Vec::new()))),
    }
}

/// Whether an app can be set up here.
pub(super) fn is_offered(visit: &Visit) -> bool {
    TOTP.roles(&visit.cx).second
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let sign_in = open(visit).await?;
    let user = match candidate(visit, &sign_in).await? {
        Ok(user) => user,
        Err(elsewhere) => return Ok(elsewhere),
    };
    page_of(visit, &sign_in, &user, None).await
}

async fn page_of(
    visit: &mut Visit,
    sign_in: &SignIn,
    user: &User,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    if !is_offered(visit) {
        return Ok(to_page(visit, sign_in, set_up_passkey::PATH, Vec::new()));
    }
    let shown = factors::begin_totp(&mut visit.cx, sign_in.id.as_uuid(), user).await?;
    visit.cx.commit().await?;
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = TotpSetUpView {
        sign_in: Some(sign_in.id.to_string()),
        client: client_of(visit, sign_in).await?,
        action: SET_UP.to_owned(),
        qr: shown.qr,
        secret: shown.secret,
        uri: shown.uri,
        error,
        back_url: None,
        can_use_passkey: set_up_passkey::is_offered(visit),
    };
    let context = context_of(visit, sign_in, SET_UP)?;
    Ok(visit.respond(status, &view, &context))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

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
    let subject = sign_in.id.as_uuid();
    let locale = visit.context(sign_in.state.ui_locales.as_deref()).locale;
    let given = (fields.text("code")?, locale);
    let codes = match factors::finish_totp(&mut visit.cx, subject, &user, given).await? {
        TotpSetUp::Done { codes } => codes,
        TotpSetUp::Wrong => {
            let error = FormError::fields([(Field::Code, Message::CodeWrong)]);
            return page_of(visit, &sign_in, &user, Some(error)).await;
        }
    };
    let proven = Proven {
        account: sign_in.state.account.clone().unwrap_or_default(),
        factor: Proven::factor(&TOTP, Worth::single(&["otp"]), visit.cx.now),
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

/// The recovery codes, this once, and the way on.
pub(super) fn show_codes(
    visit: &Visit,
    sign_in: &SignIn,
    codes: Vec<String>,
    cookies: Vec<HeaderValue>,
) -> Response {
    let view = RecoveryCodesView {
        codes,
        continue_url: visit.cx.tenant.path(&sign_in.resume_path()),
    };
    let context = visit.context(sign_in.state.ui_locales.as_deref());
    let mut response = visit.respond(StatusCode::OK, &view, &context);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
