use authflow_proto::jose::Algorithm;
use axum::http::StatusCode;

use crate::Fault;
use crate::http::Problem;

/// Why an operation on API resources or scopes was refused.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// Not an absolute URI without a fragment (RFC 8707 2).
    #[error("`{0}` is not an absolute URI without a fragment, such as `https://api.example.com`")]
    Identifier(String),
    /// The tenant has a resource with this identifier.
    #[error("the tenant has an API resource `{0}` already")]
    IdentifierTaken(String),
    /// Not a scope token (RFC 6749 3.3).
    #[error("`{0}` is not a scope: use 1 to 128 printable characters without space, `\"` and `\\`")]
    ScopeName(String),
    /// The tenant has the scope, or it is one of OpenID Connect's.
    #[error("the tenant has a scope `{0}` already")]
    ScopeTaken(String),
    /// No resource has the identifier.
    #[error("the tenant has no API resource `{0}`")]
    ResourceNotFound(String),
    /// The name or description is empty or too long.
    #[error("names and descriptions have 1 to 500 characters")]
    Text,
    /// Access tokens live between 10 seconds and 24 hours.
    #[error("an access token lives between 10 and 86400 seconds")]
    Ttl,
    /// Access tokens are verified with a public key.
    #[error("`{}` signs no access tokens: use ES256, EdDSA, RS256 or PS256", .0.as_str())]
    Algorithm(Algorithm),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for ResourceError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl ResourceError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Identifier(_) => "resource.invalid_identifier",
            Self::IdentifierTaken(_) => "resource.identifier_taken",
            Self::ScopeName(_) => "scope.invalid_name",
            Self::ScopeTaken(_) => "scope.name_taken",
            Self::ResourceNotFound(_) => "resource.not_found",
            Self::Text => "resource.invalid_text",
            Self::Ttl => "resource.invalid_ttl",
            Self::Algorithm(_) => "resource.invalid_algorithm",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<ResourceError> for Problem {
    fn from(error: ResourceError) -> Self {
        let status = match error {
            ResourceError::Fault(fault) => return fault.into(),
            ResourceError::ResourceNotFound(_) => StatusCode::NOT_FOUND,
            ResourceError::IdentifierTaken(_) | ResourceError::ScopeTaken(_) => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, error.code(), "The API resource could not be changed").detail(error.to_string())
    }
}
