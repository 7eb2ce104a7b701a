//! The OAuth 2.0 authorization server and OpenID provider.
//!
//! Read [`authorize`] (what a request needs next), [`token`] (one file a grant type), then what they stand on:
//! [`grant`], `codes`, `refresh`, [`tokens`], [`verify`], [`revocation`]. Endpoints read load, check, decide, write; each
//! check cites its clause.

pub mod acr;
pub mod audience;
pub mod authorize;
pub mod challenge;
pub mod claims;
pub mod client_auth;
mod codes;
pub mod grant;
pub mod introspection;
pub mod logout;
pub mod metadata;
mod refresh;
pub mod registration;
pub mod revocation;
pub mod revoke;
pub mod token;
pub mod tokens;
pub mod userinfo;
pub mod verify;

pub(crate) use codes::{IssueCode, RedeemCode};
pub use grant::Grant;
pub(crate) use refresh::RotateFamily;
pub use verify::VerifiedToken;
