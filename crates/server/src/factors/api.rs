//! `/account/security`: second factors on the account page. Every change asks for a fresh factor.

use authflow_types::{CredentialId, TrustedDeviceId};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use super::{TotpSetUp, set_up};
use crate::Cx;
use crate::account::{Owner, Page, done, fresh, notice_address, owner, owner_of_form, to_sign_in};
use crate::http::cookies::CookieKind;
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::pages::{Field, FormError, Message, RecoveryCodesView, TotpSetUpView};
use crate::sessions::{self, ACR_MULTI_FACTOR, ACR_PHISHING_RESISTANT, SessionError};
use crate::sign_in::AccountNext;

const PAGE: &str = "/account/security";
const TOTP: &str = "/account/security/totp";

/// The pages.
pub fn routes() -> Routes {
    Routes::default()
        .get(TOTP, Access::Session, Cors::None, show_totp)
        .post(TOTP, Access::Session, Cors::None, submit_totp)
        .post(
            "/account/security/totp/remove",
            Access::Session,
            Cors::None,
            remove_totp,
        )
        .post(
            "/account/security/recovery-codes",
            Access::Session,
            Cors::None,
            renew_codes,
        )
        .post(
            "/account/security/devices/forget",
            Access::Session,
            Cors::None,
            forget_device,
        )
}

async fn show_totp(mut visit: Visit) -> Response {
    let shown = show_totp_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_totp_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Totp).await? {
        return Ok(elsewhere);
    }
    totp_page(visit, &owner, None).await
}

async fn totp_page(
    visit: &mut Visit,
    owner: &Owner,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    if !visit.cx.tenant.settings.methods.totp {
        return Err(PageRefusal::NOT_FOUND);
    }
    let subject = owner.session.id.as_uuid();
    let shown = set_up::begin(&mut visit.cx, subject, &owner.user).await?;
    visit.cx.commit().await?;
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = TotpSetUpView {
        sign_in: None,
        client: None,
        action: TOTP.to_owned(),
        qr: shown.qr,
        secret: shown.secret,
        uri: shown.uri,
        error,
        back_url: Some(visit.cx.tenant.path(PAGE)),
        can_use_passkey: false,
    };
    let context = visit.form_context(CookieKind::Session, &owner.session.id.to_string(), None)?;
    Ok(visit.respond(status, &view, &context))
}

async fn submit_totp(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_submit_totp(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_submit_totp(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Totp).await? {
        return Ok(elsewhere);
    }
    if !visit.cx.tenant.settings.methods.totp {
        return Err(PageRefusal::NOT_FOUND);
    }
    let subject = owner.session.id.as_uuid();
    let given = (fields.text("code")?, visit.context(None).locale);
    match set_up::finish(&mut visit.cx, subject, &owner.user, given).await? {
        TotpSetUp::Done { codes } => {
            let cookie = strengthen(&mut visit.cx, &owner).await?;
            visit.cx.commit().await?;
            let mut response = match codes {
                Some(codes) => show_codes(visit, &owner, codes)?,
                None => done(visit, Page::Security, &owner, ("factor_added", 0))?,
            };
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        TotpSetUp::Wrong => {
            let error = FormError::fields([(Field::Code, Message::CodeWrong)]);
            totp_page(visit, &owner, Some(error)).await
        }
    }
}

/// The session rests on the app as well from now on: its code was proven in this very request.
async fn strengthen(cx: &mut Cx, owner: &Owner) -> Result<Option<HeaderValue>, PageRefusal> {
    let session = &owner.session;
    let mut amr = session.amr.clone();
    for value in ["otp", "mfa"] {
        if !amr.iter().any(|known| known == value) {
            amr.push(value.to_owned());
        }
    }
    let is_stronger = session.acr == ACR_PHISHING_RESISTANT;
    let acr = if is_stronger {
        ACR_PHISHING_RESISTANT
    } else {
        ACR_MULTI_FACTOR
    };
    match sessions::renew(cx, session, amr, acr).await {
        Ok((_, token)) => Ok(sessions::cookie(cx, &token)),
        Err(SessionError::NotFound) => Ok(None),
        Err(SessionError::Fault(fault)) => Err(fault.into()),
    }
}

fn show_codes(visit: &Visit, owner: &Owner, codes: Vec<String>) -> Result<Response, PageRefusal> {
    let back = notice_address(&visit.cx, PAGE, owner.session.id, ("factor_added", 0))?;
    let view = RecoveryCodesView {
        codes,
        continue_url: visit.cx.tenant.path(&back),
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

async fn remove_totp(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_remove_totp(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_remove_totp(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Security).await? {
        return Ok(elsewhere);
    }
    let id: CredentialId = fields.id("id")?;
    let which = (id, visit.context(None).locale);
    if super::remove_totp(&mut visit.cx, &owner.user, which).await? {
        visit.cx.commit().await?;
    }
    done(visit, Page::Security, &owner, ("factor_removed", 0))
}

async fn renew_codes(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_renew_codes(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_renew_codes(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Security).await? {
        return Ok(elsewhere);
    }
    if !super::has_recovery_codes(&mut visit.cx, &owner.user).await? {
        return Ok(visit.redirect(PAGE, None));
    }
    let locale = visit.context(None).locale;
    let codes = super::renew_recovery_codes(&mut visit.cx, &owner.user, locale).await?;
    visit.cx.commit().await?;
    let view = RecoveryCodesView {
        codes,
        continue_url: visit.cx.tenant.path(PAGE),
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

async fn forget_device(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_forget_device(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_forget_device(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let id: TrustedDeviceId = fields.id("id")?;
    if super::forget(&mut visit.cx, owner.user.id, id).await? {
        visit.cx.commit().await?;
    }
    done(visit, Page::Security, &owner, ("device_forgotten", 0))
}
