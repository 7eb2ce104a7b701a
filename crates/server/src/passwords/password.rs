//! What somebody typed.

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::{Zeroize as _, Zeroizing};

/// A password as typed and in NFC, so that the same text from another keyboard is the same password
/// (NIST SP 800-63B 5.1.1.2). Wiped when dropped.
///
/// Deliberately neither `Display` nor `PartialEq`.
#[derive(Clone)]
pub struct Password {
    nfc: Zeroizing<String>,
    /// As typed, where that is not NFC: systems that hashes are imported from may not have normalised.
    typed: Option<Zeroizing<String>>,
}

impl Password {
    /// Takes what was typed; nothing is trimmed or cut.
    pub fn new(mut text: String) -> Self {
        if is_nfc(&text) {
            return Self {
                nfc: Zeroizing::new(text),
                typed: None,
            };
        }
        let mut nfc = Zeroizing::new(String::with_capacity(text.len() * 2));
        nfc.extend(text.nfc());
        let typed = Zeroizing::new(text.clone());
        text.zeroize();
        Self {
            nfc,
            typed: Some(typed),
        }
    }

    /// The text that is judged and hashed.
    pub(super) fn nfc(&self) -> &str {
        &self.nfc
    }

    /// What was typed, if it differs from [`nfc`](Self::nfc).
    pub(super) fn typed(&self) -> Option<&str> {
        self.typed.as_ref().map(|typed| typed.as_str())
    }

    /// Length in code points after normalisation: the unit of the policy.
    pub fn len(&self) -> usize {
        self.nfc.chars().count()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.nfc.is_empty()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_spellings_are_one_password() {
        let (composed, decomposed) = (
            Password::from("p\u{e4}ssw\u{f6}rt"),
            Password::from("pa\u{308}sswo\u{308}rt"),
        );
        assert_eq!(composed.nfc(), decomposed.nfc());
        assert_eq!((composed.len(), decomposed.len()), (8, 8));
        assert_eq!(composed.typed(), None);
        assert_eq!(decomposed.typed(), Some("pa\u{308}sswo\u{308}rt"));
    }

    #[test]
    fn compatibility_forms_and_spaces_stay_what_they_are() {
        // NFC, not NFKC: a ligature is not two letters.
        assert_eq!(Password::from("\u{fb01}sh").nfc(), "\u{fb01}sh");
        assert_eq!(Password::from("  two words  ").nfc(), "  two words  ");
        assert_eq!(Password::from("").len(), 0);
    }

    #[test]
    fn debug_output_shows_nothing() {
        assert_eq!(format!("{:?}", Password::from("hunter2")), "Password(..)");
    }
}
