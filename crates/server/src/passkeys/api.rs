//! `/account/passkeys`: the forms of the section on the security page. What adds or removes one asks for a fresh factor.

use authflow_types::CredentialId;
use axum::http::StatusCode;
use axum::response::Response;

use super::{PasskeyError, ops, register};
use crate::account::{Owner, Page, Said, done, fresh, owner_of_form, show, to_sign_in};
use crate::http::reply::json_no_store;
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::pages::FormError;
use crate::sign_in::AccountNext;

/// The section's name, by which its mistakes are told.
pub(crate) const SECTION: &str = "passkeys";

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/account/passkeys/options", Access::Session, Cors::None, options)
        .post("/account/passkeys", Access::Session, Cors::None, add)
        .post("/account/passkeys/rename", Access::Session, Cors::None, rename)
        .post("/account/passkeys/remove", Access::Session, Cors::None, remove)
        .post("/account/passkeys/decline", Access::Session, Cors::None, decline)
}

/// The page again, with why; what the attempt used up stays used up.
async fn refused(visit: &mut Visit, owner: &Owner, error: PasskeyError) -> Result<Response, PageRefusal> {
    let message = match error {
        PasskeyError::Fault(fault) => return Err(fault.into()),
        error => error.message().ok_or(PageRefusal::NOT_FOUND)?,
    };
    visit.cx.commit().await?;
    show(
        visit,
        Page::Security,
        owner,
        Said::wrong(SECTION, FormError::form(message)),
    )
    .await
}

/// Back to the page, with a word about what was done.
async fn finished(visit: &mut Visit, owner: &Owner, word: &str) -> Result<Response, PageRefusal> {
    visit.cx.commit().await?;
    done(visit, Page::Security, owner, (word, 0))
}

async fn options(mut visit: Visit, form: PostedForm) -> Response {
    let answered = make_options(&mut visit, &form).await;
    visit.answer(answered)
}

async fn make_options(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Security).await? {
        return Ok(elsewhere);
    }
    match register::begin(&mut visit.cx, owner.session.id.as_uuid(), &owner.user).await {
        Ok(options) => {
            visit.cx.commit().await?;
            Ok(json_no_store(StatusCode::OK, &options))
        }
        Err(error) => refused(visit, &owner, error).await,
    }
}

async fn add(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_add(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_add(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Security).await? {
        return Ok(elsewhere);
    }
    let given = (fields.text("response")?, visit.context(None).locale);
    match register::finish(&mut visit.cx, owner.session.id.as_uuid(), &owner.user, given).await {
        Ok(_) => finished(visit, &owner, "passkey_added").await,
        Err(error) => {
            tracing::info!(%error, "a passkey was not registered");
            refused(visit, &owner, error).await
        }
    }
}

async fn decline(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_decline(&mut visit, &form).await;
    visit.answer(answered)
}

/// No passkey, thank you: not asked again.
async fn do_decline(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    ops::decline_offer(&mut visit.cx, owner.user.id).await?;
    visit.cx.commit().await?;
    Ok(visit.redirect(Page::Profile.path(), None))
}

async fn rename(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_rename(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_rename(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let id: CredentialId = fields.id("id")?;
    match ops::rename(&mut visit.cx, owner.user.id, id, fields.text("name")?).await {
        // Gone meanwhile: the list says so.
        Ok(()) | Err(PasskeyError::NotFound) => finished(visit, &owner, "passkey_renamed").await,
        Err(error) => refused(visit, &owner, error).await,
    }
}

async fn remove(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_remove(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_remove(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Security).await? {
        return Ok(elsewhere);
    }
    let id: CredentialId = fields.id("id")?;
    let which = (id, visit.context(None).locale);
    match ops::remove(&mut visit.cx, owner.session.id, &owner.user, which).await {
        Ok(()) | Err(PasskeyError::NotFound) => finished(visit, &owner, "passkey_removed").await,
        Err(error) => refused(visit, &owner, error).await,
    }
}
