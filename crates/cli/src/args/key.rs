//! `authflow key ..`

use clap::{Args, Subcommand};

use super::InTenant;

/// `authflow key`
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List signing keys
    List(InTenant),
    /// Let the next signing key take over; the old one stays published until its tokens have expired
    Rotate(Rotate),
}

/// `authflow key rotate`
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Only this algorithm: RS256, ES256, PS256 or EdDSA [default: every algorithm in use]
    #[arg(long, value_name = "ALG")]
    pub(crate) algorithm: Option<String>,
}
