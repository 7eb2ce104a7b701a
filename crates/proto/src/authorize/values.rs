//! The small enumerated parameters: `response_mode`, `display`, `prompt`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How the answer travels (OAuth Multiple Response Types 2.1, OAuth Form Post Response Mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default for `code`.
    #[default]
    Query,
    /// In the fragment.
    Fragment,
    /// In the body of a form that the browser posts by itself.
    FormPost,
}

impl ResponseMode {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }
}

impl FromStr for ResponseMode {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        [Self::Query, Self::Fragment, Self::FormPost]
            .into_iter()
            .find(|m| m.as_str() == text)
            .ok_or(UnknownValue)
    }
}

/// A value that is not in the enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value is not one of those known")]
pub struct UnknownValue;

/// `display`: how the pages should look (OIDC Core 3.1.2.1). Unknown values are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A full page.
    Page,
    /// A popup window.
    Popup,
    /// A touch device.
    Touch,
    /// A feature phone.
    Wap,
}

impl Display {
    /// The known value, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "page" => Some(Self::Page),
            "popup" => Some(Self::Popup),
            "touch" => Some(Self::Touch),
            "wap" => Some(Self::Wap),
            _ => None,
        }
    }
}

/// Why a `prompt` was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// A value that is not served (Initiating User Registration 1.0, 4).
    #[error("`prompt` holds an unknown value")]
    Unknown,
    /// `none` beside another value (OIDC Core 3.1.2.1).
    #[error("`prompt` must not combine `none` with another value")]
    NoneWithOthers,
}

/// The set of `prompt` values (OIDC Core 3.1.2.1, Initiating User Registration 1.0).
///
/// INVARIANT: `none` stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of five independent wire values"
)]
pub struct Prompt {
    none: bool,
    login: bool,
    consent: bool,
    select_account: bool,
    create: bool,
}

impl Prompt {
    /// Parses the space-separated list.
    pub fn parse(text: &str) -> Result<Self, PromptError> {
        let mut prompt = Self::default();
        for value in text.split(' ').filter(|v| !v.is_empty()) {
            match value {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                "create" => prompt.create = true,
                _ => return Err(PromptError::Unknown),
            }
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account || prompt.create) {
            return Err(PromptError::NoneWithOthers);
        }
        Ok(prompt)
    }

    /// No page may be shown.
    pub const fn none(self) -> bool {
        self.none
    }

    /// The user must authenticate again.
    pub const fn login(self) -> bool {
        self.login
    }

    /// The user must be asked for consent again.
    pub const fn consent(self) -> bool {
        self.consent
    }

    /// The user must choose an account.
    pub const fn select_account(self) -> bool {
        self.select_account
    }

    /// The user wants to sign up.
    pub const fn create(self) -> bool {
        self.create
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (self.none, "none"),
            (self.login, "login"),
            (self.consent, "consent"),
            (self.select_account, "select_account"),
            (self.create, "create"),
        ];
        let mut gap = "";
        for (_, name) in all.iter().filter(|(set, _)| *set) {
            write!(f, "{gap}{name}")?;
            gap = " ";
        }
        Ok(())
    }
}

impl Serialize for Prompt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Prompt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_none_stands_alone() {
        assert_eq!(Prompt::parse("none login"), Err(PromptError::NoneWithOthers));
        assert_eq!(Prompt::parse("create none"), Err(PromptError::NoneWithOthers));
        assert_eq!(Prompt::parse("None"), Err(PromptError::Unknown));
        assert!(Prompt::parse("none none").unwrap().none());
        assert!(Prompt::parse("").unwrap().is_empty());
    }

    #[test]
    fn prompt_round_trips() {
        let prompt = Prompt::parse("consent login select_account create").unwrap();
        assert_eq!(prompt.to_string(), "login consent select_account create");
        assert!(prompt.login() && prompt.consent() && prompt.select_account() && prompt.create());
        let json = serde_json::to_string(&prompt).unwrap();
        assert_eq!(serde_json::from_str::<Prompt>(&json).unwrap(), prompt);
    }

    #[test]
    fn response_modes_are_the_three_served() {
        for (text, mode) in [
            ("query", ResponseMode::Query),
            ("fragment", ResponseMode::Fragment),
            ("form_post", ResponseMode::FormPost),
        ] {
            assert_eq!(text.parse(), Ok(mode));
            assert_eq!(mode.as_str(), text);
        }
        assert_eq!("query.jwt".parse::<ResponseMode>(), Err(UnknownValue));
    }
}
