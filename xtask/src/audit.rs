//! Holds what ships to deny.toml: licences and bans. Advisories need `cargo deny check advisories` and its database.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::packages::{Package, shipped};

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

/// Fails with every package that may not ship.
pub(crate) fn run(root: &Path) -> Result<()> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("cannot read deny.toml")?;
    let rules: Deny = toml::from_str(&text).context("deny.toml is not understood")?;
    let packages = shipped(root)?;
    let refused: Vec<String> = packages
        .iter()
        .filter_map(|package| refusal(package, &rules))
        .collect();
    if !refused.is_empty() {
        bail!("packages that may not ship:\n{}", refused.join("\n"));
    }
    println!(
        "{} packages ship; their licences are allowed and none is banned",
        packages.len()
    );
    Ok(())
}

fn refusal(package: &Package, rules: &Deny) -> Option<String> {
    let name = format!("{} {}", package.name, package.version);
    if let Some(ban) = rules.bans.deny.iter().find(|ban| ban.name == package.name) {
        return Some(format!("  {name} is banned: {}", ban.reason));
    }
    match package.license.as_str() {
        "" => Some(format!("  {name} names no licence")),
        expression if allowed(expression, &rules.licenses.allow) => None,
        expression => Some(format!("  {name} is licensed as {expression}")),
    }
}

/// Whether an SPDX expression can be met with allowed licences: one side of each OR, both of each AND.
///
/// OR binds weaker than AND (SPDX 2.3 annex D); a slash is an old way of writing OR.
fn allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    any_of(&words, licences)
}

fn any_of(words: &[&str], licences: &BTreeSet<String>) -> bool {
    split_outside(words, "OR")
        .iter()
        .any(|side| all_of(side, licences))
}

fn all_of(words: &[&str], licences: &BTreeSet<String>) -> bool {
    split_outside(words, "AND").iter().all(|side| match side {
        ["(", inner @ .., ")"] => any_of(inner, licences),
        words => licences.contains(&words.join(" ")),
    })
}

/// Splits at `word` wherever it stands outside parentheses.
fn split_outside<'a, 'b>(words: &'a [&'b str], word: &str) -> Vec<&'a [&'b str]> {
    let mut depth = 0_i32;
    words
        .split(|candidate| {
            match *candidate {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            depth == 0 && *candidate == word
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_one_side_of_or_and_both_of_and() {
        let allow: BTreeSet<String> = [
            "MIT",
            "Apache-2.0",
            "Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ]
        .map(str::to_owned)
        .into();
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
            "((MIT))",
        ] {
            assert!(allowed(good, &allow), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Apache-2.0) AND GPL-3.0",
            "",
            "MIT AND (GPL-3.0 OR AGPL-3.0)",
        ] {
            assert!(!allowed(bad, &allow), "{bad}");
        }
    }
}
