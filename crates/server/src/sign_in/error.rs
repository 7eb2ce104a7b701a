use std::time::Duration;

use crate::Fault;
use crate::http::visit::PageRefusal;
use crate::identities::IdentityError;

/// Why a sign-in cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Nobody knows it, it is over, or it is too old.
    #[error("the sign-in is unknown, finished or too old")]
    Unknown,
    /// It began in another browser.
    #[error("the sign-in belongs to another browser")]
    OtherBrowser,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for SignInError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for PageRefusal {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Unknown | SignInError::OtherBrowser => Self::UnknownSignIn,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Why an attempt to prove oneself did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttemptError {
    /// Nobody has the identifier, or the proof is wrong: never told apart.
    #[error("unknown identifier or wrong proof")]
    Wrong,
    /// The proof is right and the user may not sign in.
    #[error("the user is disabled")]
    Disabled,
    /// Too many failures came before.
    #[error("too many failed attempts")]
    Wait {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many wrong second factors were given after the user's password: something else must come first.
    #[error("too many wrong second factors for this account")]
    Exhausted,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for AttemptError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

/// What of an identity's refusal is a page by itself; the rest belongs next to a field.
pub(crate) fn page_of(error: IdentityError) -> PageRefusal {
    match error {
        IdentityError::Fault(fault) => PageRefusal::Fault(fault),
        _ => PageRefusal::Body,
    }
}
