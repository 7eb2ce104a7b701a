//! Gathers values from the file, the environment and the flags, each with its place, and hands them out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Source};
use super::section::{Bounds, SectionDescription};
use super::value::{Raw, Setting};

const MAX_FILE_BYTES: u64 = 1024 * 1024;
const PREFIX: &str = "AUTHFLOW_";

/// The name of the environment variable of a setting: `tokens.access_ttl` is `AUTHFLOW_TOKENS_ACCESS_TTL`.
pub(super) fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "_").to_ascii_uppercase())
}

/// A value with its place.
struct Located {
    raw: Raw,
    source: Source,
}

/// All values that were given and not yet taken, by path.
pub(super) struct Values {
    given: BTreeMap<String, Located>,
    paths: BTreeSet<String>,
    sections: BTreeSet<String>,
    /// What was wrong so far.
    pub(super) errors: Vec<ConfigError>,
}

impl Values {
    /// Nothing given yet; `known` are the settings there are.
    pub(super) fn new(known: &[SectionDescription]) -> Self {
        Self {
            given: BTreeMap::new(),
            paths: known
                .iter()
                .flat_map(|section| section.settings.iter().map(|setting| setting.path.clone()))
                .collect(),
            sections: known.iter().map(|section| section.path.clone()).collect(),
            errors: Vec::new(),
        }
    }

    /// Sets `path`, over whatever gave it before.
    pub(super) fn put(&mut self, path: &str, raw: Raw, source: Source) {
        self.given.insert(path.to_owned(), Located { raw, source });
    }

    /// Reads the file at `path`.
    pub(super) fn put_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let unreadable = |source| ConfigError::unreadable(path, source);
        if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
                max_bytes: MAX_FILE_BYTES,
            });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let table = DeTable::parse(&text).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            line: line_of(&text, error.span().map_or(0, |span| span.start)),
            message: error.message().into(),
        })?;
        self.put_table(path, &text, "", table.get_ref());
        Ok(())
    }

    fn put_table(&mut self, path: &Path, text: &str, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let full = super::section::join(prefix, key.get_ref());
            match value.get_ref() {
                DeValue::Table(below) if !self.paths.contains(&full) => {
                    if below.is_empty() && !self.sections.contains(&full) {
                        self.put(
                            &full,
                            Raw::Other("a table"),
                            file_source(path, text, key.span().start),
                        );
                    }
                    self.put_table(path, text, &full, below);
                }
                other => self.put(&full, raw(other), file_source(path, text, key.span().start)),
            }
        }
    }

    /// Reads every variable that begins with `AUTHFLOW_` and is a setting's, or nobody else's.
    ///
    /// `_` and `__` both stand for the dot between a section and its setting.
    pub(super) fn put_environment(&mut self, variables: &BTreeMap<String, String>, reserved: &[&str]) {
        let known: BTreeMap<String, String> = self
            .paths
            .iter()
            .map(|path| (variable(path), path.clone()))
            .collect();
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in variables.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
            if reserved.contains(&name.as_str()) || is_foreign(name, value) {
                continue;
            }
            let source = Source::Environment { name: name.clone() };
            let Some(path) = known.get(&name.replace("__", "_")) else {
                self.errors.push(ConfigError::UnknownKey {
                    key: name.clone(),
                    source_: source,
                    nearest: nearest(
                        name,
                        known.keys().map(String::as_str).chain(reserved.iter().copied()),
                    ),
                });
                continue;
            };
            if let Some(first) = seen.insert(path.clone(), name.clone()) {
                self.errors.push(ConfigError::Twice {
                    key: path.clone(),
                    first,
                    second: name.clone(),
                });
            }
            self.put(path, Raw::Loose(value.clone()), source);
        }
    }

    /// Whether anything gave `path`.
    pub(super) fn has(&self, path: &str) -> bool {
        self.given.contains_key(path)
    }

    /// The text given for `path` so far, not taken.
    pub(super) fn peek_text(&self, path: &str) -> Option<String> {
        self.given
            .get(path)
            .and_then(|located| located.raw.text().map(str::to_owned))
    }

    /// Takes the value of `path`, or `default` if none was given or it is not acceptable.
    pub(super) fn take<T: Setting>(&mut self, path: &str, default: T, bounds: Option<&Bounds<T>>) -> T {
        let Some(Located { raw, source }) = self.given.remove(path) else {
            return default;
        };
        let accepted = T::parse(&raw).filter(|value| bounds.is_none_or(|bounds| bounds.contain(value)));
        if let Some(value) = accepted {
            return match &source {
                Source::File { path, .. } => value.rebase(path.parent().unwrap_or(Path::new(""))),
                _ => value,
            };
        }
        let expected = match bounds {
            Some(bounds) => format!("{}, {}", T::expected(), bounds.describe()),
            None => T::expected(),
        };
        self.errors.push(ConfigError::Value {
            key: path.to_owned(),
            value: if T::SECRET {
                "not acceptable".to_owned()
            } else {
                raw.show()
            },
            expected,
            source_: source,
        });
        default
    }

    /// Turns what nobody took into errors.
    pub(super) fn refuse_rest(&mut self) {
        for (key, Located { source, .. }) in std::mem::take(&mut self.given) {
            let error = if self.sections.contains(&key) {
                ConfigError::SectionAsValue { key, source_: source }
            } else {
                ConfigError::UnknownKey {
                    nearest: nearest(&key, self.paths.iter().map(String::as_str)),
                    key,
                    source_: source,
                }
            };
            self.errors.push(error);
        }
    }
}

fn file_source(path: &Path, text: &str, offset: usize) -> Source {
    Source::File {
        path: path.to_owned(),
        line: line_of(text, offset),
    }
}

/// The line, from 1, on which byte `offset` lies.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Boolean(value) => Raw::Bool(*value),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a number out of range"), Raw::Integer),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or(Raw::Other("a number out of range"), Raw::Float),
        DeValue::Array(items) => Raw::List(items.iter().map(|item| raw(item.get_ref())).collect()),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}

/// Whether a variable is none of ours although it begins with our name.
///
/// Kubernetes sets `AUTHFLOW_PORT=tcp://..`, `AUTHFLOW_SERVICE_HOST` and more for a service called
/// `authflow` (Docker-style links); `AUTHFLOW_TEST_*` belongs to the tests.
fn is_foreign(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|scheme| value.starts_with(scheme));
    name.starts_with("AUTHFLOW_TEST_")
        || name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.contains("_PORT") && is_address)
        || ["_TCP", "_UDP", "_SCTP"].iter().any(|protocol| {
            name.contains(&format!("{protocol}_"))
                && ["_PROTO", "_PORT", "_ADDR"].iter().any(|end| name.ends_with(end))
        })
}

/// The known name most like `given`, if one is like it at all.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    const ALIKE: f64 = 0.8;
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let score = |candidate: &str| {
        let whole = strsim::normalized_damerau_levenshtein(given, candidate);
        let misplaced = strsim::normalized_damerau_levenshtein(&last(given), &last(candidate)) * 0.95;
        let prefix = strsim::jaro_winkler(given, candidate) * 0.9;
        whole.max(misplaced).max(prefix)
    };
    known
        .map(|candidate| (score(candidate), candidate))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate.to_owned())
}
