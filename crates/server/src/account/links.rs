//! Links in mails about an account: the new address confirms, the address of before objects, a deletion is called off.
//!
//! A GET shows a button and changes nothing. SECURITY: no form token, because a link may be opened in a browser that never
//! saw us; its secret takes the token's place. Nobody is signed in by one.

use authflow_types::{IdentifierId, UserId};
use axum::http::StatusCode;
use axum::response::Response;

use super::tell;
use crate::Cx;
use crate::http::visit::{PageRefusal, PostedForm, Visit, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentifierChange, IdentifierKind, IdentityError};
use crate::mail::{self, LinkPurpose, Mail, OpenLink};
use crate::pages::{ConfirmLinkView, FormError, Locale, MessageKind, MessageView};
use crate::sign_in::{self, page_of};

/// Where the links lead.
pub(super) const LINKS: &str = "/account/link";

pub(super) fn routes() -> Routes {
    let link = Access::Public("the link's secret is the permission; opening it changes nothing");
    Routes::default()
        .get(LINKS, link, Cors::None, show)
        .post(LINKS, link, Cors::None, submit)
}

/// What a link is about.
enum About {
    Confirm(IdentifierChange),
    Object(IdentifierChange),
    Keep(UserId),
}

async fn open(cx: &mut Cx, token: &str) -> Result<(OpenLink, About), PageRefusal> {
    let link = mail::find_link(cx, token)
        .await?
        .ok_or(PageRefusal::LINK_EXPIRED)?;
    let about = match link.purpose {
        LinkPurpose::ConfirmEmail | LinkPurpose::ObjectEmail => {
            let change = identities::find_change(cx, IdentifierId::from_uuid(link.subject)).await?;
            let change = change
                .filter(|change| change.is_of(IdentifierKind::Email))
                .ok_or(PageRefusal::LINK_EXPIRED)?;
            match link.purpose {
                LinkPurpose::ConfirmEmail if change.confirmed_at.is_some() => {
                    return Err(PageRefusal::LINK_EXPIRED);
                }
                LinkPurpose::ConfirmEmail => About::Confirm(change),
                _ => About::Object(change),
            }
        }
        LinkPurpose::KeepAccount => About::Keep(UserId::from_uuid(link.subject)),
        _ => return Err(PageRefusal::LINK_EXPIRED),
    };
    Ok((link, about))
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let token = visit.link_token()?;
    let (_, about) = open(&mut visit.cx, &token).await?;
    page_of_link(visit, &about, token, None).await
}

async fn page_of_link(
    visit: &Visit,
    about: &About,
    token: String,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    let (kind, icon, email) = match about {
        About::Confirm(change) => ("confirm-email", "mail", Some(change.value.clone())),
        About::Object(change) => ("object-email", "alert", Some(change.value.clone())),
        About::Keep(_) => ("keep-account", "user", None),
    };
    let is_elsewhere = match about {
        About::Confirm(change) => !sign_in::is_signed_in(visit, change.user_id).await?,
        About::Object(_) | About::Keep(_) => false,
    };
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = ConfirmLinkView {
        kind,
        icon,
        token,
        email,
        warns: icon == "alert",
        is_elsewhere,
        error,
    };
    Ok(visit.respond(status, &view, &visit.context(None)))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = use_link(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: an address is added only by the account's owner: whoever reads a mailbox and clicks on what a stranger began
/// would give that stranger their address otherwise.
async fn use_link(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    visit.check_origin()?;
    let fields = form.fields()?;
    let (link, about) = open(&mut visit.cx, fields.text("token")?).await?;
    let is_refused = fields.text("answer")? == "not_me";
    if let (About::Confirm(change), false) = (&about, is_refused)
        && let Err((error, wait)) =
            sign_in::check_owner(visit, change.user_id, fields.text("password")?).await?
    {
        let token = fields.text("token")?.to_owned();
        let response = page_of_link(visit, &about, token, Some(error)).await?;
        return Ok(match wait {
            Some(wait) => with_retry_after(response, wait),
            None => response,
        });
    }
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    if !mail::consume_link(cx, &link).await? {
        return Err(PageRefusal::LINK_EXPIRED);
    }
    let (kind, path) = carry_out(cx, about, is_refused, locale).await?;
    cx.commit().await?;
    let view = MessageView {
        kind,
        continue_url: path.map(|path| visit.cx.tenant.path(path)),
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

/// Does what the link is for, in the context's transaction; what is said then, and where it goes on.
async fn carry_out(
    cx: &mut Cx,
    about: About,
    is_refused: bool,
    locale: Locale,
) -> Result<(MessageKind, Option<&'static str>), PageRefusal> {
    Ok(match about {
        About::Confirm(change) if is_refused => {
            identities::refuse_email_change(cx, &change).await?;
            (MessageKind::EmailDisowned, None)
        }
        About::Confirm(change) => {
            let before = identities::find_user_within(cx, change.user_id).await?;
            match identities::confirm_email_change(cx, &change).await {
                Ok(()) => {}
                Err(IdentityError::IdentifierTaken { .. }) => return Err(PageRefusal::LINK_EXPIRED),
                Err(error) => return Err(page_of(error)),
            }
            if let Some(before) = before {
                let new_email = change.value.clone();
                tell(cx, &before, locale, |occasion| Mail::EmailChanged {
                    new_email,
                    occasion,
                })
                .await?;
            }
            (MessageKind::EmailVerified, Some("/account"))
        }
        About::Object(change) => {
            identities::undo_email_change(cx, &change).await?;
            (MessageKind::EmailChangeUndone, Some("/recover"))
        }
        About::Keep(user) => {
            if !identities::cancel_deletion(cx, user).await? {
                return Err(PageRefusal::LINK_EXPIRED);
            }
            (MessageKind::AccountKept, Some("/sign-in"))
        }
    })
}
