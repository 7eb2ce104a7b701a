//! `/invitation`: where somebody who was asked makes their account.

use authflow_types::UserId;
use axum::http::StatusCode;
use axum::response::Response;

use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentityError, Invitation, Profile};
use crate::mail::{self, LinkPurpose, OpenLink};
use crate::pages::{Field, FormError, InvitationView, Message, MessageKind, MessageView};
use crate::passwords::Password;
use crate::sign_in::{self, page_of};

pub(super) fn routes() -> Routes {
    let link = Access::Public("the link's secret is the permission; opening it changes nothing");
    Routes::default()
        .get("/invitation", link, Cors::None, show)
        .post("/invitation", link, Cors::None, accept)
}

async fn open(visit: &mut Visit, token: &str) -> Result<(OpenLink, Invitation), PageRefusal> {
    let cx = &mut visit.cx;
    let link = mail::find_link(cx, token)
        .await?
        .filter(|link| link.purpose == LinkPurpose::Invitation)
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    let invitation = identities::find_invitation(cx, UserId::from_uuid(link.subject)).await?;
    Ok((link, invitation.ok_or(PageRefusal::LINK_EXPIRED)?))
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let token = visit.link_token()?;
    let (_, invitation) = open(visit, &token).await?;
    let name = invitation.name.clone();
    Ok(page(visit, &invitation, (token, name), None))
}

fn page(
    visit: &Visit,
    invitation: &Invitation,
    (token, name): (String, Option<String>),
    error: Option<FormError>,
) -> Response {
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = InvitationView {
        token,
        email: invitation.email.clone(),
        name,
        password_min: sign_in::password_min(&visit.cx),
        error,
    };
    visit.respond(status, &view, &visit.context(None))
}

async fn accept(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_accept(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: the account has the address that was invited and no other; nobody is signed in, since the link may have
/// been opened by somebody to whom it was forwarded.
async fn do_accept(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    visit.check_origin()?;
    let fields = form.fields()?;
    let token = fields.text("token")?.to_owned();
    let (link, invitation) = open(visit, &token).await?;
    let (name, password) = (fields.text("name")?.trim(), fields.text("password")?);
    let typed = || (token.clone(), Some(name.chars().take(320).collect::<String>()));
    let mut wrong = Vec::new();
    if name.is_empty() {
        wrong.push((Field::Name, Message::NameMissing));
    } else if Profile::named(name).check().is_err() {
        wrong.push((Field::Name, Message::TextInvalid));
    }
    if password.is_empty() {
        wrong.push((Field::Password, Message::PasswordMissing));
    }
    if !wrong.is_empty() {
        return Ok(page(visit, &invitation, typed(), Some(FormError::fields(wrong))));
    }
    let about = vec![name.to_owned(), invitation.email.clone()];
    let hash = match identities::hash_password(&visit.cx, &Password::from(password), about).await {
        Ok(hash) => hash,
        Err(IdentityError::Password(problem)) => {
            let error = FormError::fields([(Field::Password, sign_in::password_message(problem))]);
            return Ok(page(visit, &invitation, typed(), Some(error)));
        }
        Err(error) => return Err(page_of(error)),
    };
    let cx = &mut visit.cx;
    if !mail::consume_link(cx, &link).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    match identities::accept_invitation(cx, &invitation, name.to_owned(), hash).await {
        Ok(_) => {}
        Err(IdentityError::NotFound | IdentityError::IdentifierTaken { .. }) => {
            return Err(PageRefusal::LINK_EXPIRED);
        }
        Err(error) => return Err(page_of(error)),
    }
    cx.commit().await?;
    let view = MessageView {
        kind: MessageKind::InvitationAccepted,
        continue_url: Some(visit.cx.tenant.path("/sign-in")),
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}
