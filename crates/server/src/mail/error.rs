use crate::Fault;
use crate::pages::RenderError;

/// Why a mail was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The job holds no mail, or one that another version wrote.
    #[error("the queued mail cannot be read")]
    Queued,
    /// A template failed.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for MailError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}
