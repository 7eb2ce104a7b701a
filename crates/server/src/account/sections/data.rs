//! A copy of one's own data, and the account's deletion.

use authflow_proto::scope::ScopeToken;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::super::links::LINKS;
use super::super::{At, Owner, Page, Section, done, fresh, owner, owner_of_form, to_sign_in};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::mail::{self, LinkPurpose, Mail};
use crate::pages::{MessageKind, MessageView};
use crate::sign_in::AccountNext;
use crate::{Cx, Fault, consents, events, identities, sessions};

/// Events of a copy.
const EVENTS: i64 = 1000;

pub(in crate::account) fn routes() -> Routes {
    Routes::default()
        .get("/account/data/export", Access::Session, Cors::None, export)
        .post("/account/data/delete", Access::Session, Cors::None, delete)
}

pub(super) fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let settings = &at.visit.cx.tenant.settings;
    let data = json!({
        "may_delete": settings.account_deletion,
        "grace_days": settings.account_deletion_grace_days,
    });
    at.section("account/data.html", data)
}

async fn export(mut visit: Visit) -> Response {
    let answered = do_export(&mut visit).await;
    visit.answer(answered)
}

async fn do_export(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Data).await? {
        return Ok(elsewhere);
    }
    let copy = copy_of(&mut visit.cx, &owner).await?;
    let body = serde_json::to_vec_pretty(&copy).map_err(Fault::from)?;
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"account.json\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Everything that is kept about somebody and is theirs to read; never a secret or what one is derived from.
async fn copy_of(cx: &mut Cx, owner: &Owner) -> Result<Value, Fault> {
    let user = &owner.user;
    let identifiers: Vec<Value> = user
        .identifiers
        .iter()
        .map(|one| {
            json!({
                "kind": one.kind, "value": one.value, "primary": one.is_primary, "verified_at": one.verified_at,
            })
        })
        .collect();
    let live = sessions::list(cx, user.id).await?;
    let live: Vec<Value> = live
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "created_at": one.created_at, "last_seen_at": one.last_seen_at, "ip": one.ip,
                "user_agent": one.user_agent, "acr": one.acr, "amr": one.amr,
            })
        })
        .collect();
    let allowed: Vec<Value> = consents::list(cx, user.id)
        .await?
        .iter()
        .map(|one| {
            let scope: Vec<&str> = one.scope.iter().map(ScopeToken::as_str).collect();
            json!({ "client_id": one.client_id, "scope": scope, "created_at": one.created_at })
        })
        .collect();
    let happened: Vec<Value> = events::recent(cx, user.id, EVENTS)
        .await?
        .iter()
        .map(|one| {
            json!({
                "type": one.kind, "at": one.created_at, "ip": one.ip, "user_agent": one.user_agent,
                "payload": one.payload,
            })
        })
        .collect();
    let factors: Vec<Value> = identities::credentials(cx, user.id)
        .await?
        .into_iter()
        .map(|(kind, created_at, last_used_at)| {
            json!({ "kind": kind, "created_at": created_at, "last_used_at": last_used_at })
        })
        .collect();
    Ok(json!({
        "exported_at": cx.now,
        "id": user.id,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "profile": user.profile,
        "attributes": user.attributes,
        "identifiers": identifiers,
        "factors": factors,
        "sessions": live,
        "consents": allowed,
        "events": happened,
    }))
}

async fn delete(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_delete(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_delete(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if !visit.cx.tenant.settings.account_deletion {
        return Err(PageRefusal::NOT_FOUND);
    }
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Data).await? {
        return Ok(elsewhere);
    }
    if fields.text("confirm")? != "yes" {
        return done(visit, Page::Data, &owner, ("deletion_unconfirmed", 0));
    }
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    let due = identities::request_deletion(cx, &owner.user).await?;
    if let Some((email, _)) = owner.user.email() {
        let token = mail::issue_link(cx, LinkPurpose::KeepAccount, owner.user.id.as_uuid()).await?;
        let content = Mail::AccountDeletion {
            date: due,
            cancel_url: cx.tenant.url(&format!("{}?token={}", LINKS, token.expose())),
        };
        mail::queue(cx, email, locale, content).await?;
    }
    cx.commit().await?;
    let view = MessageView {
        kind: MessageKind::DeletionRequested,
        continue_url: None,
    };
    let mut response = visit.respond(StatusCode::OK, &view, &visit.context(None));
    if let Some(cookie) = sessions::clear_cookie(&visit.cx) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
