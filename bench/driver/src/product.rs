//! The product under load: its command line, its process, its database.

use crate::usage::Watched;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The core of the server; the driver takes another.
const SERVER_CORE: &str = "0";

/// Where one database's run keeps its data.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) binary: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) database_url: Option<String>,
    pub(crate) postmaster: Option<u32>,
    /// Further settings of its servers, as environment.
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
    pub(crate) pid: u32,
    pub(crate) first_answer: Duration,
    postmaster: Option<u32>,
}

impl Product {
    fn storage(&self) -> Vec<String> {
        let mut arguments = vec!["--data".to_owned(), self.data.display().to_string()];
        if let Some(url) = &self.database_url {
            arguments.extend(["--database-url".to_owned(), url.clone()]);
        }
        arguments
    }

    /// Runs one command to its end and gives what it printed.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(&self.binary)
            .args(arguments)
            .args(self.storage())
            .output()
            .await?;
        if !output.status.success() {
            bail!(
                "`authflow {}` failed: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs one command with `--json` and parses what it printed.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.command(&[arguments, &["--json"]].concat()).await?;
        serde_json::from_str(&text)
            .with_context(|| format!("`authflow {}` printed `{text}`", arguments.join(" ")))
    }

    /// Starts the server on its core and waits for its first answer. The same ports would tie runs together, so
    /// each start takes free ones; `base_url` stays what the installation was first started with.
    pub(crate) async fn start(&self, ports: Ports) -> Result<Server> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.public));
        let admin = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.admin));
        let host = format!("localhost:{}", ports.public);
        let started = Instant::now();
        let child = Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(&self.binary)
            .arg("serve")
            .args(self.storage())
            .args([
                "--listen",
                &address.to_string(),
                "--admin-listen",
                &admin.to_string(),
            ])
            .args(["--base-url", &format!("http://{host}")])
            // Many simultaneous sign-ins of one account from one address look like guessing, and would be slowed down.
            .envs([
                ("AUTHFLOW_LIMITS_PER_ACCOUNT_AND_SOURCE_FREE_FAILURES", "1000"),
                ("AUTHFLOW_LIMITS_PER_ACCOUNT_FREE_FAILURES", "100000"),
                ("AUTHFLOW_LIMITS_PER_SOURCE_FREE_FAILURES", "1000000"),
                ("AUTHFLOW_LIMITS_MESSAGES_PER_RECIPIENT", "off"),
                ("AUTHFLOW_LIMITS_UNPROVEN_PER_SOURCE", "off"),
                ("AUTHFLOW_SMS_PER_RECIPIENT", "1000"),
                ("AUTHFLOW_SMS_PER_SOURCE", "100000"),
                ("AUTHFLOW_SMS_PER_TENANT", "100000000"),
            ])
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(
                std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(self.data.join("serve.log"))?,
            )
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the server (is `taskset` installed?)")?;
        let pid = child.id().context("the server ended at once")?;
        let mut server = Server {
            child,
            address,
            host,
            pid,
            first_answer: Duration::ZERO,
            postmaster: self.postmaster,
        };
        server.wait_for_discovery(started, &self.data).await?;
        Ok(server)
    }
}

/// The two ports of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    public: u16,
    admin: u16,
}

impl Ports {
    pub(crate) fn free() -> Result<Self> {
        let public = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let admin = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self {
            public: public.local_addr()?.port(),
            admin: admin.local_addr()?.port(),
        })
    }
}

impl Server {
    pub(crate) fn watched(&self) -> Watched {
        Watched {
            server: self.pid,
            postmaster: self.postmaster,
        }
    }

    async fn wait_for_discovery(&mut self, started: Instant, data: &std::path::Path) -> Result<()> {
        while started.elapsed() < Duration::from_mins(1) {
            if discovery_answers(self.address, &self.host).await {
                self.first_answer = started.elapsed();
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(data.join("serve.log")).unwrap_or_default();
                bail!("the server ended with {status}: {log}");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bail!("the server did not answer within a minute")
    }

    /// Ends the server at once and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

async fn discovery_answers(address: SocketAddr, host: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return false;
    };
    let request = format!(
        "GET /.well-known/openid-configuration HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    );
    let mut answer = Vec::new();
    stream.write_all(request.as_bytes()).await.is_ok()
        && stream.read_to_end(&mut answer).await.is_ok()
        && answer.starts_with(b"HTTP/1.1 200")
}
