use axum::http::StatusCode;

use super::model::{Action, Role};
use crate::Fault;
use crate::http::Problem;

/// Why somebody may not act on something.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The tenant has no such thing, or it is another tenant's.
    #[error("there is no such thing in this tenant")]
    Invisible(&'static str),
    /// The caller lacks a permission.
    #[error("this needs the permission `{0}`")]
    Forbidden(Action),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for Denied {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl Denied {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invisible(code) => code,
            Self::Forbidden(_) => "forbidden",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<Denied> for Problem {
    fn from(error: Denied) -> Self {
        let (status, title) = match error {
            Denied::Fault(fault) => return fault.into(),
            Denied::Invisible(_) => (StatusCode::NOT_FOUND, "There is no such thing"),
            Denied::Forbidden(_) => (StatusCode::FORBIDDEN, "The caller may not do this"),
        };
        Self::new(status, error.code(), title).detail(error.to_string())
    }
}

/// Why a role was not given or withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// No built-in role has the name.
    #[error("`{0}` is not a role: use operator, owner, admin, developer, support, billing or viewer")]
    Unknown(String),
    /// Operators are made in the `system` tenant, all others in the tenant that they administer.
    #[error("the role `{0}` cannot be given in this tenant")]
    Misplaced(Role),
    /// Only users of the `system` tenant administer.
    #[error("the `system` tenant has no such user")]
    NoUser,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for RoleError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl RoleError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "role.unknown",
            Self::Misplaced(_) => "role.misplaced",
            Self::NoUser => "role.no_user",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<RoleError> for Problem {
    fn from(error: RoleError) -> Self {
        let status = match error {
            RoleError::Fault(fault) => return fault.into(),
            RoleError::Unknown(_) | RoleError::Misplaced(_) | RoleError::NoUser => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        Self::new(status, error.code(), "The role could not be given").detail(error.to_string())
    }
}
