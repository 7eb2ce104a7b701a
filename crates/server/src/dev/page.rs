use std::sync::Arc;

use authflow_types::Digest;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::client::{self, Visit};
use super::setup::{self, Demo};
use crate::http::cookies::{self, CookieKind};
use crate::http::extract::FormBody;
use crate::http::{Access, Cors, Problem, Routes, csrf, page};
use crate::pages::{DemoSession, DemoView, Message, TokenPart, UserCard};
use crate::{Cx, Fault};

/// What the form token of this page is bound to.
const PURPOSE: &str = "dev demo";

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/dev/demo", Access::Dev, Cors::None, show)
        .post("/dev/demo/sign-in", Access::Dev, Cors::None, sign_in)
        .get("/dev/demo/callback", Access::Dev, Cors::None, callback)
        .post("/dev/demo/refresh", Access::Dev, Cors::None, refresh)
        .post("/dev/demo/sign-out", Access::Dev, Cors::None, sign_out)
}

/// The browser's visit, by the cookie that also binds sign-ins.
fn visit(cx: &Cx, headers: &HeaderMap) -> Option<(Digest, Arc<Visit>)> {
    let cookie = cookies::read(headers, CookieKind::Demo, &cx.tenant)?;
    let key = Digest::of(cookie.as_bytes());
    Some((key, cx.app.caches.demo.get(&key).unwrap_or_default()))
}

async fn demo(cx: &Cx) -> Result<Demo, Fault> {
    setup::prepare(&cx.app).await.map_err(|error| match error {
        setup::DemoError::Fault(fault) => fault,
        error => {
            tracing::error!(%error, "the demo could not be prepared");
            Fault::NoSigningKey
        }
    })
}

async fn show(cx: Cx, headers: HeaderMap) -> Response {
    match show_inner(&cx, &headers).await {
        Ok(response) => response,
        Err(fault) => page::fault(&cx, &headers, &fault),
    }
}

async fn show_inner(cx: &Cx, headers: &HeaderMap) -> Result<Response, Fault> {
    let demo = demo(cx).await?;
    let mut context = page::context(cx, headers);
    let mut set_cookie = None;
    let found = visit(cx, headers);
    context.csrf = if found.is_some() {
        csrf::token(cx, headers, CookieKind::Demo, PURPOSE)?
    } else {
        let value = URL_SAFE_NO_PAD.encode(cx.rng().bytes::<16>());
        set_cookie = cookies::set(CookieKind::Demo, &cx.tenant, &value, None);
        csrf::token_for(cx, &value, PURPOSE)?
    };
    let visit = found.map(|(_, visit)| visit).unwrap_or_default();
    let view = DemoView {
        session: session(cx, &visit).await,
        demo_identifier: Some(demo.email.to_owned()),
        demo_password: Some(demo.password.to_owned()),
        issuer: cx.tenant.issuer.clone(),
        client_id: demo.client_id.to_string(),
        notice: visit.refreshed.then_some(Message::TokensRefreshed),
        failure: visit.failure.clone(),
    };
    let mut response = cx.app.pages.respond(StatusCode::OK, &view, &context);
    if let Some(cookie) = set_cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn session(cx: &Cx, visit: &Visit) -> Option<DemoSession> {
    let tokens = visit.tokens.as_ref()?;
    let claims = tokens
        .id_token
        .as_deref()
        .and_then(client::payload)
        .unwrap_or_default();
    let text = |name: &str| {
        claims
            .get(name)
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned)
    };
    let age = cx.now.since(tokens.received_at).as_secs();
    let part = |name: &'static str, raw: &str, expires_in_s: Option<u64>| {
        let (header, payload) = client::decode(raw).unzip();
        TokenPart {
            name,
            raw: raw.to_owned(),
            header,
            payload,
            expires_in_s,
        }
    };
    let mut parts = Vec::new();
    parts.extend(
        tokens
            .id_token
            .as_deref()
            .map(|token| part("id_token", token, None)),
    );
    parts.push(part(
        "access_token",
        &tokens.access_token,
        Some(tokens.expires_in.saturating_sub(age)),
    ));
    parts.extend(
        tokens
            .refresh_token
            .as_deref()
            .map(|token| part("refresh_token", token, None)),
    );
    Some(DemoSession {
        user: UserCard {
            name: text("name"),
            identifier: text("email").or_else(|| text("sub")).unwrap_or_default(),
            picture: None,
        },
        tokens: parts,
        claims: claims
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect(),
        userinfo: client::userinfo(cx, &tokens.access_token).await.ok(),
        can_refresh: tokens.refresh_token.is_some(),
    })
}

/// The visit behind a form post, if the form was this browser's.
fn posted(cx: &Cx, headers: &HeaderMap, body: &FormBody) -> Option<(Digest, Arc<Visit>)> {
    let params = body.params().ok()?;
    let presented = params.unique("csrf").ok()?;
    let is_ours = csrf::is_valid(cx, headers, CookieKind::Demo, PURPOSE, presented).ok()?;
    if is_ours { visit(cx, headers) } else { None }
}

async fn sign_in(cx: Cx, headers: HeaderMap, body: FormBody) -> Response {
    let Some((key, _)) = posted(&cx, &headers, &body) else {
        return page::forged_form(&cx, &headers);
    };
    let demo = match demo(&cx).await {
        Ok(demo) => demo,
        Err(fault) => return page::fault(&cx, &headers, &fault),
    };
    let Some((pending, location)) = client::begin(&cx, &demo.client_id.to_string()) else {
        return Problem::internal().into_response();
    };
    cx.app.caches.demo.insert(
        key,
        Arc::new(Visit {
            pending: Some(pending),
            ..Visit::default()
        }),
    );
    redirect(&location)
}

#[derive(Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn callback(cx: Cx, headers: HeaderMap, Query(answer): Query<Callback>) -> Response {
    let home = cx.tenant.path("/dev/demo");
    let Some((key, visit)) = visit(&cx, &headers) else {
        return redirect(&home);
    };
    let outcome = finish(&cx, &visit, answer).await;
    let visit = match outcome {
        Ok(tokens) => Visit {
            tokens: Some(tokens),
            ..Visit::default()
        },
        Err(failure) => Visit {
            failure: Some(failure),
            ..Visit::default()
        },
    };
    cx.app.caches.demo.insert(key, Arc::new(visit));
    redirect(&home)
}

async fn finish(cx: &Cx, visit: &Visit, answer: Callback) -> Result<client::Tokens, String> {
    let pending = visit.pending.as_ref().ok_or("no sign-in was under way")?;
    if answer.state.as_deref() != Some(pending.state.as_str()) {
        return Err("the answer has another state".to_owned());
    }
    if answer.iss.as_deref() != Some(cx.tenant.issuer.as_str()) {
        return Err("the answer is from another issuer (RFC 9207)".to_owned());
    }
    if let Some(error) = answer.error {
        return Err(answer
            .error_description
            .map_or(error.clone(), |text| format!("{error}: {text}")));
    }
    let code = answer.code.ok_or("the answer has no code")?;
    let demo = demo(cx).await.map_err(|error| error.to_string())?;
    client::redeem(cx, &demo.client_id.to_string(), pending, &code).await
}

async fn refresh(cx: Cx, headers: HeaderMap, body: FormBody) -> Response {
    let Some((key, visit)) = posted(&cx, &headers, &body) else {
        return page::forged_form(&cx, &headers);
    };
    let token = visit
        .tokens
        .as_ref()
        .and_then(|tokens| tokens.refresh_token.clone());
    let result = match (demo(&cx).await, token) {
        (Ok(demo), Some(token)) => client::refresh(&cx, &demo.client_id.to_string(), &token).await,
        _ => Err("there is nothing to refresh".to_owned()),
    };
    let visit = match result {
        Ok(tokens) => Visit {
            tokens: Some(tokens),
            refreshed: true,
            ..Visit::default()
        },
        Err(failure) => Visit {
            failure: Some(failure),
            refreshed: false,
            ..(*visit).clone()
        },
    };
    cx.app.caches.demo.insert(key, Arc::new(visit));
    redirect(&cx.tenant.path("/dev/demo"))
}

async fn sign_out(cx: Cx, headers: HeaderMap, body: FormBody) -> Response {
    let Some((key, visit)) = posted(&cx, &headers, &body) else {
        return page::forged_form(&cx, &headers);
    };
    cx.app.caches.demo.invalidate(&key);
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(hint) = visit
        .tokens
        .as_ref()
        .and_then(|tokens| tokens.id_token.as_deref())
    {
        query.append_pair("id_token_hint", hint);
    }
    query.append_pair("post_logout_redirect_uri", &cx.tenant.url("/dev/demo"));
    redirect(&format!(
        "{}?{}",
        cx.tenant.path("/oauth2/logout"),
        query.finish()
    ))
}

fn redirect(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Problem::internal().into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
