//! Files that are written from the code and committed, so that a change of either shows in review.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::packages::shipped;

/// Writes every generated file, or with `check` fails if one is stale.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let files = [
        ("docs/configuration.md", configuration(root)?),
        ("docs/errors.md", crate::errors::text(root)?),
        ("NOTICE", notice(root)?),
    ];
    let mut stale = Vec::new();
    for (name, text) in files {
        let path = root.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            continue;
        }
        stale.push(name);
        if !check {
            std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        }
    }
    match (check, stale.is_empty()) {
        (true, false) => bail!("stale: {}; run `cargo xtask generate`", stale.join(", ")),
        (false, false) => println!("wrote {}", stale.join(", ")),
        (_, true) => println!("generated files are current"),
    }
    Ok(())
}

/// The reference of all settings, as the binary prints it.
fn configuration(root: &Path) -> Result<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "authflow",
            "--",
            "config",
            "reference",
        ])
        .current_dir(root)
        .output()
        .context("cannot run authflow")?;
    if !output.status.success() {
        bail!(
            "`authflow config reference` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).context("the reference is not UTF-8")
}

const NOTICE: &str = "\
Authflow
Copyright (c) 2026 Authflow. All rights reserved.

The Authflow server is built on the open-source software below. Each package is used unmodified under its own
licence, whose text comes with the package at https://crates.io/crates/<name>/<version>. The binary also contains
SQLite (public domain) through libsqlite3-sys and AWS-LC (Apache-2.0 and ISC) through aws-lc-sys.

";

fn notice(root: &Path) -> Result<String> {
    let mut text = NOTICE.to_owned();
    for package in shipped(root)? {
        writeln!(text, "{} {}: {}", package.name, package.version, package.license)?;
    }
    Ok(text)
}
