use authflow_types::{SmsId, Timestamp};
use serde::{Deserialize, Serialize};

use super::PhoneNumber;

/// Every text message there is, with what its text needs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Sms {
    /// A code to type.
    Code {
        /// The digits.
        code: String,
        /// Minutes until it stops working.
        expires_minutes: u64,
        /// The host of the page that asks for it: the last line binds the code to it (`WebOTP`, "origin-bound one-time
        /// codes"), so that phones fill it in there and nowhere else.
        domain: String,
    },
    /// Shows an operator that messages arrive.
    Test,
}

impl Sms {
    /// Minutes after queueing from which on the message is of no use.
    pub const fn expires_minutes(&self) -> Option<u64> {
        match self {
            Self::Code { expires_minutes, .. } => Some(*expires_minutes),
            Self::Test => None,
        }
    }
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Code { .. } => "Sms(code, redacted)",
            Self::Test => "Sms(test)",
        })
    }
}

/// A message in the queue, before it is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Queued {
    pub(super) recipient: String,
    pub(super) locale: String,
    #[serde(flatten)]
    pub(super) sms: Sms,
}

/// What a job holds: nothing that a reader of the database could use.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) id: SmsId,
    pub(super) queued_at: Timestamp,
    /// [`Queued`] as JSON, sealed for `id`, in base64.
    pub(super) sealed: String,
}

/// A message on its way to a provider.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) id: SmsId,
    /// The tenant's slug.
    pub(crate) tenant: String,
    pub(crate) to: PhoneNumber,
    pub(crate) text: String,
}

/// A text message that a development server keeps instead of sending it.
#[derive(Debug, Clone)]
pub struct CapturedSms {
    /// Its id.
    pub id: SmsId,
    /// To which number.
    pub recipient: String,
    /// The text.
    pub body: String,
    /// When it was delivered.
    pub created_at: Timestamp,
}
