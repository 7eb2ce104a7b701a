//! Files named on the command line.

use std::path::Path;

use crate::failure::Failure;

const MAX_BYTES: u64 = 1024 * 1024;

/// Reads a text file of at most 1 MiB.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let refused = |reason: &dyn std::fmt::Display| {
        Failure::usage(
            "file.unreadable",
            format!("cannot read `{}`: {reason}", path.display()),
        )
    };
    let length = std::fs::metadata(path).map_err(|error| refused(&error))?.len();
    if length > MAX_BYTES {
        return Err(refused(&"it is larger than 1 MiB"));
    }
    std::fs::read_to_string(path).map_err(|error| refused(&error))
}
