//! `/oauth2/authorize` (RFC 6749 4.1.1, OIDC Core 3.1.2): from a request to a code, by way of the pages it needs.
//!
//! ```text
//! request --load--> checked --decide--> issue ------------------------------> response with code
//!              \                   \--> sign in / sign up / select / consent --resume--> decide again
//!               \--> error page (redirect URI not proven) or error response (proven)
//! ```
//!
//! Read `decide` (what comes next), `request` (every check, in order), this file (the endpoint), `pages` (consent and
//! account choice), `respond` (how the answer travels).

mod decide;
mod directly;
mod pages;
mod request;
mod respond;

use authflow_proto::form::{FormLimits, Params};
use authflow_proto::scope::ScopeSet;
use authflow_types::{GrantId, SignInId};
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use self::decide::{Done, Facts, Next, SessionFacts};
pub(super) use self::directly::{Directly, check_directly, issue_directly};
pub(super) use self::request::{Checked, Refusal};
use super::grant::{CodePayload, Grant};
use super::{acr, claims, codes};
use crate::http::cookies::{self, CookieKind};
use crate::http::{Access, Cors, Routes, extract, page};
use crate::pages::ErrorKind;
use crate::sessions::{self, Session};
use crate::sign_in::{self, Assurance, SignIn, StartedBy, policy};
use crate::{Cx, consents, identities};

/// Longest query that a posted request is sent on with: what proxies and browsers commonly take.
const MAX_AGAIN_BYTES: usize = 7 * 1024;

/// The authorization endpoint and the pages on its way.
pub fn routes() -> Routes {
    let public =
        Access::Public("anybody may begin to sign in; nothing is given before the user proved who they are");
    Routes::default()
        .get("/oauth2/authorize", public, Cors::None, by_get)
        .post("/oauth2/authorize", public, Cors::None, by_post)
        .get("/oauth2/authorize/resume", Access::SignIn, Cors::None, resume)
        .merge(pages::routes())
}

async fn by_get(cx: Cx, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    begin(cx, &headers, query.as_bytes()).await
}

async fn by_post(cx: Cx, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    // OIDC Core 3.1.2.1: by POST the parameters are a form.
    let (true, Ok(body)) = (extract::is_form(&headers), body) else {
        let kind = ErrorKind::BodyInvalid;
        return page::error(&cx, &headers, StatusCode::BAD_REQUEST, kind, "invalid_request");
    };
    if let Some(location) = again_by_get(&cx, &headers, &body) {
        return respond::see_other(&location, None);
    }
    begin(cx, &headers, &body).await
}

/// Where a post without the session's cookie goes on by GET.
///
/// WHY: browsers keep our cookies (`SameSite=Lax`) from a post that another site's page makes, and send them with the GET
/// that follows. Without them somebody who is signed in would look as if they were not. A request too long for an
/// address, or too malformed for one, is answered as it is.
fn again_by_get(cx: &Cx, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if cookies::read(headers, CookieKind::Session, &cx.tenant).is_some() {
        return None;
    }
    let params = Params::parse(body, FormLimits::QUERY).ok()?;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params.iter())
        .finish();
    (query.len() <= MAX_AGAIN_BYTES).then(|| format!("{}?{query}", cx.tenant.path("/oauth2/authorize")))
}

/// A fresh request from a client.
async fn begin(mut cx: Cx, headers: &HeaderMap, encoded: &[u8]) -> Response {
    let checked = match Params::parse(encoded, FormLimits::QUERY) {
        Ok(params) => request::load(&cx, &params).await,
        Err(error) => Err(Refusal::from(error)),
    };
    let result = match checked {
        Ok(checked) => proceed(&mut cx, headers, &checked, None).await,
        Err(refusal) => Err(refusal),
    };
    result.unwrap_or_else(|refusal| respond::refuse(&cx, headers, refusal))
}

#[derive(serde::Deserialize)]
struct ResumeQuery {
    sign_in: SignInId,
}

/// The browser comes back from a page of this sign-in.
async fn resume(
    mut cx: Cx,
    headers: HeaderMap,
    query: Result<axum::extract::Query<ResumeQuery>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(axum::extract::Query(query)) = query else {
        return page::unknown_sign_in(&cx, &headers);
    };
    let result = resume_inner(&mut cx, &headers, query.sign_in).await;
    result.unwrap_or_else(|refusal| respond::refuse(&cx, &headers, refusal))
}

async fn resume_inner(cx: &mut Cx, headers: &HeaderMap, id: SignInId) -> Result<Response, Refusal> {
    let sign_in = sign_in::load(cx, headers, id).await?;
    let StartedBy::Authorization { request, .. } = sign_in.started_by() else {
        return Err(Refusal::UnknownSignIn);
    };
    let checked = request::recheck(cx, (**request).clone()).await?;
    proceed(cx, headers, &checked, Some(sign_in)).await
}

/// Decides what comes next and does it.
async fn proceed(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &Checked,
    sign_in: Option<SignIn>,
) -> Result<Response, Refusal> {
    let session = sessions::current(cx, headers).await?;
    let facts = facts(cx, headers, checked, session.as_deref(), sign_in.as_ref()).await?;
    match (decide::decide(&facts), session) {
        (Next::Issue, Some(session)) => issue(cx, headers, checked, &session, sign_in).await,
        (Next::StepUp, Some(session)) => step_up(cx, headers, checked, &session).await,
        (Next::Refuse(code, text), _) => Err(Refusal::to_client(checked, code, text)),
        (next, _) => send_to_page(cx, headers, checked, sign_in, next).await,
    }
}

/// What the decision rests on.
async fn facts<'a>(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &'a Checked,
    session: Option<&'a Session>,
    sign_in: Option<&SignIn>,
) -> Result<Facts<'a>, Refusal> {
    let done = match (sign_in, session) {
        (Some(sign_in), Some(session)) => sign_in.done_in(session),
        _ => Done::default(),
    };
    let consented = match session {
        Some(session) => is_consented(cx, checked, session).await?,
        None => false,
    };
    let required = match session {
        Some(session) => required_of(cx, headers, checked, session).await?,
        None => Assurance::Single,
    };
    Ok(Facts {
        required,
        request: &checked.request,
        session: session.map(|session| SessionFacts {
            user: session.user_id,
            auth_time: session.auth_time,
            acr: &session.acr,
        }),
        hinted_user: request::hinted_user(cx, checked).await?,
        done,
        consented,
        unproven_client: checked.is_unproven(),
        supported_acr: acr::supported(),
        default_max_age: checked.client.metadata.default_max_age,
        now: cx.now,
    })
}

/// What tenant and client require of the session's user.
async fn required_of(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &Checked,
    session: &Session,
) -> Result<Assurance, Refusal> {
    let user = identities::find_user_within(cx, session.user_id).await?;
    let Some(user) = user else {
        return Ok(Assurance::Single);
    };
    Ok(policy::required_of(cx, headers, &user, Some(checked.client.id)).await?)
}

/// Asks whoever is signed in for another factor, in a sign-in of its own.
async fn step_up(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &Checked,
    session: &Session,
) -> Result<Response, Refusal> {
    let started_by = StartedBy::Authorization {
        client_id: checked.client.id,
        request: Box::new(checked.request.clone()),
    };
    let started = sign_in::step_up(cx, headers, started_by, session).await?;
    if !started.can_help {
        // The client asked for more than this user can reach (RFC 9470 5); nothing of it is kept.
        cx.rollback().await;
        let Next::Refuse(code, text) = decide::UNMET else {
            return Err(Refusal::UnknownSignIn);
        };
        return Err(Refusal::to_client(checked, code, text));
    }
    cx.commit().await?;
    Ok(respond::see_other(&started.location, started.set_cookie))
}

/// Whether the client may have the scope without asking: the tenant's own, or allowed before.
async fn is_consented(cx: &Cx, checked: &Checked, session: &Session) -> Result<bool, Refusal> {
    if checked.client.policy.first_party {
        return Ok(true);
    }
    let consent = consents::find(cx, session.user_id, checked.client.id).await?;
    Ok(consent.is_some_and(|consent| checked.asked.is_subset_of(&consent.scope)))
}

/// Issues the code and sends it (RFC 6749 4.1.2).
async fn issue(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &Checked,
    session: &Session,
    sign_in: Option<SignIn>,
) -> Result<Response, Refusal> {
    let allowed = sign_in
        .as_ref()
        .and_then(|sign_in| sign_in.granted_in(session.id))
        .unwrap_or(&checked.asked);
    let payload = payload(cx, checked, session, allowed);
    let client = checked.client.id;
    let code = if sign_in.is_none() && sessions::is_noted(cx, session.id, client) {
        codes::issue(cx, client, &payload).await?
    } else {
        let code = codes::issue_within(cx, client, &payload).await?;
        sessions::note_client(cx, session.id, client).await?;
        if let Some(sign_in) = &sign_in {
            sign_in::finish(cx, sign_in).await?;
        }
        cx.commit().await?;
        sessions::remember_noted(cx, session.id, client);
        code
    };
    Ok(respond::code(cx, headers, checked, &code))
}

/// What the code carries.
fn payload(cx: &Cx, checked: &Checked, session: &Session, allowed: &ScopeSet) -> CodePayload {
    let request = &checked.request;
    let asked = request.claims.clone();
    CodePayload {
        grant: Grant {
            id: GrantId::new(cx.now, cx.rng()),
            user_id: session.user_id,
            session_id: session.id,
            scope: checked.scope.intersection(allowed),
            resources: request.resources.clone(),
            claims: asked.map(|asked| Box::new(claims::within(asked, allowed))),
            auth_time: session.auth_time.as_secs(),
            acr: acr::granted(&session.acr, &acr::demanded(request)).to_owned(),
            amr: session.amr.clone(),
        },
        redirect_uri: request.target.redirect_uri.clone(),
        redirect_uri_sent: request.target.redirect_uri_sent,
        code_challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
    }
}

/// Sends the browser to the page that `next` asks for, remembering the request in a sign-in.
async fn send_to_page(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &Checked,
    sign_in: Option<SignIn>,
    next: Next,
) -> Result<Response, Refusal> {
    // Once, at the beginning: whoever comes back from another provider without success sees the page.
    let routed = match (&sign_in, &next) {
        (None, Next::SignIn) => crate::connections::of_request(cx, &checked.request).await?,
        _ => None,
    };
    let (sign_in, cookie) = if let Some(sign_in) = sign_in {
        (sign_in, None)
    } else {
        let started_by = StartedBy::Authorization {
            client_id: checked.client.id,
            request: Box::new(checked.request.clone()),
        };
        let started = sign_in::start(cx, headers, started_by).await?;
        cx.commit().await?;
        (started.sign_in, started.set_cookie)
    };
    let path = match next {
        Next::SignUp => "/sign-up",
        Next::SelectAccount => "/select-account",
        Next::Consent => "/consent",
        _ => "/sign-in",
    };
    let path = match routed {
        Some(connection) => format!("/sign-in/connections/{}", connection.slug),
        None => path.to_owned(),
    };
    let location = cx.tenant.path(&format!("{path}?sign_in={}", sign_in.id));
    Ok(respond::see_other(&location, cookie))
}

/// What the user did in this very sign-in, as the decision sees it.
impl SignIn {
    fn done_in(&self, session: &Session) -> Done {
        Done {
            authenticated: self.is_authenticated_in(session.id),
            selected: self.is_selected_in(session.id),
            consented: self.granted_in(session.id).is_some(),
        }
    }
}
