//! `authflow user ..`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    /// Ask somebody by mail to make an account
    Invite(Invite),
    /// Bring users in from lines of JSON (docs/import.md)
    Import(Import),
    /// Write users as lines of JSON, which import reads
    Export(Export),
}

/// `authflow user invite`
#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// E-mail address; the account is made with it and no other
    #[arg(long)]
    pub(crate) email: String,
    /// Full name, as far as known
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Language of the mail
    #[arg(long, value_name = "TAG")]
    pub(crate) locale: Option<String>,
}

/// `authflow user import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Lines of JSON; - is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Check every line, write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Go on where an interrupted import of the same file came to
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) resume: bool,
    /// What happens to lines whose user is there already
    #[arg(long, value_enum, value_name = "HOW", default_value = "skip")]
    pub(crate) on_conflict: ConflictPolicy,
    /// Write lines that are left out to this file, as lines of JSON, instead of standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
    /// What all password hashes have in common, as one JSON object: the parameters of a Firebase project
    #[arg(long, value_name = "FILE")]
    pub(crate) hash_parameters: Option<PathBuf>,
}

/// What happens to a user who is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConflictPolicy {
    /// Leave the line out
    Skip,
    /// Replace what the line names
    Update,
    /// End there
    Fail,
}

/// `authflow user export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Also password hashes; whoever has them can guess passwords at leisure
    #[arg(long)]
    pub(crate) with_password_hashes: bool,
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
