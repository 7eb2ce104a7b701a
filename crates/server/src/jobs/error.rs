use crate::Fault;
use crate::mail::MailError;
use crate::net::FetchError;
use crate::sms::SmsError;

/// Why one attempt of a job failed. What it displays is kept in the row: no secrets, addresses or bodies.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No job of this kind is known: a newer version may have queued it.
    #[error("this version knows no such kind of job")]
    UnknownKind,
    /// The payload does not have the shape that this version writes.
    #[error("the payload is malformed")]
    Payload(#[from] serde_json::Error),
    /// The tenant is gone.
    #[error("the tenant does not exist")]
    NoTenant,
    /// The registered address does not parse any more.
    #[error("the address is malformed")]
    Address,
    /// The other side could not be reached.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The other side refused.
    #[error("the host answered with status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The message could not be handed over.
    #[error("the message could not be sent: {0}")]
    Mail(#[from] MailError),
    /// The text message could not be handed over.
    #[error("the text message could not be sent: {0}")]
    Sms(#[from] SmsError),
    /// The attempt took longer than its lease allows.
    #[error("the attempt took too long")]
    TimedOut,
    /// The worker died during the last attempt that was allowed.
    #[error("the worker died")]
    Abandoned,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for JobError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl JobError {
    /// Whether another attempt would end the same way.
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::Payload(_) | Self::NoTenant | Self::Address | Self::Abandoned => true,
            Self::Mail(error) => error.is_permanent(),
            Self::Sms(error) => error.is_permanent(),
            _ => false,
        }
    }
}
