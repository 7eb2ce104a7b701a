//! API resources (audiences, RFC 8707) and scopes of a tenant: what access tokens can be for.
//!
//! The scopes of OpenID Connect exist in every tenant and are not stored. A scope may belong to an API resource;
//! asking for it then asks for a token for that audience.

mod error;
mod model;
mod ops;
mod store;

pub use error::ResourceError;
pub use model::{ApiResource, Catalogue, STANDARD_SCOPES, Scope, TokenFormat};
pub use ops::{NewResource, catalogue, create_resource, create_scope, ensure_scopes};
