use authflow_types::{MailId, Timestamp};
use serde::{Deserialize, Serialize};

/// Every mail there is, with what its template needs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Mail {
    /// Asks somebody to confirm their address.
    VerifyEmail {
        /// The reader's name, if it is known.
        name: Option<String>,
        /// The whole link, made from the stored issuer.
        url: String,
        /// Minutes until the link stops working.
        expires_minutes: u64,
    },
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::VerifyEmail { .. } => f.write_str("VerifyEmail(redacted)"),
        }
    }
}

/// A mail in the queue, before it is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Queued {
    pub(super) recipient: String,
    pub(super) locale: String,
    #[serde(flatten)]
    pub(super) mail: Mail,
}

/// What a job holds: nothing that a reader of the database could use.
#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) id: MailId,
    /// [`Queued`] as JSON, sealed for `id`, in base64.
    pub(super) sealed: String,
}

/// A mail that a development server keeps instead of sending it.
#[derive(Debug, Clone)]
pub struct CapturedMail {
    /// Its id.
    pub id: MailId,
    /// To whom.
    pub recipient: String,
    /// Subject line.
    pub subject: String,
    /// The text part.
    pub body_text: String,
    /// The HTML part.
    pub body_html: String,
    /// When it was delivered.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_mail_survives_the_queue_and_debug_shows_no_link() {
        let mail = Mail::VerifyEmail {
            name: None,
            url: "https://a.example/verify?token=x".to_owned(),
            expires_minutes: 15,
        };
        let queued = Queued {
            recipient: "a@example.com".to_owned(),
            locale: "de".to_owned(),
            mail: mail.clone(),
        };
        let text = serde_json::to_string(&queued).unwrap();
        let back: Queued = serde_json::from_str(&text).unwrap();
        assert_eq!((back.mail, back.locale.as_str()), (mail.clone(), "de"));
        assert!(!format!("{mail:?}").contains("token"));
    }
}
