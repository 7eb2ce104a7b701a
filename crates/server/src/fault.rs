//! What went wrong beneath an operation, and was not the caller's doing.

use std::time::Duration;

use authflow_db::DbError;

use crate::passwords::{BreachedListError, HasherError, NewPasswordError, PolicyError};
use crate::vault::VaultError;

/// A failure of the installation: storage, sealing, a queue that is full.
///
/// Each slice's error enum wraps it; callers see `unavailable` or `internal`, the log sees the source.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Db(#[from] DbError),
    /// A sealed value could not be opened or a key not used.
    #[error("vault: {0}")]
    Vault(#[from] VaultError),
    /// A stored document does not have the shape this version writes.
    #[error("stored document: {0}")]
    Document(#[from] serde_json::Error),
    /// A signing or key operation failed.
    #[error("signing: {0}")]
    Signing(#[from] authflow_proto::jose::SigningKeyError),
    /// The stored keys do not make a key set.
    #[error("key set: {0}")]
    KeySet(#[from] authflow_proto::jose::JwkSetError),
    /// A stored issuer is not one.
    #[error("issuer: {0}")]
    Issuer(#[from] authflow_proto::discovery::IssuerError),
    /// A key that was just made is not there.
    #[error("no signing key")]
    NoSigningKey,
    /// A bounded queue is full; try again after the given time.
    #[error("busy")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// A password could not be hashed or looked up.
    #[error("passwords: {0}")]
    Passwords(#[source] NewPasswordError),
    /// A background task was cancelled or died.
    #[error("task: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl From<NewPasswordError> for Fault {
    fn from(error: NewPasswordError) -> Self {
        match error {
            NewPasswordError::Hasher(error) => error.into(),
            error @ NewPasswordError::Policy(_) => Self::Passwords(error),
        }
    }
}

impl From<BreachedListError> for Fault {
    fn from(error: BreachedListError) -> Self {
        Self::Passwords(NewPasswordError::Policy(PolicyError::List(error)))
    }
}

impl From<HasherError> for Fault {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Busy(busy) => Self::Busy {
                retry_after: busy.retry_after,
            },
            error => Self::Passwords(NewPasswordError::Hasher(error)),
        }
    }
}

impl Fault {
    /// Whether trying again later may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Busy { .. } => true,
            _ => false,
        }
    }
}

/// An error and all that caused it, in one line: for logs and the operator, never for answers.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.ends_with(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}
