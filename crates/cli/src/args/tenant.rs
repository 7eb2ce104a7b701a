//! `authflow tenant ..`

use clap::{Args, Subcommand, ValueEnum};

use super::Page;

/// `authflow tenant`
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Create a tenant
    Create(Create),
    /// List tenants
    List(Page),
    /// Show a tenant
    Show {
        /// Its short name
        slug: String,
    },
    /// Change a tenant; what is not named stays as it is
    Update(Update),
}

/// `authflow tenant create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Short name, part of the tenant's address: a-z, 0-9 and -
    #[arg(long)]
    pub(crate) slug: String,
    /// Name for people
    #[arg(long)]
    pub(crate) name: String,
    /// What its administrators decide
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// `authflow tenant update`
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Its short name
    pub(crate) slug: String,
    /// Name for people
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Whether it answers requests
    #[arg(long, value_enum)]
    pub(crate) status: Option<Status>,
    /// What its administrators decide
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// How its pages look
    #[command(flatten)]
    pub(crate) branding: Branding,
}

/// Settings of a tenant.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// Who may register clients at /oauth2/register
    #[arg(long, value_enum)]
    pub(crate) registration: Option<Registration>,
    /// Whether strangers may create an account on the hosted page
    #[arg(long, value_name = "true|false")]
    pub(crate) sign_up: Option<bool>,
    /// Whether an account is made only when the link in a mail to its address is followed
    #[arg(long, value_name = "true|false")]
    pub(crate) sign_up_requires_verification: Option<bool>,
    /// Language of its pages when the browser names none, such as de
    #[arg(long, value_name = "LOCALE")]
    pub(crate) default_locale: Option<String>,
    /// Country whose numbers receive text messages, such as DE, among those that the installation allows; repeat it
    #[arg(long = "sms-country", value_name = "COUNTRY")]
    pub(crate) sms_countries: Vec<String>,
    /// Most text messages in a day
    #[arg(long, value_name = "N")]
    pub(crate) sms_per_day: Option<u32>,
    /// Any setting by its name in `tenant show --json`, such as mfa=required or methods.magic_link=true; may be repeated
    #[arg(long = "setting", value_name = "KEY=VALUE")]
    pub(crate) named: Vec<String>,
}

/// Branding of a tenant.
#[derive(Debug, Args)]
pub(crate) struct Branding {
    /// File with all of its branding, as JSON: what is not in it returns to the default
    #[arg(long = "branding", value_name = "FILE")]
    pub(crate) file: Option<std::path::PathBuf>,
    /// Logo on its pages: an https address
    #[arg(long, value_name = "URL")]
    pub(crate) logo_uri: Option<String>,
    /// Colour of buttons and links, such as #0b5fff
    #[arg(long, value_name = "COLOUR")]
    pub(crate) primary_color: Option<String>,
}

/// Whether a tenant answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Status {
    /// It does
    Active,
    /// Every request is refused; nothing is deleted
    Suspended,
}

/// Who may register clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Registration {
    /// Nobody
    Off,
    /// Who presents an initial access token
    InitialAccessToken,
    /// Anybody, within the rate limits
    Open,
}
