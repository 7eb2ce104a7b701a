//! How much the factors of a sign-in are worth: `acr` and `amr`. Pure.

use authflow_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::sessions::{ACR_MULTI_FACTOR, ACR_PHISHING_RESISTANT, ACR_SINGLE_FACTOR, Session};

/// What a factor rests on. Two factors of one kind are one factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Something known.
    Password,
    /// The user's mailbox.
    Mailbox,
    /// The user's phone number.
    Phone,
    /// An authenticator app, or the codes that stand in for it.
    Authenticator,
    /// A passkey or security key.
    Passkey,
    /// Another provider's word.
    Upstream,
}

/// What decides whether two factors of a user are two, or one given twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that are independent of each other"
)]
pub struct Independence {
    /// Whether the user set a second factor up: then nothing weaker takes its place.
    pub(super) is_enrolled: bool,
    /// Whether who reads the mailbox can replace the password.
    pub(super) mail_resets_password: bool,
    /// Whether the tenant takes a code by mail for a second factor.
    pub(super) mail_may_be_second: bool,
    /// Whether the tenant takes a code by SMS for a second factor.
    pub(super) sms_may_be_second: bool,
}

impl Independence {
    /// Whether `second` shows more than `first` did. The one place that decides it: what is offered as a second factor
    /// and what `acr` says both rest on it.
    ///
    /// # Security
    /// Who reads the mailbox can set a password, and an account at another provider is often one with the mailbox: beside
    /// either, the password is no second factor while passwords can be recovered.
    pub fn adds(self, first: Basis, second: Basis) -> bool {
        use Basis::{Authenticator, Mailbox, Passkey, Password, Phone, Upstream};
        if first == second {
            return false;
        }
        let enrolled = |basis| match basis {
            Authenticator | Passkey => true,
            Phone => self.sms_may_be_second,
            Password | Mailbox | Upstream => false,
        };
        if self.is_enrolled && !enrolled(first) && !enrolled(second) {
            return false;
        }
        match (first, second) {
            (Mailbox | Upstream, Password) | (Password, Upstream) => !self.mail_resets_password,
            (Password, Mailbox) => !self.mail_resets_password || self.mail_may_be_second,
            (Mailbox, Upstream) | (Upstream, Mailbox) => false,
            _ => true,
        }
    }
}

/// A factor that was satisfied in this sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// The method's id.
    pub method: String,
    /// What it rests on.
    #[serde(default = "password")]
    pub basis: Basis,
    /// What ID tokens say (RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    /// Whether it is two factors by itself: a passkey whose user was verified.
    #[serde(default)]
    pub is_multi: bool,
    /// Whether it cannot be given to a false page.
    #[serde(default)]
    pub resists_phishing: bool,
    /// When.
    pub at: Timestamp,
}

impl Factor {
    /// What a session rests on, as one factor.
    pub(super) fn of_session(session: &Session) -> Self {
        let has = |value: &str| session.amr.iter().any(|amr| amr == value);
        let basis = if has("pwd") {
            Basis::Password
        } else if has("fed") {
            Basis::Upstream
        } else if has("hwk") || has("swk") {
            Basis::Passkey
        } else if has("sms") {
            Basis::Phone
        } else {
            Basis::Mailbox
        };
        Self {
            method: "session".to_owned(),
            basis,
            amr: session.amr.iter().filter(|amr| *amr != "mfa").cloned().collect(),
            is_multi: has("mfa"),
            resists_phishing: session.acr == ACR_PHISHING_RESISTANT,
            at: session.auth_time,
        }
    }
}

const fn password() -> Basis {
    Basis::Password
}

/// Authentication context classes, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// One factor.
    Single,
    /// Two factors of different kinds.
    Multi,
    /// Two factors that no false page can ask for.
    PhishingResistant,
}

impl Assurance {
    /// All of them, weakest first.
    pub const ALL: [Self; 3] = [Self::Single, Self::Multi, Self::PhishingResistant];

    /// The value of `acr` (OIDC Core 2).
    pub const fn acr(self) -> &'static str {
        match self {
            Self::Single => ACR_SINGLE_FACTOR,
            Self::Multi => ACR_MULTI_FACTOR,
            Self::PhishingResistant => ACR_PHISHING_RESISTANT,
        }
    }

    /// The class that `acr` names.
    pub fn from_acr(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.acr() == acr)
    }

    /// What the factors amount to, in the order in which they were given.
    pub fn of(factors: &[Factor], independence: Independence) -> Self {
        let mut later = factors.iter();
        let mut is_multi = false;
        while let Some(first) = later.next() {
            is_multi |= first.is_multi
                || later
                    .clone()
                    .any(|second| independence.adds(first.basis, second.basis));
        }
        match (is_multi, factors.iter().any(|factor| factor.resists_phishing)) {
            (true, true) => Self::PhishingResistant,
            (true, false) => Self::Multi,
            (false, _) => Self::Single,
        }
    }
}

/// `amr` of a session that rests on `factors` (RFC 8176): each method once, and `mfa` where they are several.
pub(super) fn amr(factors: &[Factor], assurance: Assurance) -> Vec<String> {
    let mut amr: Vec<String> = Vec::new();
    let named = factors.iter().flat_map(|factor| factor.amr.iter().cloned());
    let mfa = (assurance > Assurance::Single).then(|| "mfa".to_owned());
    for value in named.chain(mfa) {
        if !amr.contains(&value) {
            amr.push(value);
        }
    }
    amr
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(basis: Basis, amr: &str) -> Factor {
        Factor {
            method: amr.to_owned(),
            basis,
            amr: vec![amr.to_owned()],
            is_multi: false,
            resists_phishing: false,
            at: Timestamp::from_secs(1),
        }
    }

    #[test]
    fn two_factors_of_one_kind_are_one() {
        let password = factor(Basis::Password, "pwd");
        let (mail, link) = (factor(Basis::Mailbox, "otp"), factor(Basis::Mailbox, "otp"));
        let of = |factors: &[Factor]| Assurance::of(factors, Independence::default());
        assert_eq!(of(&[]), Assurance::Single);
        assert_eq!(of(&[mail.clone(), link]), Assurance::Single);
        assert_eq!(of(&[password.clone(), mail.clone()]), Assurance::Multi);
        assert_eq!(
            amr(&[password.clone(), mail.clone()], Assurance::Multi),
            ["pwd", "otp", "mfa"]
        );
        assert_eq!(amr(&[password, mail], Assurance::Single), ["pwd", "otp"]);
    }

    #[test]
    fn password_adds_nothing_to_a_mailbox_that_can_replace_it() {
        use Basis::{Authenticator, Mailbox, Passkey, Password, Phone, Upstream};
        let none = Independence::default();
        let resets = Independence {
            mail_resets_password: true,
            ..none
        };
        for first in [Mailbox, Upstream] {
            assert!(
                none.adds(first, Password) && !resets.adds(first, Password),
                "{first:?}"
            );
        }
        let mailed = Independence {
            mail_may_be_second: true,
            ..resets
        };
        assert!(!resets.adds(Password, Mailbox) && mailed.adds(Password, Mailbox));
        assert!(
            !mailed.adds(Mailbox, Password),
            "the mailbox alone would give both"
        );
        assert!(!none.adds(Mailbox, Upstream) && !none.adds(Upstream, Mailbox));
        for first in [Password, Mailbox, Upstream, Phone] {
            assert!(
                resets.adds(first, Authenticator) && resets.adds(first, Passkey),
                "{first:?}"
            );
        }
    }

    #[test]
    fn nothing_weaker_takes_the_place_of_a_factor_that_was_set_up() {
        use Basis::{Authenticator, Mailbox, Passkey, Password, Phone, Upstream};
        let enrolled = Independence {
            is_enrolled: true,
            mail_may_be_second: true,
            ..Independence::default()
        };
        let weak = [Password, Mailbox, Upstream, Phone];
        for first in weak {
            assert!(
                weak.iter().all(|&second| !enrolled.adds(first, second)),
                "{first:?}"
            );
            assert!(
                enrolled.adds(first, Authenticator) && enrolled.adds(Passkey, first),
                "{first:?}"
            );
        }
        let by_sms = Independence {
            sms_may_be_second: true,
            ..enrolled
        };
        assert!(by_sms.adds(Password, Phone) && !by_sms.adds(Password, Mailbox));
    }

    #[test]
    fn a_verified_passkey_is_enough_and_a_touched_one_is_a_second_factor() {
        let touched = Factor {
            resists_phishing: true,
            ..factor(Basis::Passkey, "hwk")
        };
        let verified = Factor {
            is_multi: true,
            ..touched.clone()
        };
        let of = |factors: &[Factor]| Assurance::of(factors, Independence::default());
        assert_eq!(of(std::slice::from_ref(&touched)), Assurance::Single);
        assert_eq!(of(&[verified]), Assurance::PhishingResistant);
        assert_eq!(
            of(&[factor(Basis::Password, "pwd"), touched]),
            Assurance::PhishingResistant
        );
    }

    #[test]
    fn classes_are_ordered_and_named() {
        assert!(Assurance::PhishingResistant > Assurance::Multi && Assurance::Multi > Assurance::Single);
        for class in Assurance::ALL {
            assert_eq!(Assurance::from_acr(class.acr()), Some(class));
        }
        assert_eq!(Assurance::from_acr("1"), None);
    }

    #[test]
    fn a_stored_factor_of_the_first_version_is_read() {
        let factor: Factor = serde_json::from_str(r#"{"method":"password","at":5}"#)
            .or_else(|_| serde_json::from_str(r#"{"method":"password","at":"1970-01-01T00:00:05.000Z"}"#))
            .unwrap();
        assert_eq!(factor.basis, Basis::Password);
    }
}
