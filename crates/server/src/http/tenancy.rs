//! Which tenant a request addresses, settled before routing: a custom domain or `<slug>.<base domain>` by Host,
//! else the path prefix `/t/{slug}`, else the `default` tenant.
//!
//! The prefix is taken off before the router sees the path, so that every route exists once. RFC 8414 3.1 puts the
//! issuer's path behind the well-known name; those addresses are turned round here too.
//!
//! # Security
//! The Host header selects a tenant and nothing else: issuers and links are stored, never built from it.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use tower::Service;

use super::Problem;
use crate::App;
use crate::cx::RequestInfo;
use crate::limits::AddressPrefix;
use crate::tenants::{self, DEFAULT_SLUG, Tenant, TenantStatus};

/// What the shell knows of a request before its handler runs; handlers get it through [`crate::Cx`].
pub struct Scope {
    /// The process.
    pub app: Arc<App>,
    /// The tenant addressed.
    pub tenant: Arc<Tenant>,
    /// Facts for events and logs.
    pub request: RequestInfo,
}

/// Answers one request: finds its tenant, then lets the router handle the rest of the path.
pub async fn handle(
    app: &Arc<App>,
    router: &Router,
    mut request: Request<Body>,
    peer: Option<SocketAddr>,
) -> Response {
    let info = request_info(app, request.headers(), peer);
    let id = HeaderValue::from_str(&info.id).ok();
    let host = host_of(&request);
    let resolved = match check_rate(app, &info) {
        Ok(()) => match host {
            Ok(host) => resolve(app, host.as_deref(), request.uri()).await,
            Err(problem) => Err(problem),
        },
        Err(problem) => Err(problem),
    };
    let is_secure = resolved
        .as_ref()
        .map_or(app.config.base_url.is_https(), |(tenant, _)| tenant.is_secure());
    let mut response = match resolved {
        Ok((tenant, uri)) => {
            if let Some(uri) = uri {
                *request.uri_mut() = uri;
            }
            request.extensions_mut().insert(Arc::new(Scope {
                app: app.clone(),
                tenant,
                request: info,
            }));
            // WHY: here once, not as layers, which would wrap every route of the router in boxes.
            DefaultBodyLimit::max(app.config.http.body_limit.bytes()).apply(&mut request);
            route(router, request).await
        }
        Err(problem) => problem.into_response(),
    };
    if let Some(id) = id {
        response.headers_mut().insert("x-request-id", id);
    }
    response
        .headers_mut()
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    if is_secure {
        insist_on_https(response.headers_mut(), app.config.http.hsts_max_age);
    }
    response
}

/// Routes the request; a handler that panics is our fault and nobody else's end.
async fn route(router: &Router, request: Request<Body>) -> Response {
    match AssertUnwindSafe(router.clone().call(request))
        .catch_unwind()
        .await
    {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            tracing::error!("a handler panicked");
            Problem::internal().into_response()
        }
    }
}

/// `Strict-Transport-Security` (RFC 6797 7.1) on every answer, redirects and documents too.
fn insist_on_https(headers: &mut HeaderMap, max_age: Duration) {
    let value = format!("max-age={}; includeSubDomains", max_age.as_secs());
    match HeaderValue::try_from(value) {
        Ok(value) if !max_age.is_zero() => headers.insert(header::STRICT_TRANSPORT_SECURITY, value),
        _ => headers.remove(header::STRICT_TRANSPORT_SECURITY),
    };
}

/// Requests of one address, where the operator limits them.
fn check_rate(app: &App, info: &RequestInfo) -> Result<(), Problem> {
    let (Some(limiter), Some(ip)) = (&app.requests, info.ip) else {
        return Ok(());
    };
    let decision = limiter.check(app.clock.now(), &AddressPrefix::of(ip, app.prefixes));
    if decision.allowed {
        Ok(())
    } else {
        Err(Problem::rate_limited(decision.retry_after))
    }
}

fn request_info(app: &App, headers: &HeaderMap, peer: Option<SocketAddr>) -> RequestInfo {
    let random: [u8; 10] = app.rng.bytes();
    let mut id = String::with_capacity(24);
    id.push_str("req_");
    for byte in random {
        id.push(char::from(
            b"0123456789abcdef"
                .get(usize::from(byte >> 4))
                .copied()
                .unwrap_or(b'0'),
        ));
        id.push(char::from(
            b"0123456789abcdef"
                .get(usize::from(byte & 15))
                .copied()
                .unwrap_or(b'0'),
        ));
    }
    let user_agent = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .map(|text| {
            let end = text
                .char_indices()
                .map(|(i, _)| i)
                .take_while(|&i| i < 512)
                .last()
                .map_or(0, |_| text.len().min(512));
            Arc::from(text.get(..end).unwrap_or(""))
        });
    let ip = peer.map(|peer| app.proxies.client_address(peer.ip(), headers).ip());
    let place = peer
        .zip(ip)
        .map(|(peer, ip)| app.places.of(&app.proxies, peer.ip(), ip, headers));
    RequestInfo {
        id: Arc::from(id),
        ip,
        place: place.unwrap_or_default(),
        user_agent,
    }
}

/// The tenant and, where a prefix was taken off, the address to route by.
async fn resolve(
    app: &Arc<App>,
    host: Option<&str>,
    uri: &Uri,
) -> Result<(Arc<Tenant>, Option<Uri>), Problem> {
    let path = uri.path();
    if !is_text(path) {
        return Err(Problem::not_found());
    }
    if let Some(tenant) = by_host(app, host).await? {
        return Ok((active(tenant)?, None));
    }
    let Some((slug, rest)) = split_prefix(path) else {
        let tenant = tenants::find_by_slug(app, DEFAULT_SLUG).await?;
        return Ok((active(tenant.ok_or_else(unknown_tenant)?)?, None));
    };
    let tenant = active(
        tenants::find_by_slug(app, slug)
            .await?
            .ok_or_else(unknown_tenant)?,
    )?;
    Ok((tenant, Some(rewrite(uri, &rest)?)))
}

/// The host asked for: that of the address itself where it has one (HTTP/2, absolute form), else the header.
///
/// # Security
/// More than one `Host` is refused (RFC 9112 3.2): a proxy in front may have gone by the other one.
fn host_of(request: &Request<Body>) -> Result<Option<String>, Problem> {
    let mut headers = request.headers().get_all(header::HOST).iter();
    let header = headers.next().and_then(|value| value.to_str().ok());
    if headers.next().is_some() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "host_repeated",
            "The request names its host more than once",
        ));
    }
    Ok(request.uri().host().or(header).map(str::to_owned))
}

async fn by_host(app: &Arc<App>, host: Option<&str>) -> Result<Option<Arc<Tenant>>, Problem> {
    if app.config.base_domain.is_none() && !app.has_custom_domains.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let Some(host) = host else { return Ok(None) };
    let name = host
        .rsplit_once(':')
        .map_or(host, |(name, _)| name)
        .to_ascii_lowercase();
    if let Some(base) = &app.config.base_domain
        && let Some(slug) = name
            .strip_suffix(base.as_str())
            .and_then(|rest| rest.strip_suffix('.'))
    {
        return tenants::find_by_slug(app, slug)
            .await?
            .ok_or_else(unknown_tenant)
            .map(Some);
    }
    Ok(tenants::find_by_domain(app, &name).await?)
}

fn active(tenant: Arc<Tenant>) -> Result<Arc<Tenant>, Problem> {
    match tenant.status {
        TenantStatus::Active => Ok(tenant),
        TenantStatus::Suspended => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "tenant.suspended",
            "This tenant is suspended",
        )),
    }
}

fn unknown_tenant() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "tenant.not_found",
        "There is no such tenant",
    )
}

/// Whether the path is UTF-8 behind its percent signs; the framework would answer in its own words if it is not.
fn is_text(path: &str) -> bool {
    !path.contains('%') || percent_encoding::percent_decode_str(path).decode_utf8().is_ok()
}

/// `/t/acme/x` is `("acme", "/x")`; `/.well-known/name/t/acme` is `("acme", "/.well-known/name")` (RFC 8414 3.1).
fn split_prefix(path: &str) -> Option<(&str, Cow<'_, str>)> {
    if let Some(rest) = path.strip_prefix("/t/") {
        return Some(match rest.split_once('/') {
            Some((slug, _)) => (slug, Cow::Borrowed(rest.get(slug.len()..).unwrap_or("/"))),
            None => (rest, Cow::Borrowed("/")),
        });
    }
    let (name, slug) = path.strip_prefix("/.well-known/")?.split_once("/t/")?;
    (!name.contains('/') && !slug.contains('/')).then(|| (slug, Cow::Owned(format!("/.well-known/{name}"))))
}

fn rewrite(uri: &Uri, path: &str) -> Result<Uri, Problem> {
    let text = match uri.query() {
        Some(query) => Cow::Owned(format!("{path}?{query}")),
        None => Cow::Borrowed(path),
    };
    PathAndQuery::try_from(text.as_ref())
        .map(Uri::from)
        .map_err(|_| Problem::not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_taken_off_and_the_well_known_insertion_turned_round() {
        assert_eq!(
            split_prefix("/t/acme/oauth2/token"),
            Some(("acme", Cow::Borrowed("/oauth2/token")))
        );
        assert_eq!(split_prefix("/t/acme"), Some(("acme", Cow::Borrowed("/"))));
        assert_eq!(
            split_prefix("/.well-known/oauth-authorization-server/t/acme"),
            Some(("acme", Cow::Borrowed("/.well-known/oauth-authorization-server")))
        );
        assert_eq!(split_prefix("/oauth2/token"), None);
        assert_eq!(split_prefix("/.well-known/a/b/t/acme"), None);
        assert_eq!(split_prefix("/.well-known/a/t/acme/b"), None);
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_with_500() {
        async fn broken() -> &'static str {
            panic!("on purpose")
        }
        let router = Router::new().route("/", axum::routing::get(broken));
        let response = route(&router, Request::new(Body::empty())).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
