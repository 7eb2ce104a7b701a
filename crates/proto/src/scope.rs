//! Scope tokens and sets of them (RFC 6749 3.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest scope value taken, in bytes.
pub const MAX_SCOPE_BYTES: usize = 4096;
/// Longest scope token, in bytes.
pub const MAX_SCOPE_TOKEN_BYTES: usize = 256;
/// Most tokens in a set.
pub const MAX_SCOPE_TOKENS: usize = 128;

/// Why a scope was refused (RFC 6749 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A token is empty.
    #[error("a scope token must not be empty")]
    Empty,
    /// A character outside `%x21 / %x23-5B / %x5D-7E`.
    #[error("a scope token may hold visible ASCII only, without quotes and backslashes")]
    Character,
    /// Too long, or too many tokens.
    #[error("the scope is too long")]
    TooLong,
}

/// One scope token: `1*( %x21 / %x23-5B / %x5D-7E )` (RFC 6749 3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeToken(Box<str>);

impl ScopeToken {
    /// Parses one token.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Err(ScopeError::Empty);
        }
        if text.len() > MAX_SCOPE_TOKEN_BYTES {
            return Err(ScopeError::TooLong);
        }
        if !text
            .bytes()
            .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        {
            return Err(ScopeError::Character);
        }
        Ok(Self(text.into()))
    }

    /// The token's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ScopeToken {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScopeToken {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl Serialize for ScopeToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ScopeToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// A set of scope tokens in the order they were given, without duplicates.
///
/// Two sets are equal when they hold the same tokens, in whatever order (RFC 6749 3.3: the order does not matter).
#[derive(Debug, Clone, Default)]
pub struct ScopeSet(Vec<ScopeToken>);

impl ScopeSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Parses a space-separated list; surplus spaces are ignored, repeated tokens collapse.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.len() > MAX_SCOPE_BYTES {
            return Err(ScopeError::TooLong);
        }
        let mut set = Self::new();
        for token in text.split(' ').filter(|t| !t.is_empty()) {
            set.insert(ScopeToken::parse(token)?);
            if set.0.len() > MAX_SCOPE_TOKENS {
                return Err(ScopeError::TooLong);
            }
        }
        Ok(set)
    }

    /// Adds a token at the end; false when it was there already.
    pub fn insert(&mut self, token: ScopeToken) -> bool {
        let new = !self.0.contains(&token);
        if new {
            self.0.push(token);
        }
        new
    }

    /// Whether the token is in the set.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|t| t.as_str() == token)
    }

    /// Whether every token of this set is also in `other`.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.iter().all(|t| other.0.contains(t))
    }

    /// The tokens that are in both, in this set's order.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.0.iter().filter(|t| other.0.contains(t)).cloned().collect()
    }

    /// The tokens of this set that `other` lacks, in this set's order.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.0.iter().filter(|t| !other.0.contains(t)).cloned().collect()
    }

    /// This set followed by what `other` adds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).cloned().collect()
    }

    /// Keeps the tokens for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|t| keep(t.as_str()));
    }

    /// The tokens in order.
    pub fn iter(&self) -> std::slice::Iter<'_, ScopeToken> {
        self.0.iter()
    }

    /// How many tokens.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for ScopeSet {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.is_subset_of(other)
    }
}

impl Eq for ScopeSet {}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, token) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for ScopeSet {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl FromIterator<ScopeToken> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = ScopeToken>>(tokens: I) -> Self {
        let mut set = Self::new();
        for token in tokens {
            set.insert(token);
        }
        set
    }
}

impl IntoIterator for ScopeSet {
    type Item = ScopeToken;
    type IntoIter = std::vec::IntoIter<ScopeToken>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a ScopeToken;
    type IntoIter = std::slice::Iter<'a, ScopeToken>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_is_kept_and_repeats_collapse() {
        let set = ScopeSet::parse("openid  email openid profile ").unwrap();
        assert_eq!(set.to_string(), "openid email profile");
        assert_eq!(set.len(), 3);
        assert_eq!(set, ScopeSet::parse("profile openid email").unwrap());
        assert_ne!(set, ScopeSet::parse("profile openid").unwrap());
    }

    #[test]
    fn characters_outside_rfc_6749_are_refused() {
        for bad in ["a\"b", "a\\b", "a\tb", "a\nb", "\u{e9}", "a\u{7f}", "a\0"] {
            assert_eq!(ScopeSet::parse(bad), Err(ScopeError::Character), "{bad:?}");
        }
        assert_eq!(ScopeToken::parse(""), Err(ScopeError::Empty));
        assert_eq!(ScopeToken::parse("a b"), Err(ScopeError::Character));
        assert_eq!(ScopeSet::parse(&"a".repeat(257)), Err(ScopeError::TooLong));
        let many = (0..129).map(|i| format!("s{i}")).collect::<Vec<_>>().join(" ");
        assert_eq!(ScopeSet::parse(&many), Err(ScopeError::TooLong));
    }

    #[test]
    fn set_operations_keep_this_sets_order() {
        let a = ScopeSet::parse("c b a").unwrap();
        let b = ScopeSet::parse("a c d").unwrap();
        assert_eq!(a.intersection(&b).to_string(), "c a");
        assert_eq!(a.difference(&b).to_string(), "b");
        assert_eq!(a.union(&b).to_string(), "c b a d");
        assert!(a.intersection(&b).is_subset_of(&a));
    }

    #[test]
    fn serde_is_one_space_separated_string() {
        let set = ScopeSet::parse("openid email").unwrap();
        assert_eq!(serde_json::to_string(&set).unwrap(), r#""openid email""#);
        assert_eq!(
            serde_json::from_str::<ScopeSet>(r#""openid\u0020email""#).unwrap(),
            set
        );
        assert!(serde_json::from_str::<ScopeSet>(r#""a\"b""#).is_err());
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_round_trips(text in ".*") {
            if let Ok(set) = ScopeSet::parse(&text) {
                let again = ScopeSet::parse(&set.to_string()).unwrap();
                prop_assert_eq!(again.to_string(), set.to_string());
            }
        }
    }
}
