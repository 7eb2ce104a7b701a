//! What can be said on the command line. Changing or removing a word here breaks people's scripts.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod key;
pub(crate) mod mail;
pub(crate) mod operator;
pub(crate) mod resource;
pub(crate) mod tenant;
pub(crate) mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// One binary that signs your users in: an OAuth 2.0 and OpenID Connect provider for many tenants.
#[derive(Debug, Parser)]
#[command(
    name = "authflow",
    version,
    propagate_version = true,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes. Each is also a setting: see docs/configuration.md.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Folder of the database, the master key and authflow.toml [default: .authflow]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Installation")]
    pub(crate) data: Option<PathBuf>,
    /// Configuration file [default: <data>/authflow.toml, then ./authflow.toml]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Installation")]
    pub(crate) config: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [default: sqlite:<data>/authflow.db]
    #[arg(long, global = true, value_name = "URL", help_heading = "Installation")]
    pub(crate) database_url: Option<String>,
    /// Where browsers and clients reach Authflow [default: http://localhost and the port of --listen]
    #[arg(long, global = true, value_name = "URL", help_heading = "Installation")]
    pub(crate) base_url: Option<String>,
    /// Print one JSON object on standard output, also for errors
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,
    /// How log lines look: pretty or json
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) log_format: Option<String>,
    /// Least level of log lines, or directives such as info,authflow_server=debug
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Output")]
    pub(crate) log_level: Option<String>,
}

/// Addresses of `serve` and `dev`.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Address of the public listener [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Address of the private listener with health and metrics [default: 127.0.0.1:9080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin_listen: Option<String>,
}

/// The tenant a command works in.
#[derive(Debug, Args)]
pub(crate) struct InTenant {
    /// Short name of the tenant
    #[arg(long, value_name = "SLUG", default_value = "default")]
    pub(crate) tenant: String,
}

/// Which part of a list to print.
#[derive(Debug, Args)]
pub(crate) struct Page {
    /// Most rows
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(crate) limit: u16,
    /// Continue after this: next_cursor of the page before
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(Listen),
    /// Try Authflow: server, demo user and demo application on this machine, nothing to configure
    Dev(Listen),
    /// Bring the database to this version
    Migrate,
    /// Check configuration, master key and database, without changing anything
    Doctor,
    /// Print the configuration in effect, or the reference of all settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Tenants
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Users of a tenant
    #[command(subcommand)]
    User(user::UserCommand),
    /// Operators: those who run this installation
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
    /// Clients: applications that sign their users in
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Connections: other providers that users of a tenant sign in with
    #[command(subcommand)]
    Connection(connection::ConnectionCommand),
    /// Signing keys of a tenant, and the master key
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Mail: test the server, look at the templates
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Text messages: test the provider
    #[command(subcommand)]
    Sms(mail::SmsCommand),
    /// API resources: audiences of access tokens
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// Scopes that clients may ask for
    #[command(subcommand)]
    Scope(resource::ScopeCommand),
}

/// `authflow config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the configuration in effect; secrets are left out
    Show,
    /// Print the reference of all settings, in Markdown
    Reference,
}

impl Command {
    /// Whether it serves requests, and so wants every processor.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Serve(_) | Self::Dev(_))
    }

    /// The addresses given, if it serves requests.
    pub(crate) fn listen(&self) -> Option<&Listen> {
        match self {
            Self::Serve(listen) | Self::Dev(listen) => Some(listen),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_tree_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_scripting_contract_is_understood() {
        for line in [
            "authflow serve --data d --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --base-url https://a.example --database-url sqlite:x",
            "authflow dev",
            "authflow migrate --config authflow.toml --log-format json",
            "authflow doctor --json",
            "authflow --data d tenant create --slug s --name N --json",
            "authflow tenant list --json",
            "authflow tenant show s",
            "authflow user create --tenant s --email a@b.example --password p --verified --json",
            "authflow user create --tenant s --email a@b.example --password-stdin",
            "authflow operator create --email a@b.example --password-stdin --json",
            "authflow operator create --email a@b.example --password p --name N",
            "authflow operator list --limit 5 --json",
            "authflow operator claim-link --json",
            "authflow user disable --tenant s a@b.example",
            "authflow user import --tenant s users.jsonl --dry-run --on-conflict update --errors e.jsonl",
            "authflow user import --tenant s - --on-conflict fail --hash-parameters firebase.json",
            "authflow user import --tenant s users.jsonl --resume --json",
            "authflow user invite --tenant s --email a@b.example --name N --locale de --json",
            "authflow user export --tenant s --with-password-hashes",
            "authflow client create --tenant s --name N --type confidential --redirect-uri https://a/cb --redirect-uri https://b/cb --post-logout-redirect-uri https://a/ --grant authorization_code --grant refresh_token --scope openid --scope profile --json",
            "authflow client rotate-secret --tenant s cli_x",
            "authflow client initial-access-token --tenant s --uses 3 --expires-in 3600",
            "authflow connection create --tenant s --preset google --client-id x --client-secret y --json",
            "authflow connection create --tenant s --preset oidc --slug acme --issuer https://idp.example --client-id x --client-secret-stdin --domain acme.example --trust-email true --map email=mail --json",
            "authflow connection create --tenant s --preset apple --client-id x --apple-key k.p8 --apple-team-id T --apple-key-id K",
            "authflow connection update --tenant s google --button false",
            "authflow connection disable --tenant s google",
            "authflow key rotate --tenant s",
            "authflow key rewrap",
            "authflow mail test --to a@b.example --json",
            "authflow mail preview --tenant s --template magic_link --locale de --html --out f",
            "authflow sms test --to +4915123456789",
            "authflow resource create --tenant s --identifier https://api.example --name API",
            "authflow scope create --tenant s --name orders:read --description Orders --resource https://api.example",
        ] {
            Cli::try_parse_from(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn unknown_words_are_refused() {
        for line in [
            "authflow",
            "authflow tenants list",
            "authflow tenant create",
            "authflow client create --name N --type secret",
            "authflow user create --email a@b.example --password p --password-stdin",
            "authflow tenant list --limit 0",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
