use axum::http::StatusCode;

use super::{IdentifierError, IdentifierKind, ProfileError};
use crate::Fault;
use crate::http::Problem;
use crate::passwords::{PasswordProblem, StoredHashError};

/// Why an operation on a user was refused.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// No such user in this tenant.
    #[error("there is no such user")]
    NotFound,
    /// An identifier is malformed.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// Another user of the tenant has the identifier.
    #[error("another user has this {}", kind.as_str())]
    IdentifierTaken {
        /// Its kind.
        kind: IdentifierKind,
    },
    /// A user needs at least one identifier to be recognised by.
    #[error("a user needs an e-mail address, a phone number or a user name")]
    NoIdentifier,
    /// A claim is out of bounds.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Custom attributes are larger than 16 KiB.
    #[error("attributes take at most 16 KiB as JSON")]
    Attributes,
    /// The password breaks a rule.
    #[error(transparent)]
    Password(PasswordProblem),
    /// The imported hash is of no kind that can be verified, or its cost is out of bounds.
    #[error(transparent)]
    ImportedHash(StoredHashError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for IdentityError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl IdentityError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "user.not_found",
            Self::Identifier(_) | Self::NoIdentifier => "user.invalid_identifier",
            Self::IdentifierTaken { .. } => "user.identifier_taken",
            Self::Profile(_) => "user.invalid_profile",
            Self::Attributes => "user.invalid_attributes",
            Self::Password(_) => "user.invalid_password",
            Self::ImportedHash(_) => "user.invalid_password_hash",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        let (status, title) = match error {
            IdentityError::Fault(fault) => return fault.into(),
            IdentityError::NotFound => (StatusCode::NOT_FOUND, "There is no such user"),
            IdentityError::IdentifierTaken { .. } => (StatusCode::CONFLICT, "The identifier is taken"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "The user is not valid"),
        };
        Self::new(status, error.code(), title).detail(error.to_string())
    }
}
