//! Where somebody is signed in.

use authflow_types::SessionId;
use axum::response::Response;
use serde_json::json;

use super::super::{At, Page, Section, done, owner_of_form, to_sign_in, user_agent};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::pages::SessionRow;
use crate::sessions;

pub(in crate::account) fn routes() -> Routes {
    Routes::default().post("/account/sessions/revoke", Access::Session, Cors::None, revoke)
}

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let owner = at.owner;
    let mut rows: Vec<SessionRow> = sessions::list(&at.visit.cx, owner.user.id)
        .await?
        .into_iter()
        .map(|session| {
            let described = user_agent::describe(session.user_agent.as_deref());
            SessionRow {
                id: session.id.to_string(),
                current: session.id == owner.session.id,
                device: described.device,
                browser: described.browser.map(str::to_owned),
                os: described.os.map(str::to_owned),
                place: session.place,
                address: session.ip,
                signed_in_at: session.created_at,
                last_active_at: session.last_seen_at,
            }
        })
        .collect();
    rows.sort_by_key(|row| !row.current);
    at.section("account/sessions.html", json!({ "sessions": rows }))
}

async fn revoke(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_revoke(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_revoke(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let current = owner.session.id;
    if fields.text("session")? == "others" {
        let count = sessions::end_all(&mut visit.cx, owner.user.id, Some(current)).await?;
        visit.cx.commit().await?;
        return done(visit, Page::Devices, &owner, ("others_revoked", count));
    }
    let id: SessionId = fields.id("session")?;
    // SECURITY: only one's own; anything else is as if it did not exist.
    if sessions::owner(&visit.cx, id).await? == Some(owner.user.id) {
        sessions::end(&mut visit.cx, id, "revoked").await?;
        visit.cx.commit().await?;
    }
    if id == current {
        return Ok(visit.redirect("/sign-out", sessions::clear_cookie(&visit.cx)));
    }
    done(visit, Page::Devices, &owner, ("session_revoked", 0))
}
