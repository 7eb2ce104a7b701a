//! Links in mails about an account: the new address confirms, the address of before objects, a deletion is called off.
//!
//! A GET shows a button and changes nothing. SECURITY: no form token, because a link may be opened in a browser that never
//! saw us; its secret takes the token's place. Nobody is signed in by one.

use authflow_types::{IdentifierId, UserId};
use axum::http::StatusCode;
use axum::response::Response;

use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes, csrf};
use crate::identities::{self, EmailChange, IdentityError};
use crate::mail::{self, LinkPurpose, Mail, Occasion, OpenLink};
use crate::pages::{ConfirmLinkView, ErrorKind, MessageKind, MessageView};
use crate::sign_in::page_of;
use crate::{Cx, Fault};

const EXPIRED: PageRefusal = PageRefusal::Condition {
    status: StatusCode::BAD_REQUEST,
    kind: ErrorKind::LinkExpired,
    code: "link_expired",
};

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
    Confirm(EmailChange),
    Object(EmailChange),
    Keep(UserId),
}

async fn open(cx: &mut Cx, token: &str) -> Result<(OpenLink, About), PageRefusal> {
    let link = mail::find_link(cx, token).await?.ok_or(EXPIRED)?;
    let about = match link.purpose {
        LinkPurpose::ConfirmEmail | LinkPurpose::ObjectEmail => {
            let change = identities::find_email_change(cx, IdentifierId::from_uuid(link.subject)).await?;
            let change = change.ok_or(EXPIRED)?;
            match link.purpose {
                LinkPurpose::ConfirmEmail if change.confirmed_at.is_some() => return Err(EXPIRED),
                LinkPurpose::ConfirmEmail => About::Confirm(change),
                _ => About::Object(change),
            }
        }
        LinkPurpose::KeepAccount => About::Keep(UserId::from_uuid(link.subject)),
        _ => return Err(EXPIRED),
    };
    Ok((link, about))
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let token = visit.query("token").ok_or(EXPIRED)?;
    let (_, about) = open(&mut visit.cx, &token).await?;
    let (kind, icon, email) = match about {
        About::Confirm(change) => ("confirm-email", "mail", Some(change.value)),
        About::Object(change) => ("object-email", "alert", Some(change.value)),
        About::Keep(_) => ("keep-account", "user", None),
    };
    let view = ConfirmLinkView {
        kind,
        icon,
        token,
        email,
        warns: icon == "alert",
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = use_link(&mut visit, &form).await;
    visit.answer(answered)
}

async fn use_link(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    if !csrf::is_same_origin(&visit.cx, &visit.headers) {
        return Err(PageRefusal::ForgedForm);
    }
    let fields = form.fields()?;
    let (link, about) = open(&mut visit.cx, fields.text("token")?).await?;
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    if !mail::consume_link(cx, &link).await? {
        return Err(EXPIRED);
    }
    let (kind, path) = match about {
        About::Confirm(change) => {
            let before = identities::find_user_within(cx, change.user_id).await?;
            match identities::confirm_email_change(cx, &change).await {
                Ok(()) => {}
                Err(IdentityError::IdentifierTaken { .. }) => return Err(EXPIRED),
                Err(error) => return Err(page_of(error)),
            }
            if let Some((email, _)) = before.as_ref().and_then(|user| user.email()) {
                tell(cx, (email, &change.value), locale).await?;
            }
            (MessageKind::EmailVerified, "/account")
        }
        About::Object(change) => {
            identities::undo_email_change(cx, &change).await?;
            (MessageKind::EmailChangeUndone, "/recover")
        }
        About::Keep(user) => {
            if !identities::cancel_deletion(cx, user).await? {
                return Err(EXPIRED);
            }
            (MessageKind::AccountKept, "/sign-in")
        }
    };
    cx.commit().await?;
    let view = MessageView {
        kind,
        continue_url: Some(visit.cx.tenant.path(path)),
    };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

async fn tell(cx: &mut Cx, (to, email): (&str, &str), locale: crate::pages::Locale) -> Result<(), Fault> {
    let occasion = Occasion {
        at: cx.now,
        device: super::device_name(cx.request.user_agent.as_deref()),
        place: cx.request.ip.map(|ip| ip.to_string()),
    };
    let mail = Mail::EmailChanged {
        new_email: email.to_owned(),
        occasion,
    };
    mail::queue(cx, to, locale, mail).await
}
