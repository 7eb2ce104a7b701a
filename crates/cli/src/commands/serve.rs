//! `authflow serve` and `authflow dev`

use std::net::SocketAddr;
use std::time::Instant;

use authflow_server::config::Config;
use authflow_server::dev;
use authflow_server::run::{self, Listeners};
use authflow_server::start::{self, Ambient, Purpose};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;
use crate::output::Reply;

/// Opens the installation and serves until SIGTERM or Ctrl-C.
pub(super) async fn serve(mut config: Config) -> Result<Reply, Failure> {
    let began = Instant::now();
    let public = listen(config.listen, "--listen").await?;
    let admin = listen(config.admin_listen, "--admin-listen").await?;
    let address = public
        .local_addr()
        .map_err(|error| Failure::new("listen", error.to_string()))?;
    config.listens_on(address);
    let is_dev = config.is_dev();
    let app = start::open(config, Ambient::default(), Purpose::Serve).await?;
    if !is_dev {
        app.db.check_row_security().await?;
    }
    let (stop_sender, stop) = watch::channel(false);
    let serving = tokio::spawn(run::run(app.clone(), Listeners { public, admin }, stop));
    let took = began.elapsed();
    tracing::info!(%address, base_url = app.config.base_url.as_str(), took_ms = took.as_millis(), "listening");
    if is_dev {
        let demo = dev::prepare(&app)
            .await
            .map_err(|error| Failure::new("dev.demo", error.to_string()))?;
        greet(&app.config, &demo);
    }
    wait_for_signal().await?;
    tracing::info!("stopping: requests under way may finish");
    stop_sender.send_replace(true);
    serving
        .await
        .map_err(|error| Failure::new("serve", error.to_string()))?;
    Ok(Reply::record(json!({ "stopped": true }), &[]))
}

async fn listen(address: SocketAddr, flag: &'static str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new("listen", format!("cannot listen on `{address}`: {error}"))
            .hint(format!("choose another address with {flag}"))
    })
}

/// The lines that a newcomer needs, on standard error beside the log.
fn greet(config: &Config, demo: &dev::Demo) {
    let base = config.base_url.as_str().trim_end_matches('/');
    eprintln!();
    eprintln!("  Open      {base}/dev/demo");
    eprintln!("  Sign in   {} / {}", demo.email, demo.password);
    eprintln!("  Mail      {base}/dev/outbox");
    eprintln!();
}

async fn wait_for_signal() -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new("signal", error.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
