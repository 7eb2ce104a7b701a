//! `authflow key ..`

use clap::Subcommand;

use super::InTenant;

/// `authflow key`
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List signing keys
    List(InTenant),
    /// Let the next signing keys take over; the old ones stay published until their tokens have expired
    Rotate(InTenant),
    /// Wrap every tenant's data key under the active master key, after a new one was put before the old
    Rewrap,
}
