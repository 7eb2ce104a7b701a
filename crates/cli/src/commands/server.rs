//! `authflow serve` and `authflow dev`

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use authflow_server::config::Config;
use authflow_server::run::{self, Listeners};
use authflow_server::start::{self, Ambient, Purpose};
use authflow_server::{App, dev, operators};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::operator::announcement;
use crate::failure::Failure;
use crate::output::Reply;
use crate::telemetry;

/// Opens the installation and serves until SIGTERM or Ctrl-C; a second one ends it at once.
pub(super) async fn serve(mut config: Config, json: bool) -> Result<Reply, Failure> {
    let began = Instant::now();
    let public = listen(config.listen, "listen").await?;
    let admin = listen(config.admin_listen, "admin_listen").await?;
    config.listens_on(address(&public)?);
    config.admin_listen = address(&admin)?;
    let app = Box::pin(start::open(config, Ambient::default(), Purpose::Serve)).await?;
    app.db.check_row_security().await?;
    let mut signals = Signals::catch()?;
    if app.config.is_dev() {
        greet(&app, json).await?;
    }
    tracing::info!(
        listen = %app.config.listen,
        admin_listen = %app.config.admin_listen,
        base_url = %app.config.base_url,
        database = %app.config.database_url(),
        version = env!("CARGO_PKG_VERSION"),
        took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "ready"
    );
    if !app.config.is_dev() {
        offer_claim(&app).await?;
    }
    let traces = app.config.telemetry.otlp_endpoint.is_some();
    let link_trace = traces.then_some(telemetry::link_trace as run::LinkTrace);
    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(run::run(app, Listeners { public, admin }, stopping, link_trace));

    signals.wait().await;
    tracing::info!("stopping: requests under way may finish");
    stop.send_replace(true);
    tokio::select! {
        ended = serving => ended.map_err(|error| Failure::new("serve", error.to_string()))?,
        () = signals.wait() => {
            return Err(Failure::new("serve.interrupted", "stopped before requests under way had ended"));
        }
    }
    tracing::info!("stopped");
    Ok(Reply::silent())
}

async fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(
            "listen",
            format!("cannot listen on {address} (`{setting}`): {error}"),
        );
        match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                failure.hint("another program listens there: stop it, or choose another port")
            }
            _ => failure,
        }
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new("listen", error.to_string()))
}

/// Makes the demo and prints what a newcomer needs.
async fn greet(app: &Arc<App>, json: bool) -> Result<(), Failure> {
    let demo = dev::prepare(app).await?;
    let base = app.config.base_url.as_str();
    let (page, outbox) = (format!("{base}/dev/demo"), format!("{base}/dev/outbox"));
    let operators = format!("{base}/t/system/sign-in");
    let facts = json!({
        "demo": page,
        "email": demo.email,
        "password": demo.password,
        "outbox": outbox,
        "operator": { "sign_in": operators, "email": demo.operator_email, "password": demo.operator_password },
    });
    let text = format!(
        "\n  Open      {page}\n  Sign in   {} / {}\n  Mail      {outbox}\n  Operator  {operators}\n            {} / {}\n\n",
        demo.email, demo.password, demo.operator_email, demo.operator_password
    );
    Reply::text(facts, text)
        .print(json)
        .map_err(|error| Failure::output(&error))
}

/// While nobody runs the installation, the way to become its operator. It goes to the terminal and never through the log,
/// which may be kept and shipped elsewhere.
async fn offer_claim(app: &Arc<App>) -> Result<(), Failure> {
    if let Some(link) = operators::issue_claim(app).await? {
        let mut stderr = std::io::stderr().lock();
        // WHY: a terminal that has gone away does not keep the server from serving.
        let _ = stderr.write_all(announcement(&link).as_bytes());
    }
    Ok(())
}

/// SIGTERM and SIGINT, caught from the moment this exists.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn catch() -> Result<Self, Failure> {
        let catch = |kind| signal(kind).map_err(|error| Failure::new("system.signals", error.to_string()));
        Ok(Self {
            terminate: catch(SignalKind::terminate())?,
            interrupt: catch(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
