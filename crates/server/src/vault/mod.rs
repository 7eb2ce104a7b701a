//! Envelope encryption: what must be read back is sealed under a data key per tenant, and the data
//! keys are wrapped by the installation's master key.
//!
//! ```text
//! master key (file, environment)      never stored by us, recognised by a check value
//!    └─ wraps ─ data key (one a tenant)     stored wrapped; rotation re-wraps, it does not re-encrypt
//!         ├─ seals ── column values         TOTP seeds, signing keys, upstream client secrets
//!         └─ derives ─ sub-keys             CSRF tokens, pairwise salts, MACs
//! ```
//!
//! Everything is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, bound by its additional data to
//! the record it belongs to: a sealed value that is moved to another row, column or tenant does not open.
//! Nonces come from aws-lc, not from the caller's [`Rng`](authflow_types::Rng): a seeded generator must
//! never be able to repeat one. One data key may seal 2^32 values (SP 800-38D 8.3).
//!
//! What it refuses to do: store anything, guess a key, or turn an unreadable value into an empty one.
//!
//! Read `master`, `data_key`, `under_secret`, `key_file`; `aead` is the layout they share.

mod aead;
mod data_key;
mod error;
mod key_file;
mod master;
mod under_secret;

pub use data_key::{DataKey, SealContext, SubKey};
pub use error::{KeyFileError, KeyTextError, VaultError};
pub use key_file::KeyFile;
pub use master::{CheckStatus, KeyId, MasterKey, MasterKeys};
pub use under_secret::{open_under_secret, seal_under_secret};
