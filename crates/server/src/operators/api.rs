//! `/claim/{token}`: where the first operator says who they are. Opening it changes nothing; the button does.
//!
//! SECURITY: no form token, because the link is opened in a browser that never saw us; its secret takes the token's place.
//! Nobody is signed in by it: the page may have been left open where others can reach it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::{NewOperator, OpenClaim, OperatorError, ops};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes, csrf};
use crate::identities::{self, IdentifierValue, IdentityError};
use crate::pages::{ClaimView, ErrorKind, Field, FormError, Message, MessageKind, MessageView};
use crate::passwords::Password;
use crate::sign_in::{self, page_of};

const EXPIRED: PageRefusal = PageRefusal::Condition {
    status: StatusCode::BAD_REQUEST,
    kind: ErrorKind::LinkExpired,
    code: "link_expired",
};

pub(crate) fn routes() -> Routes {
    let link = Access::Public("the link's secret is the permission; opening it changes nothing");
    Routes::default()
        .get("/claim/{token}", link, Cors::None, show)
        .post("/claim/{token}", link, Cors::None, submit)
}

async fn open(visit: &mut Visit, token: &str) -> Result<OpenClaim, PageRefusal> {
    ops::find_claim(&mut visit.cx, token).await?.ok_or(EXPIRED)
}

async fn show(mut visit: Visit, Path(token): Path<String>) -> Response {
    let shown = match open(&mut visit, &token).await {
        Ok(_) => Ok(page(&visit, token, None, None)),
        Err(refusal) => Err(refusal),
    };
    visit.answer(shown)
}

fn page(visit: &Visit, token: String, email: Option<String>, error: Option<FormError>) -> Response {
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = ClaimView {
        token,
        email,
        password_min: sign_in::password_min(&visit.cx),
        error,
    };
    visit.respond(status, &view, &visit.context(None))
}

async fn submit(mut visit: Visit, Path(token): Path<String>, form: PostedForm) -> Response {
    let answered = claim(&mut visit, token, &form).await;
    visit.answer(answered)
}

async fn claim(visit: &mut Visit, token: String, form: &PostedForm) -> Result<Response, PageRefusal> {
    if !csrf::is_same_origin(&visit.cx, &visit.headers) {
        return Err(PageRefusal::ForgedForm);
    }
    let open = open(visit, &token).await?;
    let fields = form.fields()?;
    let (email, password) = (fields.text("email")?.trim(), fields.text("password")?);
    let typed: String = email.chars().take(320).collect();
    let again = |visit: &Visit, wrong: Vec<(Field, Message)>| {
        page(
            visit,
            token.clone(),
            Some(typed.clone()),
            Some(FormError::fields(wrong)),
        )
    };
    let identifier = IdentifierValue::email(email);
    let mut wrong = Vec::new();
    if email.is_empty() {
        wrong.push((Field::Email, Message::EmailMissing));
    } else if identifier.is_err() {
        wrong.push((Field::Email, Message::EmailInvalid));
    }
    if password.is_empty() {
        wrong.push((Field::Password, Message::PasswordMissing));
    }
    let (Ok(identifier), true) = (identifier, wrong.is_empty()) else {
        return Ok(again(visit, wrong));
    };
    let about = vec![identifier.value().to_owned()];
    let password = match identities::hash_password(&visit.cx, &Password::from(password), about).await {
        Ok(hash) => hash,
        Err(IdentityError::Password(problem)) => {
            return Ok(again(
                visit,
                vec![(Field::Password, sign_in::password_message(problem))],
            ));
        }
        Err(error) => return Err(page_of(error)),
    };
    let new = NewOperator {
        email: identifier,
        name: None,
        password,
        verified: false,
    };
    let cx = &mut visit.cx;
    match ops::claim(cx, open, new).await {
        Ok(_) => cx.commit().await?,
        Err(OperatorError::Identity(IdentityError::IdentifierTaken { .. })) => {
            return Ok(again(visit, vec![(Field::Email, Message::EmailTaken)]));
        }
        Err(OperatorError::Identity(error)) => return Err(page_of(error)),
        Err(OperatorError::Fault(fault)) => return Err(fault.into()),
        Err(_) => return Err(EXPIRED),
    }
    let view = MessageView {
        kind: MessageKind::Claimed,
        continue_url: Some(visit.cx.tenant.path("/sign-in")),
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}
