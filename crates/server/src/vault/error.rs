//! Why a key or a sealed value was refused.

use std::io;
use std::path::PathBuf;

use super::master::KeyId;

/// Why a value could not be sealed, opened, wrapped or unwrapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The value was wrapped by a master key that is not loaded.
    #[error(
        "the value was sealed under master key `{needed}`, which is not loaded: add that key after the active one"
    )]
    UnknownKeyId {
        /// The key that would open it.
        needed: KeyId,
    },
    /// The installation's check value belongs to another master key.
    #[error(
        "this installation was set up with master key `{expected}`, but `{active}` was given: \
         restore the original key; nothing has been changed"
    )]
    WrongMasterKey {
        /// The key that the installation was set up with.
        expected: KeyId,
        /// The active key that was given.
        active: KeyId,
    },
    /// The right key is loaded but the value does not open: altered, truncated, or moved from another record.
    #[error("a sealed value does not open: it was altered, truncated or moved from another record")]
    Tampered,
    /// The value begins with a format that this version does not know.
    #[error("a sealed value has format `{found}`, which this version does not know: run a newer version")]
    UnknownFormat {
        /// The format byte that was found.
        found: u8,
    },
    /// The cryptographic library refused to seal; cannot happen with keys and sizes used here.
    #[error("the cryptographic library refused to seal a value")]
    Refused,
}

/// Why a text is not one or more master keys. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// There is no key in the text.
    #[error("no master key was given: expected 32 bytes as base64 or as 64 hexadecimal digits")]
    Empty,
    /// One of the keys is neither base64 nor hexadecimal of 32 bytes.
    #[error(
        "master key number {position} is malformed: expected 32 bytes as base64 or as 64 hexadecimal digits"
    )]
    Malformed {
        /// Which key, counted from one.
        position: usize,
    },
    /// One of the keys is a single byte repeated: a placeholder, not a key.
    #[error(
        "master key number {position} is a placeholder, not a key: make one with `openssl rand -base64 32`"
    )]
    Placeholder {
        /// Which key, counted from one.
        position: usize,
    },
    /// The same key is given twice.
    #[error("master key `{id}` is given twice: remove one")]
    Duplicate {
        /// The key's id.
        id: KeyId,
    },
}

/// Why a key file could not be read or created.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file does not exist.
    #[error("there is no master key file at `{path}`")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file is already there; it is never overwritten.
    #[error("`{path}` exists already and is never overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read or write the file.
    #[error("`{path}` has mode {mode:o}: others may read it; run `chmod 600` on it")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The path is a directory, a device, or larger than a key file can be.
    #[error("`{path}` is not a key file")]
    NotAKeyFile {
        /// The file.
        path: PathBuf,
    },
    /// The content is not a set of master keys.
    #[error("`{path}`: {source}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyTextError,
    },
    /// The operating system refused.
    #[error("cannot use master key file `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
}
