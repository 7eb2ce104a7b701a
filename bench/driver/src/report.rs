//! The results: one JSON file, and the table that is read by people.

use crate::limits::Limits;
use crate::load::Measured;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::Path;

/// A whole run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) recorded_at: String,
    pub(crate) revision: String,
    pub(crate) profile: String,
    pub(crate) machine: String,
    pub(crate) seconds_per_cell: f64,
    pub(crate) binary_mib: f64,
    pub(crate) limits: Limits,
    pub(crate) databases: Vec<DatabaseReport>,
}

/// What one database's run showed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DatabaseReport {
    pub(crate) database: String,
    pub(crate) cold_start_ms: f64,
    pub(crate) idle_mib: f64,
    pub(crate) peak_mib: f64,
    pub(crate) tenants: Option<TenantMemory>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) storm: Option<Storm>,
}

/// Memory with many tenants: just started, and after each was asked for its discovery document.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TenantMemory {
    pub(crate) count: usize,
    pub(crate) idle_mib: f64,
    pub(crate) touched_mib: f64,
}

/// One workload at one number of connections; `error` instead of numbers when it failed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) workload: String,
    pub(crate) connections: usize,
    pub(crate) measured: Option<Measured>,
    pub(crate) error: Option<String>,
}

/// `client_credentials` alone, and while others sign in with passwords.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Storm {
    pub(crate) calm: Measured,
    pub(crate) stormy: Measured,
}

impl Report {
    /// Cells that failed.
    pub(crate) fn failures(&self) -> Vec<String> {
        let cells = self
            .databases
            .iter()
            .flat_map(|each| each.cells.iter().map(move |cell| (each, cell)));
        cells
            .filter_map(|(database, cell)| {
                let error = cell.error.as_ref()?;
                Some(format!(
                    "{}, {}, {} connections: {error}",
                    database.database, cell.workload, cell.connections
                ))
            })
            .collect()
    }
}

/// Replaces what stands between the two markers of the page by the tables of this report.
pub(crate) fn write_page(page: &Path, report: &Report) -> Result<()> {
    const BEGIN: &str = "<!-- results -->";
    const END: &str = "<!-- end of results -->";
    let text = std::fs::read_to_string(page)?;
    let (before, rest) = text
        .split_once(BEGIN)
        .ok_or_else(|| anyhow::anyhow!("no `{BEGIN}` in `{}`", page.display()))?;
    let (_, after) = rest
        .split_once(END)
        .ok_or_else(|| anyhow::anyhow!("no `{END}` in `{}`", page.display()))?;
    std::fs::write(
        page,
        format!("{before}{BEGIN}\n\n{}\n{END}{after}", render(report)?),
    )?;
    Ok(())
}

/// The tables in Markdown.
pub(crate) fn render(report: &Report) -> Result<String> {
    let mut out = String::new();
    writeln!(
        out,
        "Recorded {} at revision `{}`, profile `{}`, on {}; {} s a cell.\n",
        report.recorded_at, report.revision, report.profile, report.machine, report.seconds_per_cell
    )?;
    render_limits(&mut out, &report.limits)?;
    render_footprint(&mut out, report)?;
    for database in &report.databases {
        render_cells(&mut out, database)?;
    }
    Ok(out)
}

fn render_limits(out: &mut String, limits: &Limits) -> Result<()> {
    writeln!(
        out,
        "### Limits of the machine, same run\n\n| limit | value |\n|---|---|"
    )?;
    for (connections, bare) in &limits.bare_axum {
        writeln!(
            out,
            "| bare axum, form POST, {connections} connections, one core | {}/s, p50 {} us, p99 {} us, {:.1} us CPU |",
            thousands(bare.per_second),
            whole(bare.p50_us),
            whole(bare.p99_us),
            bare.server_us
        )?;
    }
    let rates = [
        ("RS256 signatures, one core", limits.rs256_per_second),
        ("ES256 signatures, one core", limits.es256_per_second),
        ("EdDSA signatures, one core", limits.eddsa_per_second),
        ("argon2id 19 MiB, t=2, p=1, one core", limits.argon2_per_second),
        (
            "durable 4 KiB appends, one after the other",
            limits.fsync_per_second,
        ),
    ];
    for (name, value) in rates {
        writeln!(out, "| {name} | {}/s |", thousands(value))?;
    }
    for (clients, value) in &limits.postgres_commits_per_second {
        writeln!(
            out,
            "| PostgreSQL one-row commits, {clients} clients (pgbench) | {}/s |",
            thousands(*value)
        )?;
    }
    writeln!(out)?;
    Ok(())
}

fn render_footprint(out: &mut String, report: &Report) -> Result<()> {
    writeln!(out, "### Footprint\n\nBinary: {:.1} MiB.\n", report.binary_mib)?;
    writeln!(
        out,
        "| database | cold start to first answer | idle | 1 000 tenants, idle | each asked once | peak of the run | \
         W1 p99 calm | W1 p99 in a sign-in storm |\n|---|---|---|---|---|---|---|---|"
    )?;
    for each in &report.databases {
        let tenants = each.tenants.as_ref();
        let mib = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |mib| format!("{mib:.1} MiB"));
        let us = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |us| format!("{} us", whole(us)));
        writeln!(
            out,
            "| {} | {:.0} ms | {:.1} MiB | {} | {} | {:.1} MiB | {} | {} |",
            each.database,
            each.cold_start_ms,
            each.idle_mib,
            mib(tenants.map(|tenants| tenants.idle_mib)),
            mib(tenants.map(|tenants| tenants.touched_mib)),
            each.peak_mib,
            us(each.storm.as_ref().map(|storm| storm.calm.p99_us)),
            us(each.storm.as_ref().map(|storm| storm.stormy.p99_us)),
        )?;
    }
    writeln!(out)?;
    Ok(())
}

fn render_cells(out: &mut String, database: &DatabaseReport) -> Result<()> {
    writeln!(out, "### {}\n", database.database)?;
    writeln!(
        out,
        "| workload | connections | operations/s | p50 us | p99 us | server us/op | database us/op |\n\
         |---|---:|---:|---:|---:|---:|---:|"
    )?;
    for cell in &database.cells {
        match (&cell.measured, &cell.error) {
            (Some(measured), _) => {
                let shed = if measured.shed > 0 {
                    format!(" ({} shed)", measured.shed)
                } else {
                    String::new()
                };
                let database_us = measured
                    .database_us
                    .map_or_else(|| "-".to_owned(), |us| format!("{us:.0}"));
                writeln!(
                    out,
                    "| {} | {} | {}{shed} | {} | {} | {:.0} | {database_us} |",
                    cell.workload,
                    cell.connections,
                    thousands(measured.per_second),
                    whole(measured.p50_us),
                    whole(measured.p99_us),
                    measured.server_us,
                )?;
            }
            (None, error) => {
                let error = error.as_deref().unwrap_or("not measured");
                writeln!(
                    out,
                    "| {} | {} | failed: {error} | | | | |",
                    cell.workload, cell.connections
                )?;
            }
        }
    }
    writeln!(out)?;
    Ok(())
}

fn whole(value: f64) -> String {
    thousands(value)
}

/// A whole number with thin separators every three digits.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_separates_every_three_digits() {
        assert_eq!(
            [7.4, 999.6, 86_400.0, 1_234_567.0].map(thousands),
            ["7", "1,000", "86,400", "1,234,567"]
        );
    }
}
