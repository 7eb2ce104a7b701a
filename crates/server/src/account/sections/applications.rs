//! Which applications may act for somebody.

use authflow_types::ClientId;
use axum::response::Response;
use serde_json::json;

use super::super::{At, Page, Section, done, owner_of_form, to_sign_in};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes, page};
use crate::pages::ApplicationRow;
use crate::{clients, consents};

pub(in crate::account) fn routes() -> Routes {
    Routes::default().post(
        "/account/applications/revoke",
        Access::Session,
        Cors::None,
        revoke,
    )
}

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let cx = &at.visit.cx;
    let mut rows = Vec::new();
    for consent in consents::list(cx, at.owner.user.id).await? {
        let Some(client) = clients::find(&cx.app, cx.tenant_id(), consent.client_id).await? else {
            continue;
        };
        rows.push(ApplicationRow {
            id: consent.client_id.to_string(),
            client: page::client_card(&client),
            scopes: consent
                .scope
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            granted_at: consent.created_at,
        });
    }
    at.section("account/applications.html", json!({ "applications": rows }))
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
    let client: ClientId = fields.id("client")?;
    match consents::revoke(&mut visit.cx, owner.user.id, client).await {
        Ok(()) | Err(consents::ConsentError::NotFound) => {}
        Err(consents::ConsentError::Fault(fault)) => return Err(fault.into()),
    }
    visit.cx.commit().await?;
    done(visit, Page::Applications, &owner, ("application_revoked", 0))
}
