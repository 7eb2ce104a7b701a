//! Runs an opened installation: listeners, jobs, invalidations, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http::server;
use crate::{App, jobs, routes};

/// The addresses that are served.
pub struct Listeners {
    /// Clients, browsers.
    pub public: TcpListener,
    /// Operators: health and metrics. Keep it private.
    pub admin: TcpListener,
}

/// Serves until `stop` turns true and everything under way has ended.
pub async fn run(app: Arc<App>, listeners: Listeners, stop: watch::Receiver<bool>) {
    let metrics = PrometheusBuilder::new().build_recorder();
    let admin = admin_router(app.clone(), metrics.handle(), stop.clone());
    // Another recorder is there only if two servers run in one process, as tests do; then the first one counts for both.
    if metrics::set_global_recorder(metrics).is_err() {
        tracing::debug!("metrics go to the recorder installed before");
    }
    let limit = app.config.http.body_limit.bytes();
    let public = routes::public(app.config.is_dev(), limit);
    let follow = tokio::spawn(app.clone().follow_invalidations());
    let working = tokio::spawn(jobs::run(app.clone(), stop.clone()));
    let (drained, admin_stop) = watch::channel(false);
    let admin = tokio::spawn(server::serve_admin(
        app.clone(),
        admin,
        listeners.admin,
        admin_stop,
    ));
    server::serve_public(app.clone(), public, listeners.public, stop).await;
    if let Err(error) = working.await {
        tracing::error!(%error, "the job worker ended badly");
    }
    // The admin listener answers until the end, so that a probe can watch the drain.
    drained.send_replace(true);
    if let Err(error) = admin.await {
        tracing::error!(%error, "the admin listener ended badly");
    }
    follow.abort();
    app.db.close().await;
}

#[derive(Clone)]
struct Admin {
    app: Arc<App>,
    metrics: PrometheusHandle,
    stop: watch::Receiver<bool>,
}

fn admin_router(app: Arc<App>, metrics: PrometheusHandle, stop: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(Admin { app, metrics, stop })
}

/// 200 while requests can be served; 503 while draining or without a database.
async fn ready(State(admin): State<Admin>) -> Response {
    if *admin.stop.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
    }
    match tokio::time::timeout(Duration::from_secs(2), admin.app.db.ping()).await {
        Ok(Ok(())) => "ready\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "database unavailable\n").into_response(),
    }
}

async fn metrics_text(State(admin): State<Admin>) -> Response {
    admin.metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, admin.metrics.render()).into_response()
}
