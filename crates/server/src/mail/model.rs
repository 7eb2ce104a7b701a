use authflow_types::{MailId, Timestamp};
use serde::{Deserialize, Serialize};

/// Every mail there is, with what its texts need.
///
/// A new mail is a variant here, an arm in [`Mail::content`](super::content), a sample beside it, and the messages
/// `mail-<template>-subject`, `-heading`, `-body`, `-note` (and `-action` if it has a link) in each catalogue; it may have
/// templates of its own, but rarely needs them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Mail {
    /// Asks somebody to confirm their address.
    VerifyEmail {
        /// What the reader called themselves. Not shown: a stranger may have typed it together with this address.
        name: Option<String>,
        /// The whole link, made from the stored issuer.
        url: String,
        /// Minutes until the link stops working.
        expires_minutes: u64,
    },
    /// A link that signs in.
    MagicLink {
        /// The whole link, made from the stored issuer.
        url: String,
        /// What to type where the sign-in began, for readers who open their mail elsewhere.
        code: Option<String>,
        /// Minutes until both stop working.
        expires_minutes: u64,
    },
    /// A code to type.
    EmailCode {
        /// The digits.
        code: String,
        /// Minutes until it stops working.
        expires_minutes: u64,
    },
    /// A link to a form for a new password.
    PasswordReset {
        /// The whole link, made from the stored issuer.
        url: String,
        /// Minutes until the link stops working.
        expires_minutes: u64,
    },
    /// A code that takes the place of that link, for an application that asks for the new password itself.
    PasswordResetCode {
        /// The digits.
        code: String,
        /// Minutes until it stops working.
        expires_minutes: u64,
    },
    /// Tells that the password was changed or reset.
    PasswordChanged {
        /// When and where.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// To the present address, when another is to take its place.
    EmailChangeOld {
        /// The address to be.
        new_email: String,
        /// Where to allow or to stop it.
        url: String,
        /// Minutes until the link stops working.
        expires_minutes: u64,
    },
    /// To the address that is to take the place of another.
    EmailChangeNew {
        /// The whole link that confirms it.
        url: String,
        /// Minutes until the link stops working.
        expires_minutes: u64,
    },
    /// To the old address (and the new one), when the change is done.
    EmailChanged {
        /// The address that counts now.
        new_email: String,
        /// When and where.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// A sign-in from a device that the account did not know.
    NewDevice {
        /// When and where.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Somebody is invited.
    Invitation {
        /// Who invites: a person's name, or the tenant's.
        inviter: String,
        /// Into what: the name of the tenant or the organization.
        into: String,
        /// The whole link.
        url: String,
        /// Minutes until the link stops working.
        expires_minutes: u64,
    },
    /// The account is about to be deleted.
    AccountDeletion {
        /// When.
        date: Timestamp,
        /// The whole link to keep it.
        cancel_url: String,
    },
    /// Another way to sign in, or a second factor, was added.
    FactorAdded {
        /// Which.
        factor: Factor,
        /// When and where.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// A way to sign in, or a second factor, was removed.
    FactorRemoved {
        /// Which.
        factor: Factor,
        /// When and where.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// A phone number took the place of another.
    PhoneChanged {
        /// The new number, most of it hidden.
        number: String,
        /// When and where.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Somebody tried to sign up with the address of an account.
    AccountExists {
        /// Where to sign in.
        url: String,
    },
    /// Shows an operator that mail arrives.
    Test,
}

/// When and where something happened to an account, as its owner may recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occasion {
    /// When.
    pub at: Timestamp,
    /// Browser and system, such as `Firefox on Linux`.
    pub device: Option<String>,
    /// City and country, or the address.
    pub place: Option<String>,
}

impl Occasion {
    /// At a time, with nothing else known.
    pub const fn at(at: Timestamp) -> Self {
        Self {
            at,
            device: None,
            place: None,
        }
    }
}

/// What was added to or removed from an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// A password.
    Password,
    /// A passkey.
    Passkey,
    /// An authenticator app.
    Totp,
    /// Recovery codes.
    RecoveryCodes,
    /// A phone that receives codes.
    Phone,
    /// An account at another provider, by the provider's name.
    Provider(String),
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // SECURITY: links and codes act for the reader; logs show which mail it is and nothing else.
        write!(f, "Mail({}, redacted)", self.template())
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
    /// When it was queued; older versions did not say.
    #[serde(default)]
    pub(super) queued_at: Option<Timestamp>,
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
        for mail in Mail::samples() {
            let queued = Queued {
                recipient: "a@example.com".to_owned(),
                locale: "de".to_owned(),
                mail: mail.clone(),
            };
            let text = serde_json::to_string(&queued).unwrap();
            let back: Queued = serde_json::from_str(&text).unwrap();
            assert_eq!((back.mail, back.locale.as_str()), (mail.clone(), "de"));
            let shown = format!("{mail:?}");
            assert!(!shown.contains("https") && !shown.contains("123456"), "{shown}");
        }
    }

    #[test]
    fn mail_queued_by_an_older_version_is_still_read() {
        let text = r#"{"recipient":"a@b.example","locale":"en","template":"verify_email","name":null,"url":"u","expires_minutes":15}"#;
        assert!(serde_json::from_str::<Queued>(text).is_ok());
    }
}
