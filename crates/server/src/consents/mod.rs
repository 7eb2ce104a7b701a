//! Consents: which scopes of a client a user has allowed; remembered, extended scope by scope, withdrawn at any time.

mod ops;
mod store;

pub(crate) use ops::forget_all;
pub use ops::{Consent, ConsentError, allow, find, list, revoke};
