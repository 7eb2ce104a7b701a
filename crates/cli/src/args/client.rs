//! `authflow client ..`

use clap::{Args, Subcommand, ValueEnum};

use super::{InTenant, Page};

/// `authflow client`
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Register a client; its secret is printed once
    Create(Box<Create>),
    /// List clients
    List {
        /// Where
        #[command(flatten)]
        tenant: InTenant,
        /// Which
        #[command(flatten)]
        page: Page,
    },
    /// Show a client
    Show(Which),
    /// Change a client; what is not named stays as it is, lists are replaced as a whole
    Update(Box<Update>),
    /// Refuse a client and end its tokens; nothing is deleted
    Disable(Which),
    /// Let a disabled client be used again
    Enable(Which),
    /// Delete a client and everything it was granted
    Delete(Which),
    /// Give a client a new secret; the old one is accepted a while longer
    RotateSecret(RotateSecret),
    /// Make a token with which somebody may register clients where the tenant asks for one; printed once
    InitialAccessToken(InitialAccessToken),
}

/// Whether a client can keep a secret (RFC 6749 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientType {
    /// It runs on a server
    Confidential,
    /// It runs in a browser or on a device
    Public,
}

/// `authflow client create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Name for people: shown on the consent page
    #[arg(long)]
    pub(crate) name: String,
    /// Whether it can keep a secret
    #[arg(long = "type", value_enum)]
    pub(crate) kind: ClientType,
    /// What it registers
    #[command(flatten)]
    pub(crate) registered: Registered,
    /// What the tenant decides about it
    #[command(flatten)]
    pub(crate) policy: Policy,
}

/// `authflow client update`
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Which
    #[command(flatten)]
    pub(crate) which: Which,
    /// Name for people: shown on the consent page
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What it registers
    #[command(flatten)]
    pub(crate) registered: Registered,
    /// What the tenant decides about it
    #[command(flatten)]
    pub(crate) policy: Policy,
}

/// Registered metadata (RFC 7591 2, OpenID Connect Dynamic Client Registration 2).
#[derive(Debug, Args)]
pub(crate) struct Registered {
    /// Where codes may be sent, compared exactly; repeat for more
    #[arg(long, value_name = "URI")]
    pub(crate) redirect_uri: Vec<String>,
    /// Where a browser may go after sign-out; repeat for more
    #[arg(long, value_name = "URI")]
    pub(crate) post_logout_redirect_uri: Vec<String>,
    /// Grant type: authorization_code, refresh_token or client_credentials; repeat for more
    #[arg(long, value_name = "GRANT")]
    pub(crate) grant: Vec<String>,
    /// Scope it may ask for; repeat for more
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// How it authenticates: none, client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt
    #[arg(long, value_name = "METHOD")]
    pub(crate) auth_method: Option<String>,
    /// web, or native for an application on a device
    #[arg(long, value_name = "TYPE")]
    pub(crate) application_type: Option<String>,
    /// Where its public keys are, for private_key_jwt
    #[arg(long, value_name = "URL", conflicts_with = "jwks")]
    pub(crate) jwks_uri: Option<String>,
    /// File with its public keys (a JWK Set), for private_key_jwt
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks: Option<std::path::PathBuf>,
    /// Algorithm of its ID tokens: RS256, ES256, PS256 or EdDSA
    #[arg(long, value_name = "ALG")]
    pub(crate) id_token_alg: Option<String>,
    /// Sign userinfo answers with this algorithm
    #[arg(long, value_name = "ALG")]
    pub(crate) userinfo_alg: Option<String>,
    /// public or pairwise
    #[arg(long, value_name = "TYPE")]
    pub(crate) subject_type: Option<String>,
    /// Where the redirect URIs of a pairwise group are listed
    #[arg(long, value_name = "URL")]
    pub(crate) sector_identifier_uri: Option<String>,
    /// Where it is told that a session has ended
    #[arg(long, value_name = "URL")]
    pub(crate) backchannel_logout_uri: Option<String>,
    /// Its home page
    #[arg(long, value_name = "URL")]
    pub(crate) client_uri: Option<String>,
    /// Its logo
    #[arg(long, value_name = "URL")]
    pub(crate) logo_uri: Option<String>,
    /// Its privacy policy
    #[arg(long, value_name = "URL")]
    pub(crate) policy_uri: Option<String>,
    /// Its terms of service
    #[arg(long, value_name = "URL")]
    pub(crate) tos_uri: Option<String>,
}

/// What a tenant decides about a client.
#[derive(Debug, Args)]
pub(crate) struct Policy {
    /// Whether it must use PKCE; always so for public clients
    #[arg(long, value_name = "true|false")]
    pub(crate) require_pkce: Option<bool>,
    /// Whether it is the tenant's own: users are not asked for consent
    #[arg(long, value_name = "true|false")]
    pub(crate) first_party: Option<bool>,
    /// Scope that a request without one gets; repeat for more
    #[arg(long, value_name = "SCOPE")]
    pub(crate) default_scope: Vec<String>,
    /// API resource it may ask tokens for, all when none is named; repeat for more
    #[arg(long, value_name = "IDENTIFIER")]
    pub(crate) resource: Vec<String>,
    /// Origin of pages that may call the token endpoint, beside those of its redirect URIs; repeat for more
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allowed_origin: Vec<String>,
    /// Whether each use of a refresh token gives a new one
    #[arg(long, value_name = "true|false")]
    pub(crate) rotate_refresh_tokens: Option<bool>,
    /// Lifetime of its access tokens in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) access_token_ttl: Option<u64>,
    /// Whose access tokens it may introspect
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub(crate) introspection: Option<Introspection>,
}

/// Whose access tokens a client may introspect (RFC 7662).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Introspection {
    /// Every one of the tenant
    Tenant,
    /// Those issued to it, and those for the API resources named by --resource
    Own,
}

/// A client of a tenant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// Its client_id (cli_..)
    pub(crate) client_id: String,
}

/// `authflow client rotate-secret`
#[derive(Debug, Args)]
pub(crate) struct RotateSecret {
    /// Which
    #[command(flatten)]
    pub(crate) which: Which,
    /// For so many seconds the old secret is still accepted
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = clap::value_parser!(u64).range(0..=2_592_000))]
    pub(crate) overlap: u64,
}

/// `authflow client initial-access-token`
#[derive(Debug, Args)]
pub(crate) struct InitialAccessToken {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// How many clients it may register
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) uses: u32,
    /// For so many seconds it is accepted
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = clap::value_parser!(u64).range(60..=31_536_000))]
    pub(crate) expires_in: u64,
}
