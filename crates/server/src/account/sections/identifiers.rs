//! E-mail addresses, phone numbers, user name.

use axum::response::Response;
use serde_json::{Value, json};

use super::super::{At, Page, Section, done, owner_of_form, to_sign_in};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::sign_in;

const NAME: &str = "identifiers";

pub(in crate::account) fn routes() -> Routes {
    Routes::default().post("/account/verify", Access::Session, Cors::None, send_verification)
}

pub(super) fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let mut identifiers: Vec<_> = at.owner.user.identifiers.iter().collect();
    identifiers.sort_by_key(|one| (one.kind.as_str(), !one.is_primary, one.id));
    let rows: Vec<Value> = identifiers
        .into_iter()
        .map(|one| {
            json!({
                "id": one.id, "kind": one.kind, "value": one.value, "primary": one.is_primary,
                "verified": one.verified_at.is_some(),
            })
        })
        .collect();
    let data = json!({ "rows": rows, "error": at.error(NAME) });
    at.section("account/identifiers.html", data)
}

async fn send_verification(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_send_verification(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_send_verification(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let locale = visit.context(None).locale;
    sign_in::send_verification(&mut visit.cx, &owner.user, locale).await?;
    visit.cx.commit().await?;
    done(visit, Page::Profile, &owner, ("verification_sent", 0))
}
