use std::fmt;

use crate::Fault;
use crate::pages::RenderError;

/// Why a mail was not delivered. Displays hold no address and none of the server's words, which often name one.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The job holds no mail, or one that another version wrote.
    #[error("the queued mail cannot be read")]
    Queued,
    /// No mail is sent by this installation.
    #[error("no mail is sent: `mail.transport` is `none`")]
    Off,
    /// What the mail says is no longer valid.
    #[error("the mail would have come too late")]
    Expired,
    /// The recipient's address cannot be written on a mail.
    #[error("the recipient's address cannot be used")]
    Address,
    /// The server refused for good.
    #[error("the mail server refused: {reason} ({code})")]
    Refused {
        /// Its reply code (RFC 5321 4.2).
        code: u16,
        /// Why, as far as it said.
        reason: RefusalReason,
    },
    /// The server asks for another attempt later.
    #[error("the mail server asks for patience ({code})")]
    Deferred {
        /// Its reply code.
        code: u16,
    },
    /// The server did not accept our credentials, or wants some.
    #[error("the mail server did not accept the credentials ({code})")]
    Credentials {
        /// Its reply code.
        code: u16,
    },
    /// No connection could be made or kept.
    #[error("the mail server could not be reached")]
    Unreachable,
    /// The server was too slow.
    #[error("the mail server did not answer in time")]
    TimedOut,
    /// No secure connection could be made.
    #[error("no secure connection to the mail server could be made")]
    Tls,
    /// The server does not speak what is needed: STARTTLS, an authentication mechanism, international addresses.
    #[error("the mail server does not offer what is configured or needed")]
    Protocol,
    /// A template failed.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// There is no such mailbox, or it takes no mail.
    Recipient,
    /// The mailbox is full.
    MailboxFull,
    /// The sender's address.
    Sender,
    /// The mail, by a rule of the server's: reputation, content, authentication of the domain.
    Policy,
    /// Something else.
    Other,
}

impl RefusalReason {
    /// As stored and in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::MailboxFull => "mailbox_full",
            Self::Sender => "sender",
            Self::Policy => "policy",
            Self::Other => "other",
        }
    }

    /// Whether it tells something about the recipient's mailbox.
    pub const fn is_bounce(self) -> bool {
        matches!(self, Self::Recipient | Self::MailboxFull)
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<authflow_db::DbError> for MailError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

impl MailError {
    /// Whether another attempt would end the same way.
    pub const fn is_permanent(&self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Off | Self::Expired | Self::Address | Self::Refused { .. }
        )
    }

    /// The class of reason, for events.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Refused { reason, .. } => reason.as_str(),
            Self::Expired => "expired",
            Self::Address => "recipient",
            _ => "failed",
        }
    }
}
