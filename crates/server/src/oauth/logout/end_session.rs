//! `/oauth2/logout` (RP-Initiated Logout 2), by GET and POST, and the page that asks.
//!
//! # Security
//! A request that proves nothing can be put into any page on the web; only the user's own answer ends the session then.

use authflow_proto::error::OAuthErrorCode;
use authflow_proto::form::{FormLimits, Params};
use authflow_proto::logout::EndSessionRequest;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::request::{self, Checked, LogoutRefusal};
use crate::http::cookies::{self, CookieKind};
use crate::http::{Access, Cors, Routes, csrf, extract, page};
use crate::pages::{ErrorKind, ErrorView, FormTarget, SignOutView, SignedOutView};
use crate::sessions::{self, Session};
use crate::{Cx, Fault, identities};

const PATH: &str = "/oauth2/logout";

/// Forms of the page that asks.
const PURPOSE: &str = "oauth2_logout";

/// The end-session endpoint.
pub fn routes() -> Routes {
    let public =
        Access::Public("anybody may ask; only a proven hint or the user's own answer ends a session");
    Routes::default()
        .get(PATH, public, Cors::None, by_get)
        .post(PATH, public, Cors::None, by_post)
}

async fn by_get(mut cx: Cx, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let result = match parse(query.as_bytes(), FormLimits::QUERY) {
        Ok((_, request)) => begin(&mut cx, &headers, &request).await,
        Err(refusal) => Err(refusal),
    };
    result.unwrap_or_else(|refusal| refuse(&cx, &headers, &refusal))
}

async fn by_post(mut cx: Cx, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let (true, Ok(body)) = (extract::is_form(&headers), body) else {
        return page::error(
            &cx,
            &headers,
            StatusCode::BAD_REQUEST,
            ErrorKind::BodyInvalid,
            "invalid_request",
        );
    };
    let result = match parse(&body, FormLimits::BODY) {
        Ok((params, _)) if params.iter().any(|(name, _)| name == "decision") => {
            answered(&mut cx, &headers, &params).await
        }
        // WHY: browsers keep our cookie from a post that another site's page makes, and send it with the GET that
        // follows. Without the cookie it would look as if there were no session to end.
        Ok((params, _)) if cookies::read(&headers, CookieKind::Session, &cx.tenant).is_none() => {
            Ok(again_by_get(&cx, &params))
        }
        Ok((_, request)) => begin(&mut cx, &headers, &request).await,
        Err(refusal) => Err(refusal),
    };
    result.unwrap_or_else(|refusal| refuse(&cx, &headers, &refusal))
}

fn parse(encoded: &[u8], limits: FormLimits) -> Result<(Params<'_>, EndSessionRequest), LogoutRefusal> {
    let params = Params::parse(encoded, limits).map_err(authflow_proto::logout::LogoutError::from)?;
    let request = EndSessionRequest::parse(&params)?;
    Ok((params, request))
}

/// A request from a client or a link.
async fn begin(
    cx: &mut Cx,
    headers: &HeaderMap,
    request: &EndSessionRequest,
) -> Result<Response, LogoutRefusal> {
    let checked = request::check(cx, request).await?;
    match sessions::current(cx, headers).await? {
        None => Ok(done(cx, headers, &checked)),
        Some(session) if checked.names(cx, &session)? => end(cx, headers, &checked, &session).await,
        Some(session) => ask(cx, headers, request, &checked, &session).await,
    }
}

/// The user's answer; everything else of the request is checked again.
async fn answered(cx: &mut Cx, headers: &HeaderMap, params: &Params<'_>) -> Result<Response, LogoutRefusal> {
    let field = |name| {
        params
            .unique(name)
            .map_err(authflow_proto::logout::LogoutError::from)
    };
    if !csrf::is_valid(cx, headers, CookieKind::Session, PURPOSE, field("csrf")?)? {
        return Ok(page::forged_form(cx, headers));
    }
    let carried = field("logout")?.unwrap_or_default();
    let (_, request) = parse(carried.as_bytes(), FormLimits::QUERY)?;
    let checked = request::check(cx, &request).await?;
    let is_yes = field("decision")? == Some("sign_out");
    match sessions::current(cx, headers).await? {
        Some(session) if is_yes => end(cx, headers, &checked, &session).await,
        // Who stays goes to their own page, not to the client: the client must not believe them signed out.
        Some(_) => Ok(see_other(&cx.tenant.path("/account"))),
        None => Ok(done(cx, headers, &checked)),
    }
}

async fn end(
    cx: &mut Cx,
    headers: &HeaderMap,
    checked: &Checked,
    session: &Session,
) -> Result<Response, LogoutRefusal> {
    cx.actor = crate::cx::Actor::User(session.user_id);
    sessions::end(cx, session.id, "sign_out").await?;
    cx.commit().await.map_err(Fault::from)?;
    Ok(done(cx, headers, checked))
}

/// The session is gone, and so is its cookie: on to the client, or a page that says so.
fn done(cx: &Cx, headers: &HeaderMap, checked: &Checked) -> Response {
    let mut response = if let Some(location) = checked.location() {
        see_other(&location)
    } else {
        let view = SignedOutView {
            client: checked.client.as_deref().map(page::client_card),
            sign_in_url: Some(cx.tenant.path("/sign-in")),
        };
        cx.app
            .pages
            .respond(StatusCode::OK, &view, &page::context(cx, headers))
    };
    if let Some(cookie) = sessions::clear_cookie(cx) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Asks the user (RP-Initiated Logout 2: where the hint is missing or names somebody else).
async fn ask(
    cx: &Cx,
    headers: &HeaderMap,
    request: &EndSessionRequest,
    checked: &Checked,
    session: &Session,
) -> Result<Response, LogoutRefusal> {
    let user = identities::find_user(&cx.app, cx.tenant_id(), session.user_id).await?;
    let view = SignOutView {
        path: PATH.to_owned(),
        logout: Some(carried(checked)),
        client: checked.client.as_deref().map(page::client_card),
        user: user.as_deref().map(page::user_card),
    };
    let locales = request.ui_locales.join(" ");
    let mut context = page::context_in(
        cx,
        headers,
        Some(&locales).filter(|text| !text.is_empty()).map(String::as_str),
    );
    context.csrf = csrf::token(cx, headers, CookieKind::Session, PURPOSE)?;
    if let Some(uri) = checked
        .redirect_uri
        .as_deref()
        .and_then(|uri| url::Url::parse(uri).ok())
    {
        context.form_targets = FormTarget::onward(&uri);
    }
    Ok(cx.app.pages.respond(StatusCode::OK, &view, &context))
}

/// What the form brings back. Not the hint: it proved nothing about this user. All of it is checked again.
fn carried(checked: &Checked) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    if let Some(client) = &checked.client {
        form.append_pair("client_id", &client.id.to_string());
    }
    if let Some(uri) = &checked.redirect_uri {
        form.append_pair("post_logout_redirect_uri", uri);
    }
    if let Some(state) = &checked.state {
        form.append_pair("state", state);
    }
    form.finish()
}

fn again_by_get(cx: &Cx, params: &Params<'_>) -> Response {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params.iter())
        .finish();
    see_other(&format!("{}?{query}", cx.tenant.path(PATH)))
}

fn see_other(location: &str) -> Response {
    // What cannot be a header value was refused at registration and by the form parser.
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn refuse(cx: &Cx, headers: &HeaderMap, refusal: &LogoutRefusal) -> Response {
    if let LogoutRefusal::Fault(fault) = refusal {
        return page::fault(cx, headers, fault);
    }
    let mut view = ErrorView::new(ErrorKind::LogoutInvalid);
    view.code = Some(OAuthErrorCode::InvalidRequest.as_str());
    view.detail = Some(refusal.to_string());
    view.request_id = Some(cx.request.id.to_string());
    cx.app
        .pages
        .respond(StatusCode::BAD_REQUEST, &view, &page::context(cx, headers))
}
