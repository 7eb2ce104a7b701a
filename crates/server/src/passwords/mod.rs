//! Passwords: what they must be, how they are hashed, and how imported hashes are verified.
//!
//! - [`Password`] is what somebody typed, in NFC; wiped when dropped, never shown, never cut.
//! - [`PasswordPolicy`] asks for length and refuses what is guessed first: common and breached passwords,
//!   keyboard walks, the account's own identifiers. It has no composition rules (NIST SP 800-63B 5.1.1.2).
//! - [`Hasher`] runs argon2id on a bounded pool of its own threads: when too many wait it says [`Busy`] at once
//!   instead of starving everything else.
//! - Imported bcrypt, scrypt, PBKDF2 and argon2 hashes are verified and marked for upgrade; the caller hashes the
//!   password anew.
//!
//! [`Passwords`] is the four together: what the rest of the server uses.
//!
//! What it refuses to do: tell an unknown user from a known one by time (see [`Passwords::dummy_verify`]), verify
//! a hash whose cost could stall the server, or turn a malformed hash into a panic.
//!
//! Read `password`, `policy`, `breached`, `range_api`, `stored`, `hasher`, `pool`.

mod breached;
mod hasher;
mod password;
mod policy;
mod pool;
mod range_api;
mod stored;

use std::path::PathBuf;
use std::sync::Arc;

use authflow_types::Rng;
use serde::{Deserialize, Serialize};

pub use breached::{BreachedList, BreachedListError};
pub use hasher::{Argon2Config, Hasher, HasherConfig, HasherError, Verification};
pub use password::Password;
pub use policy::{PasswordPolicy, PasswordProblem, PolicyConfig, PolicyError};
pub use pool::Busy;
pub use range_api::{LOOKUPS, RangeApi};
pub use stored::{HashFormat, StoredHashError};

/// Settings of policy and hashing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordsConfig {
    /// What passwords must be.
    pub policy: PolicyConfig,
    /// A list of breached passwords beside the built-in one; see [`BreachedList`] for its formats.
    pub breached_file: Option<PathBuf>,
    /// How they are hashed.
    pub hashing: HasherConfig,
}

/// Why passwords could not be set up; found at start.
#[derive(Debug, thiserror::Error)]
pub enum PasswordsError {
    /// The list of breached passwords cannot be used.
    #[error(transparent)]
    Breached(#[from] BreachedListError),
    /// The hashing settings cannot be used.
    #[error(transparent)]
    Hasher(#[from] HasherError),
}

/// Why a new password was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NewPasswordError {
    /// The password, or the list that it was looked up in.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The hashing pool.
    #[error(transparent)]
    Hasher(#[from] HasherError),
}

/// Policy and hashing together. One for the whole process; cheap to clone.
#[derive(Debug, Clone)]
pub struct Passwords {
    policy: Arc<PasswordPolicy>,
    hasher: Hasher,
}

impl Passwords {
    /// Opens and validates the breached list, and prepares the pool; starts no thread yet.
    ///
    /// # Errors
    /// [`PasswordsError`]: refuse to start.
    pub fn new(config: PasswordsConfig, rng: Arc<dyn Rng>) -> Result<Self, PasswordsError> {
        let breached = config.breached_file.map(BreachedList::open).transpose()?;
        Ok(Self {
            policy: Arc::new(PasswordPolicy::new(config.policy, breached)),
            hasher: Hasher::new(config.hashing, rng)?,
        })
    }

    /// The policy, for telling people what is asked of them.
    pub fn policy(&self) -> &PasswordPolicy {
        &self.policy
    }

    /// Checks a new password against the policy, on the pool. `words` are what it must not consist of: the account's
    /// identifiers, the person's and the product's name.
    ///
    /// # Errors
    /// [`NewPasswordError`].
    pub async fn judge(&self, password: &Password, words: Vec<String>) -> Result<(), NewPasswordError> {
        let (policy, candidate) = (Arc::clone(&self.policy), password.clone());
        let checked = self.hasher.run(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            policy.check(&candidate, &words)
        });
        Ok(checked.await??)
    }

    /// Hashes a password: a new one that [`judge`](Self::judge) let pass, or one that was right a moment ago, when
    /// [`Verification::Match`] asks for an upgrade.
    ///
    /// # Errors
    /// [`HasherError`].
    pub async fn hash(&self, password: &Password) -> Result<String, HasherError> {
        self.hasher.hash(password).await
    }

    /// Verifies a password against a stored hash.
    ///
    /// # Errors
    /// [`HasherError`]; a wrong password is not an error.
    pub async fn verify(&self, password: &Password, stored: &str) -> Result<Verification, HasherError> {
        self.hasher.verify(password, stored).await
    }

    /// Costs what [`verify`](Self::verify) costs for a user who has a password: call it for a user who does not
    /// exist, or has none.
    ///
    /// # Errors
    /// [`HasherError`].
    pub async fn dummy_verify(&self, password: &Password) -> Result<(), HasherError> {
        self.hasher.dummy_verify(password).await
    }

    /// Whether a hash can be imported.
    ///
    /// # Errors
    /// [`StoredHashError`].
    pub fn check_import(&self, stored: &str) -> Result<HashFormat, StoredHashError> {
        self.hasher.check_import(stored)
    }
}
