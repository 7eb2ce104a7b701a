//! The pages between a request and its code: consent and the choice of account.

use authflow_proto::error::OAuthErrorCode;
use authflow_proto::scope::ScopeSet;
use authflow_types::SignInId;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use url::Url;

use super::request::{self, Checked, Refusal};
use super::respond;
use crate::http::cookies::CookieKind;
use crate::http::visit::PostedForm;
use crate::http::{Access, Cors, Routes, csrf, page};
use crate::identities::{self, User};
use crate::pages::{AccountChoice, ConsentView, FormTarget, ScopeItem, SelectAccountView};
use crate::resources::Catalogue;
use crate::sessions::{self, Session};
use crate::sign_in::{self, SignIn, StartedBy};
use crate::{Cx, Fault, consents, resources};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/consent", Access::SignIn, Cors::None, show_consent)
        .post("/consent", Access::SignIn, Cors::None, answer_consent)
        .get("/select-account", Access::SignIn, Cors::None, show_accounts)
        .post("/select-account", Access::SignIn, Cors::None, choose_account)
}

#[derive(serde::Deserialize)]
struct PageQuery {
    sign_in: SignInId,
}

/// What a page of a sign-in stands on.
struct Waiting {
    sign_in: SignIn,
    checked: Checked,
    session: std::sync::Arc<Session>,
    user: std::sync::Arc<User>,
}

async fn waiting(cx: &Cx, headers: &HeaderMap, id: SignInId) -> Result<Waiting, Refusal> {
    let sign_in = sign_in::load(cx, headers, id).await?;
    let StartedBy::Authorization { request, .. } = sign_in.started_by() else {
        return Err(Refusal::UnknownSignIn);
    };
    let checked = request::recheck(cx, (**request).clone()).await?;
    let session = sessions::current(cx, headers)
        .await?
        .ok_or(Refusal::UnknownSignIn)?;
    let user = identities::find_user(&cx.app, cx.tenant_id(), session.user_id).await?;
    Ok(Waiting {
        sign_in,
        checked,
        session,
        user: user.ok_or(Refusal::UnknownSignIn)?,
    })
}

async fn show_consent(
    cx: Cx,
    headers: HeaderMap,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else {
        return page::unknown_sign_in(&cx, &headers);
    };
    match waiting(&cx, &headers, query.sign_in).await {
        Ok(waiting) => match consent_page(&cx, &headers, &waiting).await {
            Ok(response) => response,
            Err(fault) => respond::refuse(&cx, &headers, Refusal::Fault(fault)),
        },
        Err(refusal) => respond::refuse(&cx, &headers, refusal),
    }
}

async fn consent_page(cx: &Cx, headers: &HeaderMap, waiting: &Waiting) -> Result<Response, Fault> {
    let Waiting {
        sign_in,
        checked,
        user,
        ..
    } = waiting;
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let redirect = Url::parse(&checked.request.target.redirect_uri).ok();
    let view = ConsentView {
        sign_in: sign_in.id.to_string(),
        client: page::client_card(&checked.client),
        first_party: checked.client.policy.first_party,
        user: page::user_card(user),
        scopes: scope_items(&checked.asked, &catalogue),
        redirect_host: redirect.as_ref().and_then(Url::host_str).map(str::to_owned),
        switch_url: Some(cx.tenant.path(&format!("/sign-in?sign_in={}", sign_in.id))),
    };
    let mut context = page::context(cx, headers);
    context.csrf = csrf::token(cx, headers, CookieKind::Browser, &sign_in.id.to_string())?;
    context.form_targets = redirect.iter().flat_map(FormTarget::onward).collect();
    Ok(cx.app.pages.respond(StatusCode::OK, &view, &context))
}

/// `openid` cannot be refused by itself; everything else can, and starts as allowed.
fn scope_items(scope: &ScopeSet, catalogue: &Catalogue) -> Vec<ScopeItem> {
    let item = |name: &str| {
        if name == "openid" {
            ScopeItem::required(name)
        } else {
            let description = catalogue.scope(name).map(|scope| scope.description.clone());
            ScopeItem {
                description,
                ..ScopeItem::optional(name, true)
            }
        }
    };
    scope.iter().map(|name| item(name.as_str())).collect()
}

async fn answer_consent(mut cx: Cx, headers: HeaderMap, body: PostedForm) -> Response {
    match consent_answer(&mut cx, &headers, &body).await {
        Ok(response) => response,
        Err(refusal) => respond::refuse(&cx, &headers, refusal),
    }
}

async fn consent_answer(cx: &mut Cx, headers: &HeaderMap, body: &PostedForm) -> Result<Response, Refusal> {
    let params = body.params().map_err(|_| Refusal::Body)?;
    let id: SignInId = params
        .unique("sign_in")?
        .and_then(|id| id.parse().ok())
        .ok_or(Refusal::UnknownSignIn)?;
    let mut waiting = waiting(cx, headers, id).await?;
    if !csrf::is_valid(
        cx,
        headers,
        CookieKind::Browser,
        &id.to_string(),
        params.unique("csrf")?,
    )? {
        return Ok(page::forged_form(cx, headers));
    }
    if params.unique("decision")? != Some("allow") {
        sign_in::finish(cx, &waiting.sign_in).await?;
        cx.commit().await?;
        return Err(Refusal::to_client(
            &waiting.checked,
            OAuthErrorCode::AccessDenied,
            "the user refused",
        ));
    }
    let mut granted = waiting.checked.asked.clone();
    let ticked: Vec<&str> = params.all("scope").collect();
    granted.retain(|name| name == "openid" || ticked.contains(&name));
    let (user, client) = (waiting.session.user_id, waiting.checked.client.id);
    consents::allow(cx, user, client, &granted).await?;
    waiting.sign_in.consent(waiting.session.id, granted);
    sign_in::save(cx, &waiting.sign_in).await?;
    cx.commit().await?;
    Ok(respond::see_other(&waiting.sign_in.resume_location(cx), None))
}

async fn show_accounts(
    cx: Cx,
    headers: HeaderMap,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else {
        return page::unknown_sign_in(&cx, &headers);
    };
    match waiting(&cx, &headers, query.sign_in).await {
        Ok(waiting) => accounts_page(&cx, &headers, &waiting),
        Err(refusal) => respond::refuse(&cx, &headers, refusal),
    }
}

fn accounts_page(cx: &Cx, headers: &HeaderMap, waiting: &Waiting) -> Response {
    let view = SelectAccountView {
        sign_in: waiting.sign_in.id.to_string(),
        client: Some(page::client_card(&waiting.checked.client)),
        accounts: vec![AccountChoice {
            session: waiting.session.id.to_string(),
            user: page::user_card(&waiting.user),
            last_active_at: waiting.session.last_seen_at,
        }],
    };
    let mut context = page::context(cx, headers);
    match csrf::token(cx, headers, CookieKind::Browser, &waiting.sign_in.id.to_string()) {
        Ok(token) => context.csrf = token,
        Err(fault) => return respond::refuse(cx, headers, Refusal::Fault(fault)),
    }
    // The answer to the form may go straight on to the client: the browser checks every hop (CSP 3 6.4.1).
    let redirect = Url::parse(&waiting.checked.request.target.redirect_uri).ok();
    context.form_targets = redirect.iter().flat_map(FormTarget::onward).collect();
    cx.app.pages.respond(StatusCode::OK, &view, &context)
}

async fn choose_account(mut cx: Cx, headers: HeaderMap, body: PostedForm) -> Response {
    match account_choice(&mut cx, &headers, &body).await {
        Ok(response) => response,
        Err(refusal) => respond::refuse(&cx, &headers, refusal),
    }
}

async fn account_choice(cx: &mut Cx, headers: &HeaderMap, body: &PostedForm) -> Result<Response, Refusal> {
    let params = body.params().map_err(|_| Refusal::Body)?;
    let id: SignInId = params
        .unique("sign_in")?
        .and_then(|id| id.parse().ok())
        .ok_or(Refusal::UnknownSignIn)?;
    let mut waiting = waiting(cx, headers, id).await?;
    if !csrf::is_valid(
        cx,
        headers,
        CookieKind::Browser,
        &id.to_string(),
        params.unique("csrf")?,
    )? {
        return Ok(page::forged_form(cx, headers));
    }
    if params.unique("session")? != Some(waiting.session.id.to_string().as_str()) {
        let location = cx.tenant.path(&format!("/sign-in?sign_in={id}"));
        return Ok(respond::see_other(&location, None));
    }
    waiting.sign_in.select(waiting.session.id);
    sign_in::save(cx, &waiting.sign_in).await?;
    cx.commit().await?;
    Ok(respond::see_other(&waiting.sign_in.resume_location(cx), None))
}
