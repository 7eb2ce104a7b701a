//! Tenants: the isolation boundary. Each has its own issuer, keys, users, clients, scopes and branding.
//!
//! A tenant is read on every request, from memory; creating one writes a single row, and its signing keys are made
//! when they are first needed.

mod abuse;
mod error;
mod model;
mod ops;
mod passkeys;
mod store;

pub use abuse::{AbuseSettings, ProofOfWork};
pub use error::TenantError;
pub use model::{
    DEFAULT_SLUG, MfaPolicy, RegistrationMode, SYSTEM_SLUG, SignInMethods, Slug, Tenant, TenantSettings,
    TenantStatus,
};
pub use ops::{
    NewTenant, TenantChange, count_custom_domains, create, ensure_default, ensure_system, find_by_domain,
    find_by_id, find_by_slug, get_by_slug, list, move_issuers, rewrap_data_keys, update,
};
pub use passkeys::{PasskeySettings, PasskeySettingsError};
