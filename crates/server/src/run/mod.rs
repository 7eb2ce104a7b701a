//! Runs an opened installation: listeners, jobs, invalidations, until it is told to stop.
//!
//! ```text
//! ready ──stop──▶ draining: /readyz says so ──announce──▶ no new connections, requests end ──▶ jobs end ──▶ closed
//! ```
//!
//! Read `admin` (health), `observe` (each request as a span and as numbers), `numbers` (what is counted).

mod admin;
mod numbers;
mod observe;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use observe::LinkTrace;

use crate::http::server;
use crate::{App, jobs, routes};

/// How long jobs may take to end after requests have; then their leases pass them on.
const LAST_WORK: Duration = Duration::from_secs(10);

/// How often a new file of addresses is looked for.
const PLACES_EVERY: Duration = Duration::from_mins(1);

/// The addresses that are served.
pub struct Listeners {
    /// Clients, browsers.
    pub public: TcpListener,
    /// Operators: health and metrics. Keep it private.
    pub admin: TcpListener,
}

/// Serves until `stop` turns true and everything under way has ended.
///
/// `link_trace` joins a request's span to the trace that its headers name, where traces are exported.
pub async fn run(
    app: Arc<App>,
    listeners: Listeners,
    stop: watch::Receiver<bool>,
    link_trace: Option<LinkTrace>,
) {
    let numbers = numbers::Numbers::install();
    let (close, closing) = watch::channel(false);
    let (end, ending) = watch::channel(false);
    let public = routes::public(app.config.is_dev());
    let public = observe::layer(public, app.config.is_dev(), link_trace);
    let health = admin::router(app.clone(), numbers.clone(), stop.clone());
    let health = tokio::spawn(server::serve_admin(app.clone(), health, listeners.admin, ending));
    let requests = tokio::spawn(server::serve_public(
        app.clone(),
        public,
        listeners.public,
        closing.clone(),
    ));
    let work = tokio::spawn(jobs::run(app.clone(), closing));
    let besides = [
        tokio::spawn(numbers.upkeep()),
        tokio::spawn(follow(app.clone())),
        tokio::spawn(refresh_places(app.clone())),
    ];

    wait_for(stop).await;
    tokio::time::sleep(app.config.shutdown.announce).await;
    close.send_replace(true);
    joined("listener", requests).await;
    if tokio::time::timeout(LAST_WORK, joined("job worker", work))
        .await
        .is_err()
    {
        tracing::warn!("a job was still running; another worker takes it when its lease ends");
    }
    // The admin listener answers until the end, so that a probe can watch the drain.
    end.send_replace(true);
    joined("admin listener", health).await;
    besides.iter().for_each(JoinHandle::abort);
    app.db.close().await;
}

/// Returns when `stop` is true, or when nobody can make it true any more.
async fn wait_for(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopping| *stopping).await;
}

/// Forgets what other processes changed; begins again should the notifications themselves fail.
async fn follow(app: Arc<App>) {
    loop {
        match app.clone().follow_invalidations().await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "invalidations cannot be followed; trying again"),
        }
        app.caches.forget_all();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Takes up a new file of addresses.
async fn refresh_places(app: Arc<App>) {
    while app.config.places.file.is_some() {
        tokio::time::sleep(PLACES_EVERY).await;
        let app = app.clone();
        joined(
            "file of addresses",
            tokio::task::spawn_blocking(move || app.places.refresh()),
        )
        .await;
    }
}

async fn joined(task: &'static str, handle: JoinHandle<()>) {
    if let Err(error) = handle.await {
        tracing::error!(%error, task, "a task ended badly");
    }
}
