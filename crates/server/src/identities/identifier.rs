//! How people are recognised: e-mail addresses, phone numbers, user names, each with one spelling for comparison.
//!
//! The rules, which never change for stored rows without a migration:
//! - **E-mail**: white space around it is cut off; NFC; one `@`; the domain is a DNS name in IDNA (UTS 46) ASCII form,
//!   lower case, with at least two labels; the local part is a dot-atom (RFC 5321 4.1.2, RFC 6531 3.3) of at most 64
//!   octets, compared in lower case. At most 254 octets in all. Tags (`a+b@`) and dots are kept: providers differ.
//! - **Phone**: E.164 by the numbering plan of its country: `+` and 8 to 15 digits; spaces, hyphens, dots, slashes,
//!   brackets and the trunk prefix are left out ([`PhoneNumber`]).
//! - **User name**: 2 to 64 of ASCII letters, digits, `.`, `_`, `-`, beginning with a letter, compared in lower case.
//!   It holds no `@` and begins with no digit, so that it is never taken for one of the other two.
//!
//! What people typed is kept for display beside the form that is compared.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::sms::PhoneNumber;

/// Longest text that is looked at.
const MAX_INPUT_BYTES: usize = 1024;
/// RFC 5321 4.5.3.1.3, less the angle brackets.
const MAX_EMAIL_BYTES: usize = 254;
/// RFC 5321 4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;

/// What kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A user name.
    Username,
}

impl IdentifierKind {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Username => "username",
        }
    }

    /// From storage; `None` for a word this version does not know.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Email, Self::Phone, Self::Username]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not an e-mail address by the rule above.
    #[error("not an e-mail address: expected a form such as `name@example.com`")]
    Email,
    /// Not a phone number by the rule above.
    #[error("not a phone number: expected a form such as `+49 30 1234567`")]
    Phone,
    /// Not a user name by the rule above.
    #[error("not a user name: use 2 to 64 of a-z, 0-9, `.`, `_` and `-`, beginning with a letter")]
    Username,
}

/// A well-formed identifier: as typed, and as compared.
///
/// INVARIANT: `normalized` is what the rule makes of `value`.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentifierValue {
    kind: IdentifierKind,
    value: String,
    normalized: String,
}

impl std::fmt::Debug for IdentifierValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentifierValue({}, redacted)", self.kind.as_str())
    }
}

impl IdentifierValue {
    /// An e-mail address.
    ///
    /// # Errors
    /// [`IdentifierError::Email`].
    pub fn email(text: &str) -> Result<Self, IdentifierError> {
        let value = nfc(text).ok_or(IdentifierError::Email)?;
        let normalized = normalize_email(&value).ok_or(IdentifierError::Email)?;
        Ok(Self {
            kind: IdentifierKind::Email,
            value,
            normalized,
        })
    }

    /// A phone number.
    ///
    /// # Errors
    /// [`IdentifierError::Phone`].
    pub fn phone(text: &str) -> Result<Self, IdentifierError> {
        let value = nfc(text).ok_or(IdentifierError::Phone)?;
        let normalized = normalize_phone(&value).ok_or(IdentifierError::Phone)?;
        Ok(Self {
            kind: IdentifierKind::Phone,
            value,
            normalized,
        })
    }

    /// A user name.
    ///
    /// # Errors
    /// [`IdentifierError::Username`].
    pub fn username(text: &str) -> Result<Self, IdentifierError> {
        let value = nfc(text).ok_or(IdentifierError::Username)?;
        let bytes = value.as_bytes();
        let letters = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let fits = (2..=64).contains(&bytes.len())
            && bytes.first().is_some_and(u8::is_ascii_alphabetic)
            && bytes.iter().all(letters);
        if !fits {
            return Err(IdentifierError::Username);
        }
        let normalized = value.to_ascii_lowercase();
        Ok(Self {
            kind: IdentifierKind::Username,
            value,
            normalized,
        })
    }

    /// What somebody typed into a field that takes any kind: with `@` an e-mail address, beginning with `+` or a digit
    /// a phone number, else a user name. `None` if it is none of them: then nobody has it.
    pub fn guess(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') {
            Self::email(text).ok()
        } else if text.starts_with(|c: char| c == '+' || c.is_ascii_digit()) {
            Self::phone(text).ok()
        } else {
            Self::username(text).ok()
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// As typed, without white space around it.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// As compared.
    pub fn normalized(&self) -> &str {
        &self.normalized
    }
}

/// Cut, composed, and free of characters that nobody sees.
fn nfc(text: &str) -> Option<String> {
    if text.len() > MAX_INPUT_BYTES {
        return None;
    }
    let text: String = text.trim().nfc().collect();
    (!text.is_empty() && !text.chars().any(is_invisible)).then_some(text)
}

/// Control and format characters: two spellings that look alike must not be two accounts.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn normalize_email(value: &str) -> Option<String> {
    let (local, domain) = value.rsplit_once('@')?;
    let local: String = local.to_lowercase().nfc().collect();
    let dot_atom = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    if local.is_empty() || local.len() > MAX_LOCAL_BYTES || !dot_atom || !local.chars().all(is_atom) {
        return None;
    }
    let domain = normalize_domain(domain)?;
    let normalized = format!("{local}@{domain}");
    (normalized.len() <= MAX_EMAIL_BYTES).then_some(normalized)
}

/// `atext` of RFC 5322 3.2.3, the dot, and letters of other scripts (RFC 6531 3.3).
fn is_atom(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
    } else {
        !c.is_whitespace() && !is_invisible(c)
    }
}

fn normalize_domain(domain: &str) -> Option<String> {
    // WHY: the URL parser decodes percent escapes and takes slashes; a mail domain has neither.
    if domain.contains(['%', '/', '\\', '?', '#', ':', '[', ']']) {
        return None;
    }
    let url::Host::Domain(ascii) = url::Host::parse(domain).ok()? else {
        return None;
    };
    let ascii = ascii.to_ascii_lowercase();
    let label = |label: &str| {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(word)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (ascii.contains('.') && ascii.len() <= 253 && ascii.split('.').all(label)).then_some(ascii)
}

/// The same rule as that by which text messages are addressed.
fn normalize_phone(value: &str) -> Option<String> {
    PhoneNumber::parse(value).map(|number| number.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Option<String> {
        IdentifierValue::email(text)
            .ok()
            .map(|e| e.normalized().to_owned())
    }

    #[test]
    fn spellings_of_one_address_compare_equal() {
        assert_eq!(email(" Alice@Example.COM ").as_deref(), Some("alice@example.com"));
        assert_eq!(
            email("alice@B\u{fc}cher.example"),
            email("alice@xn--bcher-kva.example")
        );
        assert_eq!(email("jose\u{301}@example.com"), email("JOS\u{c9}@example.com"));
        assert_eq!(email("a@example\u{ff0e}com"), email("a@example.com"));
    }

    #[test]
    fn tags_and_dots_stay_different_addresses() {
        assert_ne!(email("a.b@example.com"), email("ab@example.com"));
        assert_ne!(email("a+x@example.com"), email("a@example.com"));
    }

    #[test]
    fn what_is_typed_is_kept_for_display() {
        let address = IdentifierValue::email("  Alice@Example.com").unwrap();
        assert_eq!(address.value(), "Alice@Example.com");
        assert!(!format!("{address:?}").contains("lice"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}.com", vec!["a".repeat(60); 5].join("."));
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@example.com",
            "a@b@example.com",
            "a b@example.com",
            "a@exa mple.com",
            "a@localhost",
            "a@1.2.3.4",
            "a@[::1]",
            "a@example.com.",
            "a@.example.com",
            "a@-a.com",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "\"a b\"@example.com",
            "a@example.com\0",
            "a\u{200b}@example.com",
            "a@ex%61mple.com",
            "a@example.com/x",
            "a\r\nbcc: b@example.com",
            "<a@example.com>",
            &long_local,
            &long_domain,
        ] {
            assert_eq!(email(bad), None, "{bad:?}");
        }
        assert!(email(&format!("{}@example.com", "a".repeat(64))).is_some());
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        for text in [
            "\u{130}@example.com",
            "STRASSE\u{df}@ex\u{e4}mple.com",
            "\u{1e9e}@example.com",
            "a+B@C.de",
        ] {
            if let Some(once) = email(text) {
                assert_eq!(email(&once).as_deref(), Some(once.as_str()), "{text}");
            }
        }
    }

    #[test]
    fn phone_numbers_are_e164() {
        let phone = |text: &str| {
            IdentifierValue::phone(text)
                .ok()
                .map(|p| p.normalized().to_owned())
        };
        assert_eq!(phone("+49 (30) 123-45.67").as_deref(), Some("+49301234567"));
        for bad in [
            "0301234567",
            "+0301234567",
            "+1234567",
            "+1234567890123456",
            "+49a301234567",
            "++49301234567",
        ] {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_guess_never_confuses_the_kinds() {
        let kind = |text: &str| IdentifierValue::guess(text).map(|i| i.kind());
        assert_eq!(kind("a@example.com"), Some(IdentifierKind::Email));
        assert_eq!(kind("+49301234567"), Some(IdentifierKind::Phone));
        assert_eq!(kind("Alice.B-2"), Some(IdentifierKind::Username));
        for nobody in ["", "a", "2bob", "al ice", "al\u{ef}ce", &"a".repeat(65), "a@b"] {
            assert_eq!(kind(nobody), None, "{nobody}");
        }
    }
}
