//! `authflow operator ..`

use clap::{Args, Subcommand};

use super::Page;

/// `authflow operator`
#[derive(Debug, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Make an operator who signs in with e-mail and password
    Create(Create),
    /// List operators
    List(Page),
    /// Print a one-time link with which the first operator claims this installation; the one before stops working
    ClaimLink,
}

/// `authflow operator create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// E-mail address
    #[arg(long)]
    pub(crate) email: String,
    /// Password; other users of this machine may see it: prefer --password-stdin
    #[arg(
        long,
        required_unless_present = "password_stdin",
        conflicts_with = "password_stdin"
    )]
    pub(crate) password: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Full name
    #[arg(long)]
    pub(crate) name: Option<String>,
}
