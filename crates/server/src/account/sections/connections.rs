//! Accounts at other providers that open this one, to link and to unlink.

use authflow_proto::upstream::Claim;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::super::{At, Page, Said, Section, done, fresh, owner_of_form, show, tell, to_sign_in};
use crate::connections::flow::{self, Hints, Purpose};
use crate::connections::{self, Connection, Kept, UpstreamError};
use crate::http::visit::{PageRefusal, PostedForm, Visit, see_other};
use crate::http::{Access, Cors, Routes};
use crate::mail::{Mail, MailFactor};
use crate::pages::{ErrorKind, FormError, Message};
use crate::sign_in::AccountNext;

const NAME: &str = "connections";

pub(in crate::account) fn routes() -> Routes {
    Routes::default()
        .post("/account/connections/link", Access::Session, Cors::None, link)
        .post("/account/connections/unlink", Access::Session, Cors::None, unlink)
}

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let cx = &at.visit.cx;
    let enabled = connections::enabled(cx).await?;
    let identities = connections::identities_of(cx, at.owner.user.id).await?;
    let mut linked = Vec::new();
    for identity in &identities {
        let Some(connection) = connections::find_by_id(cx, identity.connection_id).await? else {
            continue;
        };
        let person = &identity.person;
        linked.push(json!({
            "id": identity.id,
            "name": connection.name,
            "mark": connection.mark(),
            "account": person.email.as_ref().or_else(|| person.claims.get(&Claim::Name)),
            "last_used_at": identity.last_used_at.as_micros(),
        }));
    }
    let is_linked = |connection: &Connection| identities.iter().any(|own| own.connection_id == connection.id);
    let others = enabled
        .connections
        .iter()
        .filter(|connection| connection.settings.button && !is_linked(connection))
        .map(|connection| json!({ "slug": connection.slug, "name": connection.name, "mark": connection.mark() }));
    let others: Vec<_> = others.collect();
    if linked.is_empty() && others.is_empty() {
        return Ok(None);
    }
    let data = json!({ "linked": linked, "others": others, "error": at.error(NAME) });
    at.section("account/connections.html", data)
}

async fn link(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_link(&mut visit, &form).await;
    visit.answer(answered)
}

/// SECURITY: a fresh factor first, so that a browser left open does not get another way in.
async fn do_link(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    let connection = connections::find(&visit.cx, fields.text("connection")?).await?;
    let connection = connection
        .filter(|connection| connection.enabled)
        .ok_or(PageRefusal::NOT_FOUND)?;
    let purpose = Purpose::Link(owner.session.id);
    match flow::start(&mut visit.cx, &connection, purpose, Hints::default()).await {
        Ok(url) => {
            visit.cx.commit().await?;
            Ok(see_other(url.as_str(), None))
        }
        Err(UpstreamError::Fault(fault)) => Err(fault.into()),
        Err(error) => {
            tracing::warn!(%error, connection = %connection.id, "a provider could not be asked");
            Err(PageRefusal::Condition {
                status: StatusCode::SERVICE_UNAVAILABLE,
                kind: ErrorKind::ConnectionUnavailable,
                code: error.code(),
            })
        }
    }
}

async fn unlink(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_unlink(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_unlink(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    let id = fields.id("identity")?;
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    match connections::unlink(cx, &owner.user, id).await? {
        Ok(name) => {
            if let Some(name) = name {
                let factor = MailFactor::Provider(name);
                tell(cx, &owner.user, locale, |occasion| Mail::FactorRemoved {
                    factor,
                    occasion,
                })
                .await?;
            }
            cx.commit().await?;
        }
        Err(Kept::NotFound) => cx.rollback().await,
        Err(Kept::LastWayIn) => {
            cx.rollback().await;
            let said = Said {
                status: Some(StatusCode::CONFLICT),
                ..Said::wrong(NAME, FormError::form(Message::LastWayIn))
            };
            return show(visit, Page::Profile, &owner, said).await;
        }
    }
    done(visit, Page::Profile, &owner, ("identity_unlinked", 0))
}
