use authflow_proto::webauthn::CeremonyError;

use super::PASSKEY_NAME_MAX;
use crate::Fault;
use crate::pages::Message;

/// Why something about a passkey was refused.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The tenant does not offer passkeys, or its address is no domain.
    #[error("passkeys are not available here")]
    Unavailable,
    /// The answer is not JSON of the expected shape.
    #[error("the response is malformed")]
    Malformed,
    /// The challenge was answered before, is too old, or was another's.
    #[error("the challenge is closed")]
    Challenge,
    /// A check of WebAuthn L3 7.1 or 7.2 failed.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The credential is registered already (7.1.26).
    #[error("the credential is registered already")]
    Registered,
    /// The user has as many as one may have.
    #[error("the user has the most passkeys that one may have")]
    TooMany,
    /// No such passkey of this user.
    #[error("no such passkey")]
    NotFound,
    /// The name is empty, too long, or has characters that names do not have.
    #[error("the name cannot be used")]
    Name,
    /// Without it the user could not sign in any more.
    #[error("it is the last way in")]
    LastWayIn,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for PasskeyError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl PasskeyError {
    /// What its user is told; `None` where there is nothing to say because nothing is offered, or because we failed.
    pub(crate) fn message(&self) -> Option<Message> {
        Some(match self {
            Self::Fault(_) | Self::Unavailable => return None,
            Self::Registered => Message::PasskeyKnown,
            Self::TooMany => Message::PasskeyTooMany,
            Self::LastWayIn => Message::PasskeyLast,
            Self::Name => Message::PasskeyName {
                max: PASSKEY_NAME_MAX as u64,
            },
            Self::Ceremony(
                CeremonyError::AaguidNotAllowed
                | CeremonyError::AttestationMissing
                | CeremonyError::AttestationFormat
                | CeremonyError::SelfAttestation
                | CeremonyError::UntrustedAttestation,
            ) => Message::PasskeyModel,
            Self::Ceremony(_) | Self::Malformed | Self::Challenge | Self::NotFound => Message::PasskeyNotMade,
        })
    }
}
