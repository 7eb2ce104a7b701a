//! What the pages of a sign-in share: its language, its token, and where the browser goes after a factor.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use url::Url;

use super::model::SignIn;
use super::ops;
use super::prove::Next;
use crate::http::cookies::CookieKind;
use crate::http::page;
use crate::http::visit::{Fields, PageRefusal, Visit};
use crate::pages::{ClientCard, ErrorKind, FormTarget, PageContext};
use crate::{Fault, clients};

/// The pages of a sign-in, below the tenant's base.
pub(super) const SECOND: &str = "/sign-in/second";
pub(super) const CODE: &str = "/sign-in/code";
pub(super) const SET_UP: &str = "/sign-in/set-up";

/// The sign-in that the query names, under way in this browser.
pub(super) async fn open(visit: &Visit) -> Result<SignIn, PageRefusal> {
    let id = visit
        .query("sign_in")
        .and_then(|id| id.parse().ok())
        .ok_or(PageRefusal::UnknownSignIn)?;
    Ok(ops::load(&visit.cx, &visit.headers, id).await?)
}

/// The sign-in that a posted form belongs to: under way in this browser, the form shown by one of its pages.
pub(super) async fn open_form(visit: &Visit, fields: &Fields<'_>) -> Result<SignIn, PageRefusal> {
    let id = fields
        .text("sign_in")?
        .parse()
        .map_err(|_| PageRefusal::UnknownSignIn)?;
    let sign_in = ops::load(&visit.cx, &visit.headers, id).await?;
    visit.check_form(CookieKind::Browser, &id.to_string(), fields)?;
    Ok(sign_in)
}

/// Commits, and sends the browser where a factor led: on, or to the page of the next one.
pub(super) async fn follow(visit: &mut Visit, sign_in: &SignIn, next: Next) -> Result<Response, PageRefusal> {
    visit.cx.commit().await?;
    Ok(match next {
        Next::SignedIn { cookies, .. } => visit.redirect(&sign_in.resume_path(), cookies),
        Next::SecondFactor => to_page(visit, sign_in, SECOND, Vec::new()),
        Next::SetUp => to_page(visit, sign_in, SET_UP, Vec::new()),
        Next::OutOfReach => return Err(OUT_OF_REACH),
    })
}

/// A second factor is required and none of the user's can be used.
pub(super) const OUT_OF_REACH: PageRefusal = PageRefusal::Condition {
    status: StatusCode::FORBIDDEN,
    kind: ErrorKind::SecondFactorOutOfReach,
    code: "second_factor_out_of_reach",
};

/// The client that asked for the sign-in.
pub(super) async fn client_of(visit: &Visit, sign_in: &SignIn) -> Result<Option<ClientCard>, Fault> {
    let Some(id) = sign_in.client_id() else {
        return Ok(None);
    };
    let client = clients::find(&visit.cx.app, visit.cx.tenant_id(), id).await?;
    Ok(client.map(|client| page::client_card(&client)))
}

/// The surroundings of a page of the sign-in: its language, its token, and where its forms may end up.
pub(super) fn context_of(visit: &Visit, sign_in: &SignIn, path: &str) -> Result<PageContext, Fault> {
    let id = sign_in.id.to_string();
    let mut context = visit.form_context(CookieKind::Browser, &id, sign_in.state.ui_locales.as_deref())?;
    context.here = Some(format!("{path}?sign_in={id}"));
    let redirect_uri = sign_in
        .request()
        .and_then(|request| Url::parse(&request.target.redirect_uri).ok());
    context.form_targets = match redirect_uri {
        Some(redirect_uri) => FormTarget::onward(&redirect_uri),
        // To another provider and back.
        None => crate::connections::form_targets(&visit.cx),
    };
    Ok(context)
}

/// A page of the sign-in, by redirect.
pub(super) fn to_page(
    visit: &Visit,
    sign_in: &SignIn,
    path: &str,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    let joint = if path.contains('?') { '&' } else { '?' };
    visit.redirect(&format!("{path}{joint}sign_in={}", sign_in.id), cookies)
}
