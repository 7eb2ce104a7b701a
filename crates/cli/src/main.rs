//! The binary `authflow`: runs the server and does an operator's work from the command line.
//!
//! Results go to standard output (tables for people, one JSON object with `--json`), logs and errors to
//! standard error. Exit codes: 0 done, 1 failed, 2 not understood. Read [`args`] (what can be said),
//! [`commands`] (what is done), [`output`] and [`failure`] (how it is told), [`telemetry`].
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

#[expect(
    clippy::doc_markdown,
    reason = "its comments are the help text, which has no markup"
)]
mod args;
mod commands;
mod failure;
mod output;
mod telemetry;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::failure::Failure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let wants_json = std::env::args_os().any(|arg| arg == "--json");
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return failure::of_arguments(&error, wants_json),
    };
    let json = cli.global.json;
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => failure.report(json),
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let mut builder = if cli.command.is_server() {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| Failure::runtime(&error))?;
    let reply = runtime.block_on(commands::run(cli))?;
    reply
        .print(cli.global.json)
        .map_err(|error| Failure::output(&error))?;
    Ok(reply.exit_code())
}
