//! Measures a release build on both databases.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// A private cluster that stops and goes with this value.
struct Cluster {
    script: PathBuf,
    folder: PathBuf,
    url: String,
}

impl Cluster {
    /// Starts a durable cluster: what is measured is what is promised.
    fn start(root: &Path) -> Result<Self> {
        let script = root.join("scripts/postgres");
        let folder = std::env::temp_dir().join(format!("authflow-bench-{}", std::process::id()));
        let output = Command::new(&script)
            .arg("start")
            .arg(&folder)
            .output()
            .context("cannot run scripts/postgres")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let url = String::from_utf8(output.stdout)?.trim().to_owned();
        Ok(Self { script, folder, url })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // WHY: at the end of a run there is nobody left to tell; the folder is below the temporary one.
        let _ = Command::new(&self.script).arg("stop").arg(&self.folder).status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Builds for release, then runs the driver with `arguments`.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let build = [
        "build",
        "--release",
        "--locked",
        "--package",
        "authflow",
        "--package",
        "authflow-bench",
    ];
    succeed(Command::new(env!("CARGO")).args(build).current_dir(root))?;
    let cluster = Cluster::start(root)?;
    let driver = root.join("target/release/authflow-bench");
    succeed(
        Command::new(driver)
            .arg("--server")
            .arg(root.join("target/release/authflow"))
            .arg("--postgres-url")
            .arg(&cluster.url)
            .args(arguments)
            .current_dir(root),
    )
}

fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot run `{name}`"))?;
    if !status.success() {
        bail!("`{name}` ended with {status}");
    }
    Ok(())
}
