//! What the machine itself can do, measured in the same run: the frame in which the product's numbers are read.

use crate::http::{Connection, post};
use crate::load::{Measured, Pace, Workload, run};
use crate::usage::Watched;
use anyhow::{Context, Result, bail};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Everything that is measured without the product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub(crate) bare_axum: Vec<(usize, Measured)>,
    pub(crate) rs256_per_second: f64,
    pub(crate) es256_per_second: f64,
    pub(crate) eddsa_per_second: f64,
    pub(crate) argon2_per_second: f64,
    /// Appends of 4 KiB, each made durable, one after the other.
    pub(crate) fsync_per_second: f64,
    /// One-row transactions of `pgbench`, by number of clients.
    pub(crate) postgres_commits_per_second: Vec<(usize, f64)>,
}

pub(crate) async fn measure(
    connections: &[usize],
    pace: Pace,
    data: &Path,
    postgres_url: Option<&str>,
) -> Result<Limits> {
    let span = pace.measure.min(Duration::from_secs(2));
    let mut postgres = Vec::new();
    if let Some(url) = postgres_url {
        for &clients in connections {
            postgres.push((clients, commits(url, clients, pace.measure).await?));
        }
    }
    let (rs256, es256, eddsa) = signatures(span)?;
    Ok(Limits {
        bare_axum: bare_axum(connections, pace).await?,
        rs256_per_second: rs256,
        es256_per_second: es256,
        eddsa_per_second: eddsa,
        argon2_per_second: argon2_hashes(span)?,
        fsync_per_second: fsyncs(data, span)?,
        postgres_commits_per_second: postgres,
    })
}

struct TokenForm {
    request: Vec<u8>,
}

impl Workload for TokenForm {
    type State = ();

    async fn prepare(&self, _: &mut Connection, _: usize) -> Result<()> {
        Ok(())
    }

    async fn step(&self, connection: &mut Connection, (): &mut ()) -> Result<bool> {
        connection.send(&self.request).await?.expect(200)?;
        Ok(true)
    }
}

async fn bare_axum(connections: &[usize], pace: Pace) -> Result<Vec<(usize, Measured)>> {
    let mut child = Command::new("taskset")
        .args(["-c", "0"])
        .arg(std::env::current_exe()?)
        .arg("bare")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().context("no stdout")?;
    let line = BufReader::new(output)
        .lines()
        .next_line()
        .await?
        .context("the bare server ended")?;
    let address = line.parse()?;
    let watched = Watched {
        server: child.id().context("the bare server ended")?,
        postmaster: None,
    };
    let body = "grant_type=client_credentials&client_id=cli_06f2y8k3n4q7r9s1t5v6w8x0za\
                &client_secret=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ&resource=https%3A%2F%2Fapi.example";
    let workload = Rc::new(TokenForm {
        request: post("localhost", "/oauth2/token", &[], body),
    });
    let mut rows = Vec::new();
    for &count in connections {
        rows.push((
            count,
            run(Rc::clone(&workload), address, count, pace, watched).await?,
        ));
    }
    child.kill().await?;
    Ok(rows)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(span: Duration, mut once: impl FnMut() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    let mut done = 0_u64;
    while started.elapsed() < span {
        once()?;
        done += 1;
    }
    Ok(done as f64 / started.elapsed().as_secs_f64())
}

/// RS256, ES256, `EdDSA` over a message as long as a token, on this thread.
fn signatures(span: Duration) -> Result<(f64, f64, f64)> {
    let random = SystemRandom::new();
    let message = [b'x'; 420];
    let rsa = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)?;
    let mut signature = vec![0; rsa.public_modulus_len()];
    let rs256 = rate(span, || {
        Ok(rsa.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)?)
    })?;
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let es256 = rate(span, || {
        p256.sign(&random, &message)?;
        Ok(())
    })?;
    let ed25519 = Ed25519KeyPair::generate()?;
    let eddsa = rate(span, || {
        std::hint::black_box(ed25519.sign(&message));
        Ok(())
    })?;
    std::hint::black_box(ed25519.public_key());
    Ok((rs256, es256, eddsa))
}

/// argon2id with the product's default cost.
fn argon2id() -> Result<Argon2<'static>> {
    let parameters = Params::new(19_456, 2, 1, Some(32)).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

/// A stored password as the product stores it.
pub(crate) fn password_hash(password: &str) -> Result<String> {
    let salt = b"0123456789abcdef";
    let mut out = [0; 32];
    argon2id()?
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let [salt, hash] = [&salt[..], &out[..]].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    Ok(format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}"))
}

/// Hashes of one core, memory kept between them.
fn argon2_hashes(span: Duration) -> Result<f64> {
    let hasher = argon2id()?;
    let mut memory = vec![Block::default(); hasher.params().block_count()];
    let mut out = [0; 32];
    rate(span, || {
        hasher
            .hash_password_into_with_memory(
                b"correct horse battery staple",
                b"0123456789abcdef",
                &mut out,
                &mut memory,
            )
            .map_err(|error| anyhow::anyhow!("{error}"))
    })
}

fn fsyncs(data: &Path, span: Duration) -> Result<f64> {
    let mut file = tempfile::tempfile_in(data)?;
    let page = [0x5a; 4096];
    rate(span, || {
        file.write_all(&page)?;
        Ok(file.sync_data()?)
    })
}

async fn commits(url: &str, clients: usize, span: Duration) -> Result<f64> {
    let script = tempfile::NamedTempFile::with_suffix(".sql")?;
    std::fs::write(
        script.path(),
        "INSERT INTO bench_commits (payload) VALUES ('0123456789abcdef0123456789abcdef');\n",
    )?;
    let prepare =
        "CREATE TABLE IF NOT EXISTS bench_commits (id bigserial PRIMARY KEY, payload text NOT NULL)";
    command("psql", &["--no-psqlrc", "--quiet", "--command", prepare, url]).await?;
    let (clients, seconds) = (clients.to_string(), span.as_secs().max(1).to_string());
    let file = script.path().display().to_string();
    let text = command(
        "pgbench",
        &[
            "--no-vacuum",
            "--protocol=prepared",
            "--client",
            &clients,
            "--time",
            &seconds,
            "--file",
            &file,
            url,
        ],
    )
    .await?;
    text.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
        .with_context(|| format!("pgbench printed no tps: {text}"))
}

/// Runs a program to its end and gives its stdout.
pub(crate) async fn command(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .await
        .with_context(|| format!("cannot run `{program}`: install the Debian package `postgresql`"))?;
    if !output.status.success() {
        bail!("`{program}` failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
