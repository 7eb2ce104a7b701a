use axum::http::StatusCode;

use super::PasskeySettingsError;
use crate::Fault;
use crate::http::Problem;

/// Why an operation on a tenant was refused.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The slug is not 1 to 63 characters of `a-z`, `0-9`, `-`, or is reserved.
    #[error("`{0}` is not a usable slug: use 1 to 63 of a-z, 0-9 and `-`, beginning with a letter or digit")]
    Slug(String),
    /// The slug belongs to Authflow itself.
    #[error("`{0}` is reserved for the installation's own tenant")]
    Reserved(&'static str),
    /// Another tenant has the slug.
    #[error("a tenant with the slug `{0}` exists already")]
    SlugTaken(String),
    /// No tenant has the slug.
    #[error("there is no tenant with the slug `{0}`")]
    NotFound(String),
    /// The name is empty or longer than 200 characters.
    #[error("a tenant's name has 1 to 200 characters")]
    Name,
    /// Every way to sign in would be switched off.
    #[error("nobody could sign in: leave one of the methods on that come first, or add a connection before")]
    NoWayIn,
    /// The settings of passkeys cannot work.
    #[error(transparent)]
    Passkeys(#[from] PasskeySettingsError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for TenantError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl TenantError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Slug(_) => "tenant.invalid_slug",
            Self::Reserved(_) => "tenant.reserved_slug",
            Self::SlugTaken(_) => "tenant.slug_taken",
            Self::NotFound(_) => "tenant.not_found",
            Self::Name => "tenant.invalid_name",
            Self::NoWayIn => "tenant.no_way_in",
            Self::Passkeys(_) => "tenant.invalid_passkeys",
            Self::Fault(_) => "internal",
        }
    }
}

impl From<TenantError> for Problem {
    fn from(error: TenantError) -> Self {
        let (status, title) = match error {
            TenantError::Fault(fault) => return fault.into(),
            TenantError::NotFound(_) => (StatusCode::NOT_FOUND, "There is no such tenant"),
            TenantError::SlugTaken(_) => (StatusCode::CONFLICT, "The slug is taken"),
            TenantError::Slug(_)
            | TenantError::Reserved(_)
            | TenantError::Name
            | TenantError::NoWayIn
            | TenantError::Passkeys(_) => (StatusCode::UNPROCESSABLE_ENTITY, "The tenant is not valid"),
        };
        Self::new(status, error.code(), title).detail(error.to_string())
    }
}
