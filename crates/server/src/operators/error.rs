use axum::http::StatusCode;

use crate::Fault;
use crate::http::Problem;
use crate::identities::IdentityError;
use crate::roles::RoleError;
use crate::tenants::TenantError;

/// Why an operator was not made.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The link was used, replaced, is too old, or the installation has an operator.
    #[error("the link does not work any more; `authflow operator claim-link` prints a new one")]
    LinkUnusable,
    /// The installation has an operator, so nobody may claim it.
    #[error("the installation has an operator; `authflow operator list` says whom")]
    Claimed,
    /// The user is not valid.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The role could not be given.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// The `system` tenant could not be made.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for OperatorError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl OperatorError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LinkUnusable => "operator.link_unusable",
            Self::Claimed => "operator.claimed",
            Self::Identity(error) => error.code(),
            Self::Role(error) => error.code(),
            Self::Tenant(error) => error.code(),
            Self::Fault(_) => "internal",
        }
    }
}

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        let (status, title) = match error {
            OperatorError::Fault(fault) => return fault.into(),
            OperatorError::Identity(error) => return error.into(),
            OperatorError::Role(error) => return error.into(),
            OperatorError::Tenant(error) => return error.into(),
            OperatorError::LinkUnusable => (StatusCode::GONE, "The link does not work any more"),
            OperatorError::Claimed => (StatusCode::CONFLICT, "The installation has an operator"),
        };
        Self::new(status, error.code(), title).detail(error.to_string())
    }
}
