use authflow_proto::registration::RegistrationError;
use axum::http::StatusCode;

use crate::Fault;
use crate::http::Problem;

/// Why an operation on a client was refused.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The tenant has no such client.
    #[error("there is no such client")]
    NotFound,
    /// The metadata is not acceptable (RFC 7591 2).
    #[error(transparent)]
    Metadata(#[from] RegistrationError),
    /// The name is empty or longer than 200 characters.
    #[error("a client's name has 1 to 200 characters")]
    Name,
    /// A scope is requested that the tenant does not have.
    #[error("the tenant has no scope `{0}`; create it first")]
    UnknownScope(String),
    /// An API resource is named that the tenant does not have.
    #[error("the tenant has no API resource `{0}`; create it first")]
    UnknownResource(String),
    /// An origin is not `scheme://host[:port]`.
    #[error("`{0}` is not a web origin such as `https://app.example.com`")]
    Origin(String),
    /// The client has no secret because it is public.
    #[error("a public client has no secret")]
    PublicClient,
    /// The initial access token is unknown, expired or used up.
    #[error("the initial access token is not valid")]
    InitialAccessToken,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for ClientError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl ClientError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "client.not_found",
            Self::Metadata(_) => "client.invalid_metadata",
            Self::Name => "client.invalid_name",
            Self::UnknownScope(_) => "client.unknown_scope",
            Self::UnknownResource(_) => "client.unknown_resource",
            Self::Origin(_) => "client.invalid_origin",
            Self::PublicClient => "client.public",
            Self::InitialAccessToken => "client.invalid_initial_access_token",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        let status = match error {
            ClientError::Fault(fault) => return fault.into(),
            ClientError::NotFound => StatusCode::NOT_FOUND,
            ClientError::InitialAccessToken => StatusCode::UNAUTHORIZED,
            ClientError::PublicClient => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.code(), "The client could not be changed").detail(error.to_string())
    }
}
