//! The private listener: is it alive, can it answer, what has it counted.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::watch;

use super::numbers::Numbers;
use crate::App;
use crate::http::Problem;

/// A database that takes longer to answer `SELECT 1` is no use to a request either.
const PING_LIMIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    app: Arc<App>,
    numbers: Numbers,
    draining: watch::Receiver<bool>,
}

/// `/livez`, `/readyz`, `/metrics`.
pub(super) fn router(app: Arc<App>, numbers: Numbers, draining: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .with_state(Health {
            app,
            numbers,
            draining,
        })
}

/// 200 when requests can be answered; 503 while draining or while the database does not answer.
async fn readyz(State(health): State<Health>) -> Response {
    let not_ready = |detail: &'static str| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "Not ready")
            .detail(detail)
            .into_response()
    };
    if *health.draining.borrow() {
        return not_ready("the server is stopping");
    }
    match tokio::time::timeout(PING_LIMIT, health.app.db.ping()).await {
        Ok(Ok(())) => "ok\n".into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            not_ready("the database does not answer")
        }
        Err(_) => not_ready("the database does not answer in time"),
    }
}

/// The Prometheus text format.
async fn metrics(State(health): State<Health>) -> Response {
    Numbers::sample(&health.app);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        health.numbers.render(),
    )
        .into_response()
}
