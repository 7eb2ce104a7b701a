//! CPU time and memory of other processes, from `/proc`.

use anyhow::{Context, Result};
use std::fs;

/// The processes that a run watches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    pub(crate) server: u32,
    /// The postmaster: its backends are its children.
    pub(crate) postmaster: Option<u32>,
}

/// CPU time used so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) server_us: f64,
    pub(crate) database_us: Option<f64>,
}

/// Clock ticks a second: `USER_HZ` is 100 on every Linux that this runs on.
const TICK_US: f64 = 10_000.0;

impl Watched {
    pub(crate) fn read(self) -> Result<Usage> {
        let server_us = stat(self.server)?.own_us;
        let database_us = self.postmaster.map(cluster_us).transpose()?;
        Ok(Usage {
            server_us,
            database_us,
        })
    }
}

struct Stat {
    parent: u32,
    own_us: f64,
    reaped_us: f64,
}

/// `proc(5)`: ppid, utime, stime, cutime, cstime are fields 4 and 14 to 17; the name in field 2 may contain spaces.
fn stat(pid: u32) -> Result<Stat> {
    let text =
        fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid} is gone"))?;
    let rest = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok());
    let ticks = |field: usize| number(field).context("unreadable /proc/<pid>/stat");
    Ok(Stat {
        parent: fields
            .get(1)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        own_us: (ticks(14)? + ticks(15)?) * TICK_US,
        reaped_us: (ticks(16)? + ticks(17)?) * TICK_US,
    })
}

/// The postmaster, its living children, and those that it has already reaped.
fn cluster_us(postmaster: u32) -> Result<f64> {
    let root = stat(postmaster)?;
    let mut total = root.own_us + root.reaped_us;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        // A process may end between the listing and the reading; it is then among the reaped.
        if let Ok(child) = stat(pid)
            && child.parent == postmaster
        {
            total += child.own_us;
        }
    }
    Ok(total)
}

/// Resident memory now and at its highest, in MiB.
pub(crate) fn resident_mib(pid: u32) -> Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let mib = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
            .map(|kib| kib / 1024.0)
            .with_context(|| format!("no {name} in /proc/{pid}/status"))
    };
    Ok((mib("VmRSS:")?, mib("VmHWM:")?))
}
