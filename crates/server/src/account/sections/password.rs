//! The password.

use authflow_types::Timestamp;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::super::{At, Owner, Page, Said, Section, done, is_fresh, owner_of_form, show, to_sign_in};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentityError, PasswordRecord};
use crate::pages::{Field, FormError, Message};
use crate::passwords::Password;
use crate::sessions::{self, SessionError};
use crate::sign_in::{self, AttemptError, page_of};

const NAME: &str = "password";

pub(in crate::account) fn routes() -> Routes {
    Routes::default().post("/account/password", Access::Session, Cors::None, change)
}

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let cx = &at.visit.cx;
    let record = identities::password_of(cx, at.owner.user.id).await?;
    let set_at = record.as_ref().and_then(|record| record.set_at);
    let data = json!({
        "has_password": has_password(record.as_ref()),
        "changed_at": set_at.map(Timestamp::as_micros),
        "min": sign_in::password_min(cx),
        "error": at.error(NAME),
    });
    at.section("account/password.html", data)
}

fn has_password(record: Option<&PasswordRecord>) -> bool {
    record.is_some_and(|record| record.credential.is_some())
}

async fn change(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_change(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_change(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let (current, new) = (fields.text("current_password")?, fields.text("new_password")?);
    if let Err(said) = may_change(visit, &owner, (current, new)).await? {
        return show(visit, Page::Security, &owner, said).await;
    }
    let (user, session) = (&owner.user, &owner.session);
    let cx = &mut visit.cx;
    match identities::set_password(cx, user, &Password::from(new), Some(session.id)).await {
        Ok(()) => {}
        Err(IdentityError::Password(problem)) => {
            let error = FormError::fields([(Field::NewPassword, sign_in::password_message(problem))]);
            return show(visit, Page::Security, &owner, Said::wrong(NAME, error)).await;
        }
        Err(error) => return Err(page_of(error)),
    }
    let renewed = sessions::renew(cx, session, session.amr.clone(), &session.acr).await;
    let cookie = match renewed {
        Ok((_, token)) => sessions::cookie(cx, &token),
        Err(SessionError::NotFound) => None,
        Err(SessionError::Fault(fault)) => return Err(fault.into()),
    };
    cx.commit().await?;
    let mut response = done(visit, Page::Security, &owner, ("password_changed", 0))?;
    if let Some(cookie) = cookie {
        response
            .headers_mut()
            .append(axum::http::header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whether the person at the browser may change the password: a borrowed session may not.
async fn may_change(
    visit: &mut Visit,
    owner: &Owner,
    (current, new): (&str, &str),
) -> Result<Result<(), Said>, PageRefusal> {
    let field = |field, message| Ok(Err(Said::wrong(NAME, FormError::fields([(field, message)]))));
    let record = identities::password_of(&visit.cx, owner.user.id).await?;
    if new.is_empty() {
        return field(Field::NewPassword, Message::PasswordMissing);
    }
    if !has_password(record.as_ref()) {
        // No current one guards it.
        let said = Said::wrong(NAME, FormError::form(Message::SignInAgain));
        return Ok(if is_fresh(visit, owner) { Ok(()) } else { Err(said) });
    }
    if current.is_empty() {
        return field(Field::CurrentPassword, Message::PasswordMissing);
    }
    match sign_in::confirm_password(&mut visit.cx, &visit.headers, &owner.user, current).await {
        Ok(()) if current == new => field(Field::NewPassword, Message::PasswordUnchanged),
        Ok(()) => Ok(Ok(())),
        Err(AttemptError::Wrong) => field(Field::CurrentPassword, Message::CurrentPasswordWrong),
        Err(error) => {
            let (status, message, wait): (StatusCode, _, _) = sign_in::explain(error)?;
            Ok(Err(Said {
                status: Some(status),
                error: Some((NAME, FormError::form(message))),
                wait,
                ..Said::default()
            }))
        }
    }
}
