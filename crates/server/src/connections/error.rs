use axum::http::StatusCode;

use authflow_proto::upstream::{AppleKeyError, MappingError};

use crate::Fault;
use crate::http::Problem;
use crate::net::Refusal;

/// Why an operation on a connection was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The tenant has no such connection.
    #[error("the tenant has no connection `{0}`")]
    NotFound(String),
    /// Not a short name.
    #[error(
        "`{0}` is not a short name: use 1 to 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit"
    )]
    Slug(String),
    /// Another connection of the tenant has it.
    #[error("the tenant has a connection `{0}` already")]
    SlugTaken(String),
    /// The name is empty or too long.
    #[error("a connection's name has 1 to 100 characters, none of them invisible")]
    Name,
    /// The client id is empty or too long.
    #[error("a client id has 1 to 512 visible characters")]
    ClientId,
    /// The connection needs a secret and has none.
    #[error("this connection needs a client secret")]
    SecretMissing,
    /// The secret is empty, too long, or not text.
    #[error("a client secret has 1 to 8192 bytes")]
    Secret,
    /// Apple's key file is not one.
    #[error(transparent)]
    AppleKey(#[from] AppleKeyError),
    /// Sign in with Apple lacks the team's or the key's id.
    #[error("Sign in with Apple needs a team id and a key id")]
    AppleTeam,
    /// A provider with discovery needs an issuer.
    #[error("this connection needs an issuer, such as `https://idp.example.com`")]
    IssuerMissing,
    /// The issuer is no address.
    #[error("`{0}` is not an issuer: expected an address without query and fragment")]
    Issuer(String),
    /// A provider without discovery needs its addresses.
    #[error("this connection needs `{0}`")]
    EndpointMissing(&'static str),
    /// An address that we may not talk to.
    #[error("`{url}` cannot be used: {reason}")]
    Url {
        /// Which.
        url: String,
        /// Why.
        reason: Refusal,
    },
    /// A scope is malformed.
    #[error("`{0}` is not a scope")]
    Scope(String),
    /// The claim mapping names a claim that does not exist, or an impossible path.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Not an e-mail domain.
    #[error("`{0}` is not an e-mail domain, such as `example.com`")]
    Domain(String),
    /// Not a name for an organization.
    #[error("`{0}` is not an organization: use 1 to 100 visible characters")]
    Organization(String),
    /// Another connection has the domain or the organization.
    #[error("another connection of the tenant has `{0}`")]
    RouteTaken(String),
    /// Further parameters are too many or too long.
    #[error("at most 20 further parameters of at most 500 characters")]
    Extra,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for ConnectionError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl ConnectionError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "connection.not_found",
            Self::Slug(_) => "connection.invalid_slug",
            Self::SlugTaken(_) => "connection.slug_taken",
            Self::Name => "connection.invalid_name",
            Self::ClientId => "connection.invalid_client_id",
            Self::SecretMissing | Self::Secret => "connection.invalid_secret",
            Self::AppleKey(_) | Self::AppleTeam => "connection.invalid_apple_key",
            Self::IssuerMissing | Self::Issuer(_) => "connection.invalid_issuer",
            Self::EndpointMissing(_) | Self::Url { .. } => "connection.invalid_endpoint",
            Self::Scope(_) => "connection.invalid_scope",
            Self::Mapping(_) => "connection.invalid_mapping",
            Self::Domain(_) | Self::Organization(_) => "connection.invalid_route",
            Self::RouteTaken(_) => "connection.route_taken",
            Self::Extra => "connection.invalid_parameter",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<ConnectionError> for Problem {
    fn from(error: ConnectionError) -> Self {
        let status = match error {
            ConnectionError::Fault(fault) => return fault.into(),
            ConnectionError::NotFound(_) => StatusCode::NOT_FOUND,
            ConnectionError::SlugTaken(_) | ConnectionError::RouteTaken(_) => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.code(), "The connection could not be changed").detail(error.to_string())
    }
}
