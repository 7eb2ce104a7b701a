//! The packages that a shipped binary is built from, as cargo resolves them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// A package of a registry.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its licence, as an SPDX expression; empty if it names none.
    pub(crate) license: String,
}

/// Everything that the binary `authflow` is built from on Linux, build scripts included and tests not, by name.
///
/// `cargo tree` is asked rather than `cargo metadata`: it resolves features for this package alone, so that what only
/// tests switch on is not counted.
pub(crate) fn shipped(root: &Path) -> Result<BTreeSet<Package>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--package",
            "authflow",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ])
        .args(["--target", "x86_64-unknown-linux-gnu", "--format", "{p}|{l}"])
        .current_dir(root)
        .output()
        .context("cannot run cargo tree")?;
    if !output.status.success() {
        bail!(
            "cargo tree failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let text = String::from_utf8(output.stdout).context("cargo tree does not speak UTF-8")?;
    // A package of this workspace shows its folder in parentheses; a repeated one ends in `(*)`.
    let ours = |line: &&str| line.split('|').next().is_some_and(|name| name.contains("(/"));
    text.lines()
        .filter(|line| !line.is_empty() && !ours(line))
        .map(parse)
        .collect()
}

/// Reads `name v1.2.3|MIT`, perhaps with `(proc-macro)` after the version or ` (*)` at the end.
fn parse(line: &str) -> Result<Package> {
    let (package, license) = line
        .split_once('|')
        .with_context(|| format!("no licence in `{line}`"))?;
    let mut words = package.split_whitespace();
    let name = words.next().with_context(|| format!("no name in `{line}`"))?;
    let version = words.next().with_context(|| format!("no version in `{line}`"))?;
    Ok(Package {
        name: name.to_owned(),
        version: version.trim_start_matches('v').to_owned(),
        license: license.trim_end_matches(" (*)").to_owned(),
    })
}
