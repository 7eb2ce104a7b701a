//! Measures a release build on both databases.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Runs `bench/run`, which builds, brings a durable PostgreSQL and starts the driver with `arguments`.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let script = root.join("bench/run");
    let status = Command::new(&script)
        .args(arguments)
        .status()
        .with_context(|| format!("cannot run `{}`", script.display()))?;
    if !status.success() {
        bail!("the measurement ended with {status}");
    }
    Ok(())
}
