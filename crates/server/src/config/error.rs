//! What can be wrong with a configuration: every problem is reported, each with its place.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The defaults of `authflow dev`.
    Dev,
    /// The defaults of commands that do one thing.
    Command,
    /// A line of the configuration file.
    File {
        /// The file, as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// The variable's name.
        name: String,
    },
    /// A command line flag.
    Flag {
        /// The flag, with its dashes.
        name: &'static str,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("defaults of commands"),
            Self::Dev => f.write_str("defaults of `authflow dev`"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { name } => write!(f, "environment variable {name}"),
            Self::Flag { name } => write!(f, "flag {name}"),
        }
    }
}

/// The end of a sentence that names the nearest known key, if one is near.
struct Nearest<'a>(Option<&'a String>);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => f.write_str("; docs/configuration.md lists every setting"),
        }
    }
}

/// One thing wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key or variable that no setting has.
    #[error("{source_}: unknown setting `{key}`{}", Nearest(nearest.as_ref()))]
    UnknownKey {
        /// The key or the variable's name.
        key: String,
        /// Where it stands.
        source_: Source,
        /// The known name it is most like.
        nearest: Option<String>,
    },
    /// A value of the wrong type, form or size.
    #[error("{source_}: `{key}` is {value}; expected {expected}")]
    Value {
        /// The setting.
        key: String,
        /// The value as it was given; left out where it may hold a secret.
        value: String,
        /// What would have been accepted.
        expected: String,
        /// Where it stands.
        source_: Source,
    },
    /// A section's name with a value instead of a table.
    #[error("{source_}: `{key}` is a section; write `[{key}]` and its settings below it")]
    SectionAsValue {
        /// The section.
        key: String,
        /// Where it stands.
        source_: Source,
    },
    /// One setting given twice in the environment, in two spellings.
    #[error("environment variables {first} and {second} set the same setting `{key}`; keep one")]
    Twice {
        /// The setting.
        key: String,
        /// The one spelling.
        first: String,
        /// The other.
        second: String,
    },
    /// Settings that do not fit each other.
    #[error("`{first}` and `{second}` do not fit: {reason}")]
    Conflict {
        /// The one setting.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// What must hold.
        reason: &'static str,
    },
    /// A base URL that would send credentials in clear text.
    #[error(
        "`base_url` is `{url}`: plain http is accepted for localhost only; use https, or set `http.insecure_base_url = true` on a network that you trust"
    )]
    InsecureBaseUrl {
        /// The URL.
        url: String,
    },
    /// `authflow dev` with a public address.
    #[error(
        "`authflow dev` serves localhost only and `base_url` is `{url}`; use `authflow serve` for anything that others reach"
    )]
    PublicDev {
        /// The URL.
        url: String,
    },
    /// The file is not TOML.
    #[error("{}:{line}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        message: Box<str>,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than any configuration.
    #[error("the configuration file `{}` is larger than {max_bytes} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        max_bytes: u64,
    },
    /// A variable that is not UTF-8.
    #[error("environment variable {name} is not UTF-8")]
    NotUnicode {
        /// The variable's name, as far as it can be shown.
        name: String,
    },
    /// The environment variable that should hold the master key is empty.
    #[error("environment variable {name} is empty; unset it to use the key file, or give it the master key")]
    EmptyMasterKey {
        /// The variable's name.
        name: String,
    },
}

impl ConfigError {
    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }
}

/// Everything that is wrong with a configuration, never empty.
#[derive(Debug, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
            if let Some(cause) = std::error::Error::source(error) {
                write!(f, ": {cause}")?;
            }
        }
        Ok(())
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}
