//! A copy of one's own data, and the account's deletion.

use authflow_proto::scope::ScopeToken;
use authflow_types::UserId;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::super::links::LINKS;
use super::super::{At, Owner, Page, Section, done, fresh, owner, owner_of_form, to_sign_in};
use crate::events::{self, Happened};
use crate::http::visit::{PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, Identifier, User};
use crate::mail::{self, LinkPurpose, Mail};
use crate::pages::{MessageKind, MessageView};
use crate::passkeys::{self, Passkey};
use crate::sessions::{self, Session};
use crate::sign_in::AccountNext;
use crate::{Cx, Fault, clients, connections, consents, factors};

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
    Ok(json!({
        "exported_at": cx.now,
        "id": user.id,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "profile": user.profile,
        "attributes": user.attributes,
        "identifiers": identifiers_of(user),
        "credentials": credentials_of(cx, user.id).await?,
        "passkeys": passkeys_of(cx, user.id).await?,
        "second_factors": second_factors_of(cx, user).await?,
        "connected_providers": providers_of(cx, user.id).await?,
        "sessions": sessions_of(cx, user.id).await?,
        "consents": consents_of(cx, user.id).await?,
        "events": events_of(cx, user.id).await?,
    }))
}

fn identifiers_of(user: &User) -> Vec<Value> {
    let row = |one: &Identifier| {
        json!({
            "kind": one.kind, "value": one.value, "primary": one.is_primary, "verified_at": one.verified_at,
        })
    };
    user.identifiers.iter().map(row).collect()
}

async fn credentials_of(cx: &Cx, user: UserId) -> Result<Vec<Value>, Fault> {
    let all = identities::credentials(cx, user).await?.into_iter();
    let row = |(kind, created_at, last_used_at)| json!({ "kind": kind, "created_at": created_at, "last_used_at": last_used_at });
    Ok(all.map(row).collect())
}

async fn passkeys_of(cx: &Cx, user: UserId) -> Result<Vec<Value>, Fault> {
    let all = passkeys::overview(cx, user).await?;
    let row = |one: &Passkey| {
        json!({
            "name": one.name, "domain": one.rp_id, "model": one.aaguid, "provider": one.aaguid.provider(),
            "synchronised": one.backed_up, "created_at": one.created_at, "last_used_at": one.last_used_at,
        })
    };
    Ok(all.iter().map(row).collect())
}

async fn second_factors_of(cx: &Cx, user: &User) -> Result<Value, Fault> {
    let own = factors::overview(cx, user.id).await?;
    let apps = own.authenticators.iter();
    let apps = apps.map(|one| json!({ "created_at": one.created_at, "last_used_at": one.last_used_at }));
    let trusted = own
        .trusted
        .iter()
        .map(|one| json!({ "user_agent": one.user_agent, "ip": one.ip, "expires_at": one.expires_at }));
    Ok(json!({
        "enabled_at": user.mfa_enabled_at,
        "authenticator_apps": apps.collect::<Vec<Value>>(),
        "recovery_codes_left": own.recovery_codes_left,
        "trusted_browsers": trusted.collect::<Vec<Value>>(),
    }))
}

/// With what the providers say about them.
async fn providers_of(cx: &Cx, user: UserId) -> Result<Vec<Value>, Fault> {
    let mut rows = Vec::new();
    for own in connections::identities_of(cx, user).await? {
        let connection = connections::find_by_id(cx, own.connection_id).await?;
        rows.push(json!({
            "connection": connection.map(|connection| connection.name),
            "subject": own.person.subject, "email": own.person.email, "claims": own.person.claims,
            "linked_at": own.linked_at, "last_used_at": own.last_used_at,
        }));
    }
    Ok(rows)
}

async fn sessions_of(cx: &Cx, user: UserId) -> Result<Vec<Value>, Fault> {
    let live = sessions::list(cx, user).await?;
    let row = |one: &Session| {
        json!({
            "id": one.id, "created_at": one.created_at, "last_seen_at": one.last_seen_at, "ip": one.ip,
            "place": one.place, "user_agent": one.user_agent, "acr": one.acr, "amr": one.amr,
        })
    };
    Ok(live.iter().map(row).collect())
}

async fn consents_of(cx: &Cx, user: UserId) -> Result<Vec<Value>, Fault> {
    let mut rows = Vec::new();
    for one in consents::list(cx, user).await? {
        let client = clients::find(&cx.app, cx.tenant_id(), one.client_id).await?;
        let scope: Vec<&str> = one.scope.iter().map(ScopeToken::as_str).collect();
        rows.push(json!({
            "client_id": one.client_id, "application": client.map(|client| client.name.clone()),
            "scope": scope, "created_at": one.created_at,
        }));
    }
    Ok(rows)
}

async fn events_of(cx: &Cx, user: UserId) -> Result<Vec<Value>, Fault> {
    let happened = events::recent(cx, user, EVENTS).await?;
    let row = |one: &Happened| {
        json!({
            "type": one.kind, "at": one.created_at, "ip": one.ip, "place": one.place,
            "user_agent": one.user_agent, "payload": one.payload,
        })
    };
    Ok(happened.iter().map(row).collect())
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
