//! Signing keys of a tenant, one set per algorithm.
//!
//! ```text
//! next (published) --rotate--> active (signs) --rotate--> retired (published) --last token expired--> deleted
//! ```
//!
//! A key is made when an algorithm is first used. Private keys are sealed under the tenant's data key.

mod model;
mod ops;
mod store;

pub use model::{KeyInfo, KeyRing, KeyState};
pub use ops::{delete_expired, list, ring, ring_with, rotate, rotate_due};
