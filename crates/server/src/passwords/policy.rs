//! What a new password must be.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::breached::{BreachedList, BreachedListError};
use super::password::Password;

/// Strength is estimated on this much of a password: more would cost time and tell little.
const ESTIMATED: usize = 64;
/// Shorter words occur in too many good passwords to be held against one.
const SHORTEST_WORD: usize = 4;

/// What passwords must be. Applies to new ones only: an existing password keeps working.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// Fewest code points after NFC. Default 8.
    pub min_length: usize,
    /// Most code points after NFC; a longer one is refused, never cut. Default 256.
    pub max_length: usize,
    /// Fewest guesses, as a power of ten, that an attacker with dictionaries must need. Default 6: what a
    /// throttled online attack cannot make. 0 switches the estimate off.
    pub min_guesses_log10: f64,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self {
            min_length: 8,
            max_length: 256,
            min_guesses_log10: 6.0,
        }
    }
}

/// Why a password is refused: each is something its owner can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// Fewer code points than the minimum.
    #[error("the password is too short: use at least {min} characters")]
    TooShort {
        /// The minimum.
        min: usize,
    },
    /// More code points than the maximum.
    #[error("the password is too long: use at most {max} characters")]
    TooLong {
        /// The maximum.
        max: usize,
    },
    /// A control character, which keyboards and forms do not agree on.
    #[error("the password contains a control character: leave it out")]
    ControlCharacter,
    /// It is one of the account's identifiers or the product's name, with little added.
    #[error("the password is little more than a name or address of the account: choose another")]
    Personal,
    /// It is in the list of breached passwords.
    #[error("the password appears in a list of breached passwords: choose another")]
    Breached,
    /// It is common, or made by a common pattern.
    #[error("the password is too easy to guess: choose another, for example several unrelated words")]
    TooCommon,
}

/// Why a check did not pass.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The password is refused.
    #[error(transparent)]
    Refused(#[from] PasswordProblem),
    /// The list of breached passwords could not be read.
    #[error(transparent)]
    List(#[from] BreachedListError),
}

/// The policy with its lists.
#[derive(Debug)]
pub struct PasswordPolicy {
    config: PolicyConfig,
    breached: Option<BreachedList>,
}

impl PasswordPolicy {
    /// A policy, with the operator's list of breached passwords if there is one.
    pub fn new(config: PolicyConfig, breached: Option<BreachedList>) -> Self {
        Self { config, breached }
    }

    /// Its numbers.
    pub fn config(&self) -> &PolicyConfig {
        &self.config
    }

    /// Judges a new password. `words` are the account's identifiers and the product's and tenant's names.
    ///
    /// Blocks for up to a few milliseconds, and on the disk where there is a list: call it on the hashing pool.
    ///
    /// # Errors
    /// The first [`PasswordProblem`], or that the list could not be read.
    pub fn check(&self, password: &Password, words: &[&str]) -> Result<(), PolicyError> {
        let text = password.nfc();
        let length = password.len();
        if length < self.config.min_length {
            let min = self.config.min_length;
            return Err(PasswordProblem::TooShort { min }.into());
        }
        if length > self.config.max_length {
            let max = self.config.max_length;
            return Err(PasswordProblem::TooLong { max }.into());
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordProblem::ControlCharacter.into());
        }
        let words = personal_words(words);
        if self.is_personal(text, &words) {
            return Err(PasswordProblem::Personal.into());
        }
        if let Some(breached) = &self.breached
            && breached.contains(text)?
        {
            return Err(PasswordProblem::Breached.into());
        }
        if self.is_common(text, &words) {
            return Err(PasswordProblem::TooCommon.into());
        }
        Ok(())
    }

    /// Whether, without the words in it, too little is left to be a password of its own.
    fn is_personal(&self, text: &str, words: &[String]) -> bool {
        let folded = fold(text);
        if words.contains(&folded) {
            return true;
        }
        let mut rest = folded.clone();
        for word in words.iter().filter(|word| word.chars().count() >= SHORTEST_WORD) {
            rest = rest.replace(word.as_str(), "");
        }
        rest.len() < folded.len() && rest.chars().count() < self.config.min_length
    }

    fn is_common(&self, text: &str, words: &[String]) -> bool {
        if self.config.min_guesses_log10 <= 0.0 {
            return false;
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let weak = |part: &str| zxcvbn::zxcvbn(part, &words).guesses_log10() < self.config.min_guesses_log10;
        let head: String = text.chars().take(ESTIMATED).collect();
        if !weak(&head) {
            return false;
        }
        let length = text.chars().count();
        // A weak beginning is forgiven if the end alone is strong.
        length <= ESTIMATED || weak(&text.chars().skip(length - ESTIMATED).collect::<String>())
    }
}

/// Identifiers, and what stands before the `@` of an address, in the form in which they are compared; longest first.
fn personal_words(words: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words {
        let word = fold(word.trim());
        if let Some((local, _)) = word.split_once('@') {
            all.push(local.to_owned());
        }
        all.push(word);
    }
    all.retain(|word| !word.is_empty());
    all.sort_by_key(|word| std::cmp::Reverse(word.len()));
    all.dedup();
    all
}

fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy::new(PolicyConfig::default(), None)
    }

    fn check(text: &str, words: &[&str]) -> Result<(), PasswordProblem> {
        match policy().check(&Password::from(text), words) {
            Ok(()) => Ok(()),
            Err(PolicyError::Refused(problem)) => Err(problem),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Text of `length` code points without a pattern.
    fn varied(length: usize) -> String {
        let mut state = 12_345_u32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                char::from_digit(state >> 16 & 31, 36).unwrap()
            })
            .collect()
    }

    #[test]
    fn length_is_counted_in_code_points_after_nfc() {
        let (too_short, too_long) = (
            Err(PasswordProblem::TooShort { min: 8 }),
            Err(PasswordProblem::TooLong { max: 256 }),
        );
        assert_eq!(check("", &[]), too_short);
        assert_eq!(check(&varied(7), &[]), too_short);
        assert_eq!(check(&varied(8), &[]), Ok(()));
        assert_eq!(check(&varied(128), &[]), Ok(()));
        assert_eq!(check(&varied(256), &[]), Ok(()));
        assert_eq!(check(&varied(257), &[]), too_long);
        // Seven characters typed as eight code points.
        assert_eq!(check("xkqvzwa\u{308}", &[]), too_short);
        assert_eq!(check("xkqvzwba\u{308}", &[]), Ok(()));
        // Bytes do not count: 256 emoji are 1024 bytes.
        let emoji: String = (0..256_u32)
            .map(|i| char::from_u32(0x1f300 + i * 7 % 256).unwrap())
            .collect();
        assert_eq!(check(&emoji, &[]), Ok(()));
    }

    #[test]
    fn no_composition_rules() {
        for text in [
            "nine unrelated turtles",
            "zqvkwjxp",
            "48205917362",
            "ÜÄÖßéèçñøå",
            "パスワードではない秘密",
            " spaces are fine ",
            "correct horse battery staple",
        ] {
            assert_eq!(check(text, &[]), Ok(()), "{text}");
        }
    }

    #[test]
    fn common_passwords_and_patterns_are_refused() {
        for text in [
            "password",
            "Password1",
            "P@ssw0rd",
            "password123",
            "12345678",
            "1234567890",
            "qwertyuiop",
            "qwerty123",
            "iloveyou",
            "letmein123",
            "sunshine",
            "trustno1",
            "aaaaaaaa",
            "abcdefgh",
            "abcabcabc",
            "11111111111111111111",
            "zaq12wsx",
            "1qaz2wsx",
            "baseball",
            "drowssap",
            "football1",
            "19870321",
        ] {
            assert_eq!(check(text, &[]), Err(PasswordProblem::TooCommon), "{text}");
        }
        assert_eq!(check(&"a".repeat(200), &[]), Err(PasswordProblem::TooCommon));
    }

    #[test]
    fn weak_beginning_with_a_strong_end_is_accepted() {
        assert_eq!(check(&format!("{}{}", "a".repeat(64), varied(30)), &[]), Ok(()));
    }

    #[test]
    fn passwords_made_of_the_account_itself_are_refused() {
        let words = ["Alice.Wonder@Example.com", "Acme Portal", "bo"];
        for text in [
            "alice.wonder@example.com",
            "ALICE.WONDER@EXAMPLE.COM",
            "alice.wonder",
            "Alice.Wonder1",
            "alice.wonder1234567",
            "acme portal",
            "Acme Portal!",
            "xxAcme Portalxx",
            "alice.wonderacme portal",
        ] {
            assert_eq!(check(text, &words), Err(PasswordProblem::Personal), "{text}");
        }
        for text in [
            "my acme portal has nine gates",
            "bo zqvkwjxp",
            "alice of wonderland drinks",
        ] {
            assert_eq!(check(text, &words), Ok(()), "{text}");
        }
    }

    #[test]
    fn empty_words_forbid_nothing() {
        assert_eq!(check("zqvkwjxp", &["", "  ", "@"]), Ok(()));
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["zqvk\0wjxp", "zqvk\nwjxp", "zqvk\u{7f}wjxp", "zqvkwjxp\u{85}"] {
            assert_eq!(
                check(text, &[]),
                Err(PasswordProblem::ControlCharacter),
                "{text:?}"
            );
        }
    }

    #[test]
    fn estimate_can_be_switched_off() {
        let config = PolicyConfig {
            min_guesses_log10: 0.0,
            ..PolicyConfig::default()
        };
        let policy = PasswordPolicy::new(config, None);
        assert!(policy.check(&Password::from("password"), &[]).is_ok());
    }
}
