use crate::Fault;

/// Why an operation on a session was refused.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No such live session of this user.
    #[error("there is no such session")]
    NotFound,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for SessionError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}
