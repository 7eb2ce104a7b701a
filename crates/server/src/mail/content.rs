//! What each mail says, apart from the words, and an example of each.

use authflow_types::Timestamp;

use super::model::{Factor, Mail, Occasion};
use crate::Cx;
use crate::pages::{MailContent, MailValue};

impl Mail {
    /// The name of its template: `magic_link`.
    pub const fn template(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::MagicLink { .. } => "magic_link",
            Self::EmailCode { .. } => "email_code",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordResetCode { .. } => "password_reset_code",
            Self::PasswordChanged { .. } => "password_changed",
            Self::EmailChangeOld { .. } => "email_change_old",
            Self::EmailChangeNew { .. } => "email_change_new",
            Self::EmailChanged { .. } => "email_changed",
            Self::NewDevice { .. } => "new_device",
            Self::Invitation { .. } => "invitation",
            Self::AccountDeletion { .. } => "account_deletion",
            Self::FactorAdded { .. } => "factor_added",
            Self::FactorRemoved { .. } => "factor_removed",
            Self::PhoneChanged { .. } => "phone_changed",
            Self::AccountExists { .. } => "account_exists",
            Self::Test => "test",
        }
    }

    /// Minutes after queueing from which on the mail is of no use to its reader.
    pub const fn expires_minutes(&self) -> Option<u64> {
        match self {
            Self::VerifyEmail { expires_minutes, .. }
            | Self::MagicLink { expires_minutes, .. }
            | Self::EmailCode { expires_minutes, .. }
            | Self::PasswordReset { expires_minutes, .. }
            | Self::PasswordResetCode { expires_minutes, .. }
            | Self::EmailChangeOld { expires_minutes, .. }
            | Self::EmailChangeNew { expires_minutes, .. }
            | Self::Invitation { expires_minutes, .. } => Some(*expires_minutes),
            _ => None,
        }
    }

    /// What the template needs.
    pub fn content(&self, cx: &Cx) -> MailContent {
        self.content_at(&cx.tenant.url("/account"))
    }

    /// What the template needs; `account_url` is where readers look after their account.
    pub fn content_at(&self, account_url: &str) -> MailContent {
        let content = MailContent::new(self.template());
        let notice = |content: MailContent, occasion: &Occasion| {
            content
                .link(account_url)
                .fact("mail-fact-when", MailValue::Moment(occasion.at))
                .fact_if("mail-fact-device", occasion.device.as_deref())
                .fact_if("mail-fact-place", occasion.place.as_deref())
        };
        match self {
            Self::VerifyEmail {
                url, expires_minutes, ..
            }
            | Self::PasswordReset { url, expires_minutes }
            | Self::EmailChangeNew { url, expires_minutes } => content.link(url).expires(*expires_minutes),
            Self::MagicLink {
                url,
                code,
                expires_minutes,
            } => content.link(url).code(code.as_deref()).expires(*expires_minutes),
            Self::EmailCode {
                code,
                expires_minutes,
            }
            | Self::PasswordResetCode {
                code,
                expires_minutes,
            } => content.code(Some(code)).expires(*expires_minutes),
            Self::PasswordChanged { occasion } | Self::NewDevice { occasion } => notice(content, occasion),
            Self::EmailChangeOld {
                new_email,
                url,
                expires_minutes,
            } => content
                .value("new_email", MailValue::Text(new_email.clone()))
                .link(url)
                .expires(*expires_minutes),
            Self::EmailChanged { new_email, occasion } => notice(
                content.value("new_email", MailValue::Text(new_email.clone())),
                occasion,
            ),
            Self::Invitation {
                inviter,
                into,
                url,
                expires_minutes,
            } => content
                .value("inviter", MailValue::Name(inviter.clone()))
                .value("into", MailValue::Name(into.clone()))
                .link(url)
                .expires(*expires_minutes),
            Self::AccountDeletion { date, cancel_url } => {
                content.value("date", MailValue::Date(*date)).link(cancel_url)
            }
            Self::FactorAdded { factor, occasion } | Self::FactorRemoved { factor, occasion } => {
                notice(content.fact("mail-fact-factor", factor.label()), occasion)
            }
            Self::PhoneChanged { number, occasion } => {
                notice(content.value("number", MailValue::Text(number.clone())), occasion)
            }
            Self::AccountExists { url } => content.link(url),
            Self::Test => content,
        }
    }

    /// One of each mail, for previews and tests.
    pub fn samples() -> Vec<Self> {
        let url = |path: &str| format!("https://login.example.com/{path}af_example_3q2k8fj29fk2jf92kf");
        let expires_minutes = 15;
        // WHY: a fixed time, so that a preview is the same whenever it is made.
        let at = Timestamp::from_secs(1_790_000_000);
        let occasion = Occasion {
            at,
            device: Some("Firefox · Linux".to_owned()),
            place: Some("Berlin, DE".to_owned()),
        };
        let new_email = "alice.new@example.com".to_owned();
        vec![
            Self::VerifyEmail {
                name: None,
                url: url("verify?token="),
                expires_minutes,
            },
            Self::MagicLink {
                url: url("link?token="),
                code: Some("123456".to_owned()),
                expires_minutes,
            },
            Self::EmailCode {
                code: "123456".to_owned(),
                expires_minutes: 10,
            },
            Self::PasswordReset {
                url: url("recover?token="),
                expires_minutes,
            },
            Self::PasswordResetCode {
                code: "123456".to_owned(),
                expires_minutes: 10,
            },
            Self::PasswordChanged {
                occasion: occasion.clone(),
            },
            Self::EmailChangeOld {
                new_email: new_email.clone(),
                url: url("verify?token="),
                expires_minutes: 60,
            },
            Self::EmailChangeNew {
                url: url("verify?token="),
                expires_minutes: 60,
            },
            Self::EmailChanged {
                new_email,
                occasion: occasion.clone(),
            },
            Self::NewDevice {
                occasion: occasion.clone(),
            },
            Self::Invitation {
                inviter: "Alice Nakamura".to_owned(),
                into: "Acme Rockets".to_owned(),
                url: url("invitation?token="),
                expires_minutes: 7 * 24 * 60,
            },
            Self::AccountDeletion {
                date: at,
                cancel_url: url("account/keep?token="),
            },
            Self::FactorAdded {
                factor: Factor::Passkey,
                occasion: occasion.clone(),
            },
            Self::FactorRemoved {
                factor: Factor::Provider("GitHub".to_owned()),
                occasion: occasion.clone(),
            },
            Self::PhoneChanged {
                number: "+49 ••• 789".to_owned(),
                occasion,
            },
            Self::AccountExists {
                url: url("sign-in?hint="),
            },
            Self::Test,
        ]
    }
}

impl Factor {
    /// As sign-ins and events call it.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCodes => "recovery_code",
            Self::Phone => "sms_code",
            Self::Provider(_) => "upstream",
        }
    }

    fn label(&self) -> MailValue {
        MailValue::Phrase(match self {
            Self::Password => "mail-factor-password",
            Self::Passkey => "mail-factor-passkey",
            Self::Totp => "mail-factor-totp",
            Self::RecoveryCodes => "mail-factor-recovery-codes",
            Self::Phone => "mail-factor-phone",
            Self::Provider(name) => return MailValue::PhraseOf("mail-factor-provider", name.clone()),
        })
    }
}
