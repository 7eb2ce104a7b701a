//! Load driver: measures Authflow beside what the machine itself can do, and records both.
//!
//! Read `load.rs` (what a cell is), `workloads.rs` (what is measured), `limits.rs` (what it is measured against).
//! `bench/run` prepares everything and starts it; `bench/README.md` explains the columns.

mod bare;
mod devices;
mod http;
mod limits;
mod load;
mod postbox;
mod product;
mod report;
mod session;
mod setup;
mod sign_ins;
mod usage;
mod visitor;
mod workloads;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use load::Pace;
use report::Report;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Parser)]
#[command(about = "Measures Authflow beside the limits of the machine")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything and write the results.
    Run(Box<RunArguments>),
    /// Measure only the limits of the machine and print them.
    Limits {
        /// A folder on the disk to be measured.
        #[arg(long)]
        data: PathBuf,
        /// Seconds that each one is measured.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
    },
    /// Serve the bare axum reference until killed.
    Bare,
    /// Print the tables of a results file.
    Render {
        /// The file that `run` wrote.
        results: PathBuf,
    },
}

#[derive(Args)]
struct RunArguments {
    /// The binary under test.
    #[arg(long)]
    authflow: PathBuf,
    /// An empty folder on the disk to be measured.
    #[arg(long)]
    data: PathBuf,
    /// An empty PostgreSQL database; without it only SQLite is measured, and the report says so.
    #[arg(long)]
    postgres_url: Option<String>,
    /// Connections of each cell.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    connections: Vec<usize>,
    /// Seconds that each cell is measured.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Tenants of the memory measurement; 0 leaves it out.
    #[arg(long, default_value_t = 1000)]
    tenants: usize,
    /// Only workloads whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
    /// When the run takes place, as the report should say it.
    #[arg(long, default_value = "at an unknown time")]
    recorded_at: String,
    /// The revision under test.
    #[arg(long, default_value = "unknown")]
    revision: String,
    /// The build profile of the binary under test.
    #[arg(long, default_value = "unknown")]
    profile: String,
    /// Where to write the results.
    #[arg(long)]
    out: PathBuf,
    /// Page whose tables are replaced.
    #[arg(long)]
    page: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Bare => bare::serve().await,
        Command::Limits { data, seconds } => {
            let limits = limits::measure(&[1, 16, 64], pace(seconds), &data, None).await?;
            println!("{}", serde_json::to_string_pretty(&limits)?);
            Ok(())
        }
        Command::Render { results } => {
            let report: Report = serde_json::from_slice(&std::fs::read(results)?)?;
            println!("{}", report::render(&report)?);
            Ok(())
        }
        Command::Run(arguments) => measure(*arguments).await,
    }
}

/// One fifth of the measured time, at most a second, to warm up.
fn pace(seconds: f64) -> Pace {
    Pace {
        warm_up: Duration::from_secs_f64((seconds / 5.0).min(1.0)),
        measure: Duration::from_secs_f64(seconds),
    }
}

async fn measure(arguments: RunArguments) -> Result<()> {
    let pace = pace(arguments.seconds);
    eprintln!("limits of the machine");
    let url = arguments.postgres_url.as_deref();
    let limits = limits::measure(&arguments.connections, pace, &arguments.data, url).await?;
    let plan = session::Plan {
        binary: arguments.authflow.clone(),
        connections: arguments.connections.clone(),
        pace,
        tenants: arguments.tenants,
        only: arguments.only.clone(),
    };
    let mut databases = vec![session::measure(&plan, "SQLite", &arguments.data.join("sqlite"), None).await?];
    if let Some(url) = arguments.postgres_url {
        let data = arguments.data.join("postgres");
        databases.push(session::measure(&plan, "PostgreSQL", &data, Some(url)).await?);
    }
    let report = Report {
        recorded_at: arguments.recorded_at,
        revision: arguments.revision,
        profile: arguments.profile,
        machine: machine()?,
        seconds_per_cell: arguments.seconds,
        binary_mib: file_mib(&arguments.authflow)?,
        limits,
        databases,
    };
    std::fs::write(&arguments.out, serde_json::to_string_pretty(&report)? + "\n")?;
    if let Some(page) = arguments.page {
        report::write_page(&page, &report)?;
    }
    println!("{}", report::render(&report)?);
    let failures = report.failures();
    if !failures.is_empty() {
        bail!("{} cells failed:\n{}", failures.len(), failures.join("\n"));
    }
    Ok(())
}

/// Processor and number of cores, as the kernel names them.
fn machine() -> Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
    let models: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("model name")?
                .split_once(": ")
                .map(|(_, name)| name)
        })
        .collect();
    Ok(format!(
        "{} x {}",
        models.len(),
        models.first().unwrap_or(&"unknown processor")
    ))
}

#[expect(clippy::cast_precision_loss, reason = "a file size far below 2^52")]
fn file_mib(path: &Path) -> Result<f64> {
    Ok(std::fs::metadata(path)?.len() as f64 / f64::from(1 << 20))
}
