//! `authflow resource ..` and `authflow scope ..`

use clap::{Args, Subcommand, ValueEnum};

use super::InTenant;

/// `authflow resource`
#[derive(Debug, Subcommand)]
pub(crate) enum ResourceCommand {
    /// Create an API resource
    Create(CreateResource),
    /// List API resources
    List(InTenant),
}

/// `authflow scope`
#[derive(Debug, Subcommand)]
pub(crate) enum ScopeCommand {
    /// Create a scope
    Create(CreateScope),
    /// List scopes
    List(InTenant),
}

/// What an API resource's access tokens are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenFormat {
    /// Signed, checked by the API itself (RFC 9068)
    Jwt,
    /// Random, checked by introspection (RFC 7662)
    Opaque,
}

/// `authflow resource create`
#[derive(Debug, Args)]
pub(crate) struct CreateResource {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// The audience: an absolute URI such as https://api.example.com (RFC 8707)
    #[arg(long, value_name = "URI")]
    pub(crate) identifier: String,
    /// Name for people
    #[arg(long)]
    pub(crate) name: String,
    /// What its access tokens are
    #[arg(long, value_enum, default_value = "jwt")]
    pub(crate) token_format: TokenFormat,
    /// Algorithm that signs its access tokens: ES256, EdDSA, RS256 or PS256
    #[arg(long, value_name = "ALG", default_value = "ES256")]
    pub(crate) signing_alg: String,
    /// Lifetime of its access tokens in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) access_token_ttl: Option<u64>,
}

/// `authflow scope create`
#[derive(Debug, Args)]
pub(crate) struct CreateScope {
    /// Where
    #[command(flatten)]
    pub(crate) tenant: InTenant,
    /// The scope, such as orders:read
    #[arg(long)]
    pub(crate) name: String,
    /// What it allows, in words for the consent page
    #[arg(long, default_value = "")]
    pub(crate) description: String,
    /// API resource it belongs to
    #[arg(long, value_name = "IDENTIFIER")]
    pub(crate) resource: Option<String>,
}
