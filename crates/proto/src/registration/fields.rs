//! One metadata field at a time: type, length, characters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::parse::RegistrationError;
use crate::redirect_uri::{self, RedirectUriError};

const MAX_LOCALIZED: usize = 64;
const LOCALIZABLE: [&str; 5] = ["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri"];

/// What is wrong with a metadata field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// Another JSON type than the field has.
    #[error("has the wrong type")]
    WrongType,
    /// Too long, or too many entries.
    #[error("is too long")]
    TooLong,
    /// Control characters, or characters that turn the direction of text around.
    #[error("holds characters that are not allowed")]
    Character,
    /// A value that is not served.
    #[error("holds a value that is not supported")]
    Unsupported,
    /// A URL that is not acceptable.
    #[error("{0}")]
    Url(RedirectUriError),
    /// Required by another field.
    #[error("is required with {0}")]
    RequiredWith(&'static str),
    /// Contradicts another field.
    #[error("must not be combined with {0}")]
    Contradicts(&'static str),
}

/// The members of the document, taken out one by one. JSON null and the empty string count as omitted.
pub(super) struct Fields {
    members: Map<String, Value>,
}

type Result<T> = std::result::Result<T, RegistrationError>;

fn problem<T>(field: &'static str, problem: FieldProblem) -> Result<T> {
    Err(RegistrationError::Field { field, problem })
}

impl Fields {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self { members }
    }

    fn take(&mut self, field: &'static str) -> Option<Value> {
        self.members.remove(field).filter(|v| !v.is_null() && v != "")
    }

    /// A text for people or machines: capped, without control or direction characters.
    pub(super) fn text(&mut self, field: &'static str, max: usize) -> Result<Option<String>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => check_text(&text, max)
                .or_else(|p| problem(field, p))
                .map(|()| Some(text)),
            Some(_) => problem(field, FieldProblem::WrongType),
        }
    }

    /// An array of texts.
    pub(super) fn texts(
        &mut self,
        field: &'static str,
        max_count: usize,
        max: usize,
    ) -> Result<Option<Vec<String>>> {
        let entries = match self.take(field) {
            None => return Ok(None),
            Some(Value::Array(entries)) => entries,
            Some(_) => return problem(field, FieldProblem::WrongType),
        };
        if entries.len() > max_count {
            return problem(field, FieldProblem::TooLong);
        }
        let mut texts = Vec::with_capacity(entries.len());
        for entry in entries {
            let Value::String(text) = entry else {
                return problem(field, FieldProblem::WrongType);
            };
            check_text(&text, max).or_else(|p| problem(field, p))?;
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        Ok(Some(texts))
    }

    pub(super) fn flag(&mut self, field: &'static str) -> Result<bool> {
        match self.take(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => problem(field, FieldProblem::WrongType),
        }
    }

    /// A number of seconds.
    pub(super) fn seconds(&mut self, field: &'static str) -> Result<Option<u32>> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let seconds = value.as_u64().and_then(|s| u32::try_from(s).ok());
        seconds.map_or_else(|| problem(field, FieldProblem::WrongType), |s| Ok(Some(s)))
    }

    /// A text with a closed set of values.
    pub(super) fn one_of<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(text) = self.text(field, 64)? else {
            return Ok(None);
        };
        read(&text).map_or_else(
            || problem(field, FieldProblem::Unsupported),
            |value| Ok(Some(value)),
        )
    }

    /// An array of texts with a closed set of values.
    pub(super) fn some_of<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Vec<T>>> {
        let Some(texts) = self.texts(field, 16, 64)? else {
            return Ok(None);
        };
        let values = texts.iter().map(|t| read(t)).collect::<Option<Vec<T>>>();
        values.map_or_else(
            || problem(field, FieldProblem::Unsupported),
            |values| Ok(Some(values)),
        )
    }

    /// A link or an endpoint of the client's: https.
    pub(super) fn url(&mut self, field: &'static str, allow_loopback_http: bool) -> Result<Option<String>> {
        let url = self.text(field, redirect_uri::MAX_REDIRECT_URI_BYTES)?;
        if let Some(url) = &url {
            redirect_uri::check_web_url(url, allow_loopback_http)
                .or_else(|e| problem(field, FieldProblem::Url(e)))?;
        }
        Ok(url)
    }

    pub(super) fn object(&mut self, field: &'static str) -> Result<Option<Map<String, Value>>> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => problem(field, FieldProblem::WrongType),
        }
    }

    /// The human-readable members with a language tag (RFC 7591 2.2); others with a `#` are unknown and ignored.
    pub(super) fn localized(&self, allow_loopback_http: bool) -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        for (name, value) in &self.members {
            let Some((member, tag)) = name.split_once('#') else {
                continue;
            };
            let Some(field) = LOCALIZABLE.into_iter().find(|l| *l == member) else {
                continue;
            };
            if value.is_null() || value == "" {
                continue;
            }
            let Some(text) = value.as_str() else {
                return problem(field, FieldProblem::WrongType);
            };
            if crate::authorize::locales(Some(tag))
                .first()
                .is_none_or(|t| t != tag)
            {
                return problem(field, FieldProblem::Character);
            }
            if field == "client_name" {
                check_text(text, super::parse::MAX_NAME_BYTES).or_else(|p| problem(field, p))?;
            } else {
                redirect_uri::check_web_url(text, allow_loopback_http)
                    .or_else(|e| problem(field, FieldProblem::Url(e)))?;
            }
            found.insert(name.clone(), text.to_owned());
            if found.len() > MAX_LOCALIZED {
                return problem(field, FieldProblem::TooLong);
            }
        }
        Ok(found)
    }
}

fn check_text(text: &str, max: usize) -> std::result::Result<(), FieldProblem> {
    if text.len() > max {
        return Err(FieldProblem::TooLong);
    }
    // Direction overrides and line separators let one name pass for another.
    let deceives = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    if text.chars().any(|c| c.is_control() || deceives(c)) {
        return Err(FieldProblem::Character);
    }
    Ok(())
}
