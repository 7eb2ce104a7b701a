//! Listeners: accepts connections up to a bound, gives slow senders a deadline, drains on shutdown.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::Service;

use super::idle::{IdleLimits, Watched};
use super::{Problem, tenancy, unread};
use crate::App;

/// Bounds of one listener.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// A request's headers must arrive within this time.
    pub header_timeout: Duration,
    /// A request must be answered within this time, its body included.
    pub request_timeout: Duration,
    /// Connections served at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// How long requests under way may take after shutdown began.
    pub drain_timeout: Duration,
}

impl Bounds {
    /// As configured.
    pub fn of(app: &App) -> Self {
        let (http, shutdown) = (&app.config.http, &app.config.shutdown);
        Self {
            header_timeout: http.header_timeout,
            request_timeout: http.request_timeout,
            max_connections: http.max_connections,
            drain_timeout: shutdown.drain_timeout,
        }
    }

    /// A request under way may be silent until it is answered, and no longer.
    fn idle_limits(&self) -> IdleLimits {
        IdleLimits {
            greeting: self.header_timeout,
            idle: self.request_timeout + self.header_timeout,
        }
    }
}

/// Serves the public faces until `stop` turns true, then lets requests under way finish.
pub async fn serve_public(app: Arc<App>, router: Router, listener: TcpListener, stop: watch::Receiver<bool>) {
    let bounds = Bounds::of(&app);
    let answer = move |request: Request<Body>, peer: SocketAddr| {
        let (app, router) = (app.clone(), router.clone());
        async move { tenancy::handle(&app, &router, request, Some(peer)).await }
    };
    serve(listener, bounds, stop, answer).await;
}

/// Serves health and metrics until `stop` turns true.
pub async fn serve_admin(app: Arc<App>, router: Router, listener: TcpListener, stop: watch::Receiver<bool>) {
    let bounds = Bounds {
        max_connections: 256,
        ..Bounds::of(&app)
    };
    let answer = move |request: Request<Body>, _: SocketAddr| {
        let mut router = router.clone();
        async move {
            match router.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    };
    serve(listener, bounds, stop, answer).await;
}

async fn serve<A, F>(listener: TcpListener, bounds: Bounds, mut stop: watch::Receiver<bool>, answer: A)
where
    A: Fn(Request<Body>, SocketAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send,
{
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(bounds.max_connections));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            _ = stop.wait_for(|stopping| *stopping) => break,
        };
        let Some((stream, peer, slot)) = accepted else {
            continue;
        };
        let answer = answer.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer.clone();
            async move {
                let answered = unread::answer(request, |request| {
                    within(bounds.request_timeout, answer(request, peer))
                });
                Ok::<_, Infallible>(answered.await)
            }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.header_timeout)
            .max_buf_size(64 * 1024);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(128)
            .max_header_list_size(64 * 1024);
        let connection = graceful.watch(
            builder
                .serve_connection(TokioIo::new(Watched::new(stream, bounds.idle_limits())), service)
                .into_owned(),
        );
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(bounds.drain_timeout, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still under way when the drain timeout ended");
    }
}

async fn within(limit: Duration, answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            http::StatusCode::REQUEST_TIMEOUT,
            "request_timeout",
            "The request took too long",
        )
        .into_response(),
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // A socket that cannot be set up still works, only slower.
            let _unimportant = stream.set_nodelay(true);
            Some((stream, peer, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            // WHY: out of descriptors, accept fails at once and for ever; waiting lets others end.
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
