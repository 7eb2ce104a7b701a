//! `authflow mail ..` and `authflow sms ..`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::InTenant;

/// `authflow mail`
#[derive(Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Send a test mail now, and say what the mail server said
    Test(Test),
    /// Render a mail with example data
    Preview(Preview),
    /// List the mails there are
    Templates,
}

/// `authflow sms`
#[derive(Debug, Subcommand)]
pub(crate) enum SmsCommand {
    /// Send a test message now, and say what the provider said
    Test(Test),
}

/// A message to somebody.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Tenant in whose name
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Address or number of the recipient
    #[arg(long, value_name = "RECIPIENT")]
    pub(crate) to: String,
    /// Language, such as de [default: en]
    #[arg(long, value_name = "LOCALE")]
    pub(crate) locale: Option<String>,
}

/// `authflow mail preview`
#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// Tenant with whose name, colours and words
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Which mail; `authflow mail templates` lists them
    #[arg(long, value_name = "NAME")]
    pub(crate) template: String,
    /// Language, such as de [default: en]
    #[arg(long, value_name = "LOCALE")]
    pub(crate) locale: Option<String>,
    /// Its HTML part
    #[arg(long, conflicts_with = "text")]
    pub(crate) html: bool,
    /// Its text part, the default
    #[arg(long)]
    pub(crate) text: bool,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
