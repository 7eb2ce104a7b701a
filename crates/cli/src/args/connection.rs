//! `authflow connection ..`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{InTenant, Page};

/// `authflow connection`
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Let users sign in with another provider
    Create(Box<Create>),
    /// List connections
    List {
        /// Where
        #[command(flatten)]
        tenant: InTenant,
        /// Which
        #[command(flatten)]
        page: Page,
    },
    /// Show a connection
    Show(Which),
    /// Change a connection; what is not named stays as it is, lists are replaced as a whole
    Update(Box<Update>),
    /// Let a disabled connection be used again
    Enable(Which),
    /// Take a connection's button away and refuse sign-ins by it; links stay
    Disable(Which),
    /// Delete a connection and every link to it; accounts stay
    Delete(Which),
}

/// `authflow connection create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// What it is: oidc, oauth2, google, microsoft, apple, github, gitlab, linkedin, facebook, discord or slack
    #[arg(long, value_name = "PRESET")]
    pub(crate) preset: String,
    /// Short name, part of the redirect URI [default: the preset]
    #[arg(long, value_name = "SLUG")]
    pub(crate) slug: Option<String>,
    /// Our client id there
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// The rest
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// `authflow connection update`
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Which
    #[command(flatten)]
    pub(crate) which: Which,
    /// Our client id there
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// The rest
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// A connection of a tenant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Short name of the connection
    pub(crate) connection: String,
}

/// What a connection is made of. What is absent is the preset's.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// Name on the button
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Our secret there; other users of this machine may see it: prefer --client-secret-stdin
    #[arg(long, value_name = "SECRET", conflicts_with_all = ["client_secret_stdin", "apple_key"])]
    pub(crate) client_secret: Option<String>,
    /// Read the secret from the first line of standard input
    #[arg(long, conflicts_with = "apple_key")]
    pub(crate) client_secret_stdin: bool,
    /// Sign in with Apple: the key file (.p8) in place of a secret
    #[arg(long, value_name = "FILE", requires = "apple_team_id")]
    pub(crate) apple_key: Option<PathBuf>,
    /// Sign in with Apple: the team's id
    #[arg(long, value_name = "ID", requires = "apple_key_id")]
    pub(crate) apple_team_id: Option<String>,
    /// Sign in with Apple: the key's id
    #[arg(long, value_name = "ID", requires = "apple_team_id")]
    pub(crate) apple_key_id: Option<String>,
    /// Issuer, exactly as in its tokens
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// Where people are sent, for providers without discovery
    #[arg(long, value_name = "URL")]
    pub(crate) authorization_endpoint: Option<String>,
    /// Where codes are redeemed, for providers without discovery
    #[arg(long, value_name = "URL")]
    pub(crate) token_endpoint: Option<String>,
    /// Where the access token tells who somebody is
    #[arg(long, value_name = "URL")]
    pub(crate) userinfo_endpoint: Option<String>,
    /// Where the access token tells which addresses they have (GitHub)
    #[arg(long, value_name = "URL")]
    pub(crate) emails_endpoint: Option<String>,
    /// Scope to ask for; repeat for several
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// How we authenticate: client_secret_basic, client_secret_post or none
    #[arg(long, value_name = "METHOD")]
    pub(crate) auth_method: Option<String>,
    /// CLAIM=PATH: where the provider has a claim of ours, such as email=mail; an empty path takes it out
    #[arg(long = "map", value_name = "CLAIM=PATH")]
    pub(crate) mapping: Vec<String>,
    /// NAME=VALUE: a further parameter of the authorization request, such as hd=example.com
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) extra: Vec<String>,
    /// E-mail domain whose owners sign in with it; repeat for several
    #[arg(long = "domain", value_name = "DOMAIN")]
    pub(crate) domains: Vec<String>,
    /// Organization whose members sign in with it
    #[arg(long, value_name = "NAME")]
    pub(crate) organization: Option<String>,
    /// Whether strangers may get an account by it [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(crate) sign_up: Option<bool>,
    /// Whether an address that it calls verified counts as proven; decides over linking [default: by preset]
    #[arg(long, value_name = "BOOL")]
    pub(crate) trust_email: Option<bool>,
    /// Whether its second factor counts in place of ours [default: false]
    #[arg(long, value_name = "BOOL")]
    pub(crate) trust_amr: Option<bool>,
    /// Whether the sign-in page has a button for it [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(crate) button: Option<bool>,
    /// Whether codes are bound by PKCE [default: by preset]
    #[arg(long, value_name = "BOOL")]
    pub(crate) pkce: Option<bool>,
    /// Place among the buttons, smallest first
    #[arg(long, value_name = "N")]
    pub(crate) position: Option<i64>,
}
