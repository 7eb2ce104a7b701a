//! Text that must not reach a log: codes, verifiers, client secrets, tokens, assertions.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A secret received from a client, held as text.
///
/// Its `Debug` is redacted, comparison is constant in time, and the memory is wiped on drop.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes ownership of a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The secret itself. Never log, store or echo what this returns.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compares in a time that depends on the lengths alone.
    pub fn ct_eq(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other.expose())
    }
}

impl Eq for SecretText {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_secret() {
        assert_eq!(format!("{:?}", SecretText::new("hunter2")), "SecretText(..)");
    }

    #[test]
    fn comparison_sees_every_difference() {
        let secret = SecretText::new("hunter2");
        assert!(secret.ct_eq("hunter2"));
        assert!(!secret.ct_eq("hunter3"));
        assert!(!secret.ct_eq("hunter22"));
        assert!(!secret.ct_eq(""));
    }
}
