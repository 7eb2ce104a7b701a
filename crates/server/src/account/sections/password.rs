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
    let (owner, cx) = (&owner, &visit.cx);
    let record = identities::password_of(cx, owner.user.id).await?;
    let has_password = has_password(record.as_ref());
    if let Err(said) = is_complete(visit, owner, (current, new), has_password) {
        return show(visit, Page::Security, owner, said).await;
    }
    // SECURITY: before the current one is confirmed, which opens the transaction: nothing is hashed or asked for over the
    // network within, and what was confirmed cannot change before it is replaced.
    let hash = match identities::hash_password_for(cx, &owner.user, &Password::from(new)).await {
        Ok(hash) => hash,
        Err(IdentityError::Password(problem)) => {
            let said = mistake(Field::NewPassword, sign_in::password_message(problem));
            return show(visit, Page::Security, owner, said).await;
        }
        Err(error) => return Err(page_of(error)),
    };
    if has_password && let Err(said) = confirm(visit, owner, (current, new)).await? {
        return show(visit, Page::Security, owner, said).await;
    }
    let (user, session) = (&owner.user, &owner.session);
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    identities::set_password(cx, user, hash, Some(session.id))
        .await
        .map_err(page_of)?;
    sign_in::tell_of_password(cx, user, locale).await?;
    let renewed = sessions::renew(cx, session, session.amr.clone(), &session.acr).await;
    let cookie = match renewed {
        Ok((_, token)) => sessions::cookie(cx, &token),
        Err(SessionError::NotFound) => None,
        Err(SessionError::Fault(fault)) => return Err(fault.into()),
    };
    let device = sign_in::remember_owners_device(cx, &visit.headers, user)?;
    cx.commit().await?;
    let mut response = done(visit, Page::Security, owner, ("password_changed", 0))?;
    for cookie in cookie.into_iter().chain(device) {
        response
            .headers_mut()
            .append(axum::http::header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn mistake(field: Field, message: Message) -> Said {
    Said::wrong(NAME, FormError::fields([(field, message)]))
}

/// Whether everything is there that a change needs: the current password, or a fresh sign-in where there is none.
fn is_complete(
    visit: &Visit,
    owner: &Owner,
    (current, new): (&str, &str),
    has_password: bool,
) -> Result<(), Said> {
    if new.is_empty() {
        Err(mistake(Field::NewPassword, Message::PasswordMissing))
    } else if has_password && current.is_empty() {
        Err(mistake(Field::CurrentPassword, Message::PasswordMissing))
    } else if !has_password && !is_fresh(visit, owner) {
        Err(Said::wrong(NAME, FormError::form(Message::SignInAgain)))
    } else {
        Ok(())
    }
}

/// Whether the person at the browser knows the current password: a borrowed session may not change it.
async fn confirm(
    visit: &mut Visit,
    owner: &Owner,
    (current, new): (&str, &str),
) -> Result<Result<(), Said>, PageRefusal> {
    match sign_in::confirm_password(&mut visit.cx, &visit.headers, &owner.user, current).await {
        Ok(()) if current == new => Ok(Err(mistake(Field::NewPassword, Message::PasswordUnchanged))),
        Ok(()) => Ok(Ok(())),
        Err(AttemptError::Wrong) => Ok(Err(mistake(
            Field::CurrentPassword,
            Message::CurrentPasswordWrong,
        ))),
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
