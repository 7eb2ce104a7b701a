//! Each request as a span and as numbers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use metrics::{Counter, Histogram, counter, histogram};
use tracing::{Instrument as _, Span, field};

use super::numbers::{DURATION, REQUESTS};
use crate::http::tenancy::Scope;
use crate::routes;

/// The label of a request that no route matched.
const UNMATCHED: &str = "unmatched";
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Joins a span to the trace that a request's headers name (W3C Trace Context 3).
pub type LinkTrace = fn(&Span, &HeaderMap);

/// The numbers of one route and method, looked up once at start.
struct RouteNumbers {
    duration: Histogram,
    by_class: [Counter; 5],
}

impl RouteNumbers {
    fn of(method: &'static str, route: &'static str) -> Self {
        Self {
            duration: histogram!(DURATION, "method" => method, "route" => route),
            by_class: CLASSES
                .map(|class| counter!(REQUESTS, "method" => method, "route" => route, "status" => class)),
        }
    }

    fn record(&self, seconds: f64, status: StatusCode) {
        self.duration.record(seconds);
        if let Some(counter) = self
            .by_class
            .get(usize::from(status.as_u16() / 100).saturating_sub(1))
        {
            counter.increment(1);
        }
    }
}

struct Observer {
    routes: HashMap<&'static str, Vec<(&'static str, RouteNumbers)>>,
    unmatched: RouteNumbers,
    link_trace: Option<LinkTrace>,
}

impl Observer {
    fn numbers(&self, method: &Method, route: &str) -> &RouteNumbers {
        let of_route = self.routes.get(route).map(Vec::as_slice).unwrap_or_default();
        // HEAD is answered by GET's handler; a preflight counts with the route that it asks about.
        let found = of_route
            .iter()
            .find(|(name, _)| *name == method.as_str())
            .or_else(|| of_route.first());
        found.map_or(&self.unmatched, |(_, numbers)| numbers)
    }
}

/// Puts the observer around every route of `router`.
pub(super) fn layer(router: Router, is_dev: bool, link_trace: Option<LinkTrace>) -> Router {
    let mut by_route: HashMap<&'static str, Vec<(&'static str, RouteNumbers)>> = HashMap::new();
    for row in routes::all(is_dev).table() {
        by_route
            .entry(row.path)
            .or_default()
            .push((row.method, RouteNumbers::of(row.method, row.path)));
    }
    let observer = Observer {
        routes: by_route,
        unmatched: RouteNumbers::of("any", UNMATCHED),
        link_trace,
    };
    router.layer(from_fn_with_state(Arc::new(observer), observe))
}

async fn observe(State(observer): State<Arc<Observer>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let span = span(&request, route, observer.link_trace);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    observer
        .numbers(&method, route)
        .record(began.elapsed().as_secs_f64(), status);
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// The request's span. It names the route, never the address: that may carry codes and tokens.
fn span(request: &Request, route: &str, link_trace: Option<LinkTrace>) -> Span {
    let scope = request.extensions().get::<Arc<Scope>>();
    let span = tracing::info_span!(
        "request",
        otel.name = field::Empty,
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = field::Empty,
        request_id = scope.map(|scope| &*scope.request.id),
    );
    if let Some(link) = link_trace {
        span.record("otel.name", format!("{} {route}", request.method()));
        link(&span, request.headers());
    }
    span
}
