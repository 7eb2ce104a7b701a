//! `/sign-in/connections/{slug}` leads to another provider, `/sign-in/callback/{slug}` is where it leads back to, and what
//! its word is worth here.
//!
//! ```text
//!   who it is there ─▶ linked ──────────────────────────────▶ signed in (second factor as by the tenant's rule)
//!                  └─▶ not linked
//!                        ├─ address trusted, account with it verified ─▶ linked ─▶ signed in
//!                        ├─ address trusted, nobody has it, sign-up open ─▶ account made ─▶ signed in
//!                        └─ anything else ─▶ `/sign-in/connect`: sign in to an account, or prove an address
//! ```
//!
//! # Security
//! An account is never linked because of an address that only one of the two sides has verified, nor because of one that
//! the connection is not trusted to verify.
//!
//! Read this file (the way there and back), `proven` (somebody comes back), `link` (what links an account), `refusals`.

mod link;
mod proven;
mod refusals;

use axum::extract::{Path, RawQuery};
use axum::response::Response;

pub(super) use self::link::link_pending;
pub(super) use self::proven::signed_in;
use self::refusals::{failed, unanswerable};
use super::model::{SignIn, StartedBy};
use super::ops;
use super::page::{open, open_form, to_page};
use crate::Fault;
use crate::account;
use crate::connections::flow::{self, Hints, Purpose, Unanswerable};
use crate::connections::{self, Connection};
use crate::http::visit::{PageRefusal, PostedForm, Visit, see_other};
use crate::http::{Access, Cors, Routes};
use crate::pages::{ProviderButton, ProviderCard};

pub(super) fn routes() -> Routes {
    let answer = Access::Public("a provider's answer; it counts once, in the browser that asked");
    Routes::default()
        .get(
            "/sign-in/connections/{slug}",
            Access::SignIn,
            Cors::None,
            start_routed,
        )
        .post("/sign-in/connections/{slug}", Access::SignIn, Cors::None, start)
        .get("/sign-in/callback/{slug}", answer, Cors::None, callback)
        .post("/sign-in/callback/{slug}", answer, Cors::None, posted_callback)
}

/// The buttons of the tenant's connections.
pub(super) async fn buttons(visit: &Visit) -> Result<Vec<ProviderButton>, Fault> {
    let enabled = connections::enabled(&visit.cx).await?;
    let shown = enabled
        .connections
        .iter()
        .filter(|connection| connection.settings.button);
    Ok(shown
        .map(|connection| ProviderButton {
            path: format!("/sign-in/connections/{}", connection.slug),
            provider: ProviderCard {
                name: connection.name.clone(),
                mark: connection.mark(),
            },
        })
        .collect())
}

async fn start(mut visit: Visit, Path(slug): Path<String>, form: PostedForm) -> Response {
    let answered = start_by_button(&mut visit, &slug, &form).await;
    visit.answer(answered)
}

async fn start_by_button(visit: &mut Visit, slug: &str, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let mut sign_in = open_form(visit, &fields).await?;
    let connection = enabled(visit, slug).await?;
    begin(visit, &mut sign_in, &connection).await
}

async fn start_routed(mut visit: Visit, Path(slug): Path<String>) -> Response {
    let answered = start_by_request(&mut visit, &slug).await;
    visit.answer(answered)
}

/// SECURITY: a GET, so it does only what the client's own request asked for and the person would see on the page anyway;
/// a link by somebody else leads to the sign-in page.
async fn start_by_request(visit: &mut Visit, slug: &str) -> Result<Response, PageRefusal> {
    let mut sign_in = open(visit).await?;
    let asked = match sign_in.request() {
        Some(request) => connections::of_request(&visit.cx, request).await?,
        None => None,
    };
    match asked.filter(|connection| connection.slug == slug && !sign_in.is_authenticated()) {
        Some(connection) => begin(visit, &mut sign_in, &connection).await,
        None => Ok(to_page(visit, &sign_in, "/sign-in", None)),
    }
}

async fn enabled(visit: &Visit, slug: &str) -> Result<Connection, PageRefusal> {
    let found = connections::find(&visit.cx, slug).await?;
    found
        .filter(|connection| connection.enabled)
        .ok_or(PageRefusal::NOT_FOUND)
}

/// Where the owner of what was typed signs in, if that is elsewhere.
pub(super) async fn routed(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    typed: &str,
) -> Result<Option<Response>, PageRefusal> {
    let Some(connection) = connections::of_typed(&visit.cx, typed).await? else {
        return Ok(None);
    };
    sign_in.state.identifier = Some(typed.chars().take(320).collect());
    begin(visit, sign_in, &connection).await.map(Some)
}

/// Sends the browser to the provider.
async fn begin(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    connection: &Connection,
) -> Result<Response, PageRefusal> {
    let again = match sign_in.started_by() {
        StartedBy::Authorization { request, .. } => request.prompt.login() || request.max_age.is_some(),
        StartedBy::Account { fresh, .. } => fresh.is_some(),
    };
    let hint = sign_in.state.identifier.clone();
    let hints = Hints {
        login_hint: hint.as_deref(),
        again,
    };
    let purpose = Purpose::SignIn(sign_in.id);
    match flow::start(&mut visit.cx, connection, purpose, hints).await {
        Ok(url) => {
            ops::save(&mut visit.cx, sign_in).await?;
            visit.cx.commit().await?;
            Ok(see_other(url.as_str(), None))
        }
        Err(error) => failed(visit, Some(sign_in), connection, error).await,
    }
}

async fn callback(mut visit: Visit, Path(slug): Path<String>, RawQuery(query): RawQuery) -> Response {
    let answered = take_answer(&mut visit, &slug, query.as_deref().unwrap_or_default()).await;
    visit.answer(answered)
}

/// SECURITY: posted by another site, so without our cookies and without a form token. Nothing is decided here: the answer
/// is put beside its request, and the browser comes again by GET, with its cookies. The code stays out of the address.
async fn posted_callback(mut visit: Visit, Path(slug): Path<String>, form: PostedForm) -> Response {
    let answered = keep_answer(&mut visit, &slug, form.raw().unwrap_or_default()).await;
    visit.answer(answered)
}

async fn keep_answer(visit: &mut Visit, slug: &str, body: &[u8]) -> Result<Response, PageRefusal> {
    let connection = enabled(visit, slug).await?;
    match flow::keep_posted(&mut visit.cx, &connection, body).await? {
        Some(state) => Ok(visit.redirect(&format!("{}?state={state}", connection.callback_path()), None)),
        None => Ok(unanswerable(visit, None, Unanswerable::Unknown)),
    }
}

async fn take_answer(visit: &mut Visit, slug: &str, query: &str) -> Result<Response, PageRefusal> {
    let connection = enabled(visit, slug).await?;
    let waiting = match flow::find(&visit.cx, &connection, query).await? {
        Ok(waiting) => waiting,
        Err(why) => return Ok(unanswerable(visit, None, why)),
    };
    // SECURITY: whose browser it is comes first: an answer in another browser is not even used up.
    match waiting.purpose() {
        Some(Purpose::SignIn(id)) => {
            let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
            match flow::answer(&mut visit.cx, &connection, waiting).await {
                Ok(answer) => proven::come_back(visit, sign_in, &connection, answer).await,
                Err(error) => failed(visit, Some(&sign_in), &connection, error).await,
            }
        }
        Some(Purpose::Link(id)) => {
            let Some(owner) = account::owner(visit).await? else {
                return Ok(account::to_sign_in(visit));
            };
            if owner.session.id != id {
                return Err(PageRefusal::UnknownSignIn);
            }
            match flow::answer(&mut visit.cx, &connection, waiting).await {
                Ok(answer) => link::by_owner(visit, &owner, &connection, answer).await,
                Err(error) => failed(visit, None, &connection, error).await,
            }
        }
        None => Err(PageRefusal::UnknownSignIn),
    }
}
