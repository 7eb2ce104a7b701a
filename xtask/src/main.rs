//! Developer tasks: `cargo xtask generate|audit|bench`.
//!
//! What can be said in one line of the Makefile is said there; here is what needs more.

mod audit;
mod bench;
mod errors;
mod generate;
mod packages;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write the files that are generated from the code
    Generate {
        /// Write nothing; fail if a file is not what would be written
        #[arg(long)]
        check: bool,
    },
    /// Refuse dependencies whose licence is not allowed, and those banned in deny.toml
    Audit,
    /// Build for release and run the load driver; further arguments are the driver's
    Bench {
        /// Arguments of the driver
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let root = root()?;
    match task {
        Task::Generate { check } => generate::run(&root, check),
        Task::Audit => audit::run(&root),
        Task::Bench { arguments } => bench::run(&root, &arguments),
    }
}

/// The root of the repository.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .map(Path::to_owned)
        .context("xtask stands in a folder of the repository")
}
