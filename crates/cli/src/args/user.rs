//! `authflow user ..`

use clap::{Args, Subcommand};

use super::{InTenant, Page};

/// `authflow user`
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create a user who signs in with e-mail and password
    Create(Create),
    /// List users
    List {
        /// Where
        #[command(flatten)]
        tenant: InTenant,
        /// Which
        #[command(flatten)]
        page: Page,
    },
    /// Show a user
    Show(Which),
    /// Refuse sign-ins of a user and end their sessions and tokens; nothing is deleted
    Disable(Which),
    /// Let a disabled user sign in again
    Enable(Which),
}

/// `authflow user create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
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
    /// The e-mail address is known to be theirs
    #[arg(long)]
    pub(crate) verified: bool,
    /// Full name
    #[arg(long)]
    pub(crate) name: Option<String>,
}

/// A user of a tenant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Id (usr_..) or e-mail address
    pub(crate) user: String,
}
