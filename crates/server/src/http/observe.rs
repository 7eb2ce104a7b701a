//! What operators see of requests: a span around each, and counts and durations by route.
//!
//! Labels are bounded: a known route or `other`, never a tenant, an id or anything else that a caller chooses.

use std::time::Instant;

use axum::http::{HeaderMap, Method, StatusCode};
use tracing::Span;

use crate::App;
use crate::cx::RequestInfo;

/// Joins a request's span to the caller's trace (W3C Trace Context); set where traces are exported.
pub type ContinueTrace = fn(&Span, &HeaderMap);

/// Paths that get a label of their own.
const LABELLED: &[&str] = &[
    "/",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/jwks.json",
    "/oauth2/authorize",
    "/oauth2/authorize/resume",
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/register",
    "/oauth2/logout",
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/select-account",
    "/consent",
    "/verify",
    "/account",
];

/// One request being answered.
pub struct Observed {
    began: Instant,
    route: &'static str,
    method: &'static str,
}

impl Observed {
    /// Begins to measure a request to `path`, the tenant's prefix already taken off.
    pub fn begin(method: &Method, path: &str) -> Self {
        let route = LABELLED
            .iter()
            .find(|known| **known == path)
            .copied()
            .unwrap_or("other");
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::DELETE => "DELETE",
            Method::OPTIONS => "OPTIONS",
            Method::HEAD => "HEAD",
            _ => "other",
        };
        Self {
            began: Instant::now(),
            route,
            method,
        }
    }

    /// The span that everything logged meanwhile belongs to.
    pub fn span(&self, app: &App, info: &RequestInfo, headers: &HeaderMap) -> Span {
        let span = tracing::info_span!("request", id = %info.id, method = self.method, route = self.route);
        if let Some(continue_trace) = app.continue_trace {
            continue_trace(&span, headers);
        }
        span
    }

    /// Counts the answer.
    pub fn end(&self, status: StatusCode) {
        let class = match status.as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let labels = [("route", self.route), ("method", self.method), ("status", class)];
        metrics::histogram!("http_request_duration_seconds", &labels)
            .record(self.began.elapsed().as_secs_f64());
    }
}
