use std::time::Duration;

use crate::Fault;
use crate::net::FetchError;

/// Why a text message was not queued or not delivered. Displays hold no number and no text.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// No provider is configured.
    #[error("no provider for text messages is configured; set `sms.provider`")]
    Off,
    /// Not a phone number in international form.
    #[error("not a phone number: expected a form such as `+49 151 23456789`")]
    Number,
    /// The number's country is not among those allowed.
    #[error("numbers of this country may not receive text messages; see `sms.countries`")]
    Country,
    /// Numbers of this kind cost extra or receive no text messages.
    #[error("a number of this kind receives no text messages")]
    Kind,
    /// Enough messages have been sent for now.
    #[error("too many text messages; more are allowed in {} s", retry_after.as_secs())]
    Limited {
        /// When more are allowed.
        retry_after: Duration,
    },
    /// The job holds no message, or one that another version wrote.
    #[error("the queued text message cannot be read")]
    Queued,
    /// What the message says is no longer valid.
    #[error("the text message would have come too late")]
    Expired,
    /// The provider cannot be asked as configured.
    #[error("the provider is not configured as it must be")]
    Configuration,
    /// The provider refused this message for good.
    #[error("the provider refused the message ({code})")]
    Refused {
        /// The provider's own word or number for the reason.
        code: String,
    },
    /// The provider wants to be asked again later.
    #[error("the provider is not ready ({code})")]
    Deferred {
        /// The provider's own word or number for the reason.
        code: String,
    },
    /// The provider did not accept our credentials.
    #[error("the provider did not accept the credentials ({code})")]
    Credentials {
        /// The provider's own word or number for the reason.
        code: String,
    },
    /// The provider could not be reached.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for SmsError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl SmsError {
    /// Whether another attempt would end the same way.
    pub const fn is_permanent(&self) -> bool {
        !matches!(
            self,
            Self::Deferred { .. }
                | Self::Credentials { .. }
                | Self::Fetch(_)
                | Self::Fault(_)
                | Self::Configuration
        )
    }
}
