//! `authflow user import` and `authflow user export`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use authflow_server::App;
use authflow_server::identities::transfer::{
    self, ExportError, ExportOptions, HashDefaults, ImportError, ImportOptions, ImportReport, ImportSummary,
    Input, LineError, OnConflict, Progress,
};
use authflow_server::tenants;
use serde_json::json;

use super::files;
use crate::args::user::{ConflictPolicy, Export, Import};
use crate::failure::Failure;
use crate::output::Reply;

/// How often the bar moves.
const REFRESH: Duration = Duration::from_millis(100);
/// Characters of the bar itself.
const WIDTH: usize = 24;

pub(super) async fn import(app: &Arc<App>, import: &Import) -> Result<Reply, Failure> {
    let tenant = tenants::get_by_slug(app, &import.tenant.tenant).await?;
    let hash_defaults = match &import.hash_parameters {
        None => HashDefaults::default(),
        Some(path) => serde_json::from_str(&files::read(path)?)
            .map(HashDefaults::new)
            .map_err(|error| {
                let path = path.display();
                Failure::usage(
                    "import.hash_parameters",
                    format!("`{path}` is not one JSON object: {error}"),
                )
            })?,
    };
    let options = ImportOptions {
        dry_run: import.dry_run,
        resume: import.resume,
        on_conflict: match import.on_conflict {
            ConflictPolicy::Skip => OnConflict::Skip,
            ConflictPolicy::Update => OnConflict::Update,
            ConflictPolicy::Fail => OnConflict::Fail,
        },
        hash_defaults,
    };
    let input = open(&import.file)?;
    let mut watcher = Watcher::new(import.errors.as_deref())?;
    let ended = transfer::import(app, &tenant, input, &options, &mut watcher).await;
    watcher.end()?;
    let summary = ended.map_err(|error| failed(&error, &watcher.last))?;
    Ok(told(&summary, import, watcher.started.elapsed()))
}

fn open(path: &Path) -> Result<Input, Failure> {
    if path == Path::new("-") {
        return Ok(Input::stream(BufReader::with_capacity(256 * 1024, io::stdin())));
    }
    let opened = File::open(path).and_then(|file| {
        if file.metadata()?.is_file() {
            return Input::file(path);
        }
        // What is not a file, a pipe above all, can be read but once.
        Ok(Input::stream(BufReader::with_capacity(256 * 1024, file)))
    });
    opened.map_err(|error| {
        let path = path.display();
        Failure::usage("file.unreadable", format!("cannot read `{path}`: {error}"))
    })
}

fn failed(error: &ImportError, last: &Progress) -> Failure {
    let code = match error {
        ImportError::Input(_) => "import.unreadable",
        ImportError::NoFile => "import.no_file",
        ImportError::Conflict { .. } => "user.identifier_taken",
        ImportError::Contended { .. } => "import.contended",
        ImportError::Fault(_) => "internal",
    };
    let hint = format!(
        "{} users were made and {} changed before; the same command with --resume goes on from line {}",
        last.created,
        last.updated,
        last.lines + 1
    );
    let failure = Failure::chain(code, error);
    match error {
        ImportError::NoFile => failure,
        _ => failure.hint(hint),
    }
}

fn told(summary: &ImportSummary, import: &Import, took: Duration) -> Reply {
    let Progress {
        lines,
        created,
        updated,
        skipped,
        failed,
        ..
    } = summary.progress;
    let done = lines - summary.resumed_after.unwrap_or(0);
    let rate = per_second(done, took);
    let json = json!({
        "lines": lines, "created": created, "updated": updated, "skipped": skipped, "failed": failed,
        "dry_run": import.dry_run, "resumed_after": summary.resumed_after,
        "seconds": took.as_secs_f64(), "lines_per_second": rate,
    });
    let fields = [
        ("lines", Some(lines.to_string())),
        (
            "resumed after",
            summary.resumed_after.map(|line| format!("line {line}")),
        ),
        (
            if import.dry_run { "would create" } else { "created" },
            Some(created.to_string()),
        ),
        (
            if import.dry_run { "would update" } else { "updated" },
            Some(updated.to_string()),
        ),
        ("skipped", Some(format!("{skipped} (there already)"))),
        ("failed", Some(failed.to_string())),
        (
            "took",
            Some(format!("{:.1} s, {rate} lines/s", took.as_secs_f64())),
        ),
    ];
    let reply = Reply::record(json, &fields);
    let reply = if import.dry_run {
        reply.note("dry run: nothing was written")
    } else {
        reply
    };
    if failed > 0 { reply.failed() } else { reply }
}

fn per_second(lines: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    lines.saturating_mul(1000) / millis
}

/// Shows how it goes: a bar where somebody watches, and lines that were left out.
struct Watcher {
    errors: Option<BufWriter<File>>,
    failed: Option<io::Error>,
    shows_bar: bool,
    started: Instant,
    drawn: Option<Instant>,
    last: Progress,
}

impl Watcher {
    fn new(errors: Option<&Path>) -> Result<Self, Failure> {
        let file = errors.map(File::create).transpose().map_err(|error| {
            Failure::usage(
                "file.unwritable",
                format!("cannot write the file of --errors: {error}"),
            )
        })?;
        Ok(Self {
            errors: file.map(BufWriter::new),
            failed: None,
            shows_bar: io::stderr().is_terminal(),
            started: Instant::now(),
            drawn: None,
            last: Progress::default(),
        })
    }

    fn draw(&mut self) {
        let now = Instant::now();
        if !self.shows_bar || self.drawn.is_some_and(|drawn| now - drawn < REFRESH) {
            return;
        }
        self.drawn = Some(now);
        let line = bar(&self.last, now - self.started);
        // WHY: a terminal that has gone away must not end an import.
        let _ = write!(io::stderr(), "\r\x1b[K{line}");
    }

    fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.clear();
        let flushed = self.errors.as_mut().map_or(Ok(()), Write::flush);
        match self.failed.take().map_or(flushed, Err) {
            Ok(()) => Ok(()),
            Err(error) => Err(Failure::output(&error)),
        }
    }
}

/// `[#####...] 43 %  43 000 lines  5 210/s  11 s left  2 failed`
fn bar(progress: &Progress, took: Duration) -> String {
    use std::fmt::Write as _;
    let rate = per_second(progress.lines, took);
    let mut text = String::new();
    if let Some(total) = progress.bytes_total.filter(|total| *total > 0) {
        let done = progress.bytes.min(total);
        let filled = usize::try_from(done * WIDTH as u64 / total).unwrap_or(0);
        let left = took.as_secs_f64() * f64_of(total - done) / f64_of(done.max(1));
        let _ = write!(
            text,
            "[{}{}] {:>3} %  ",
            "#".repeat(filled),
            ".".repeat(WIDTH - filled.min(WIDTH)),
            done * 100 / total
        );
        let _ = write!(text, "{} lines  {rate}/s  {left:.0} s left", progress.lines);
    } else {
        let _ = write!(text, "{} lines  {rate}/s", progress.lines);
    }
    if progress.failed > 0 {
        let _ = write!(text, "  {} failed", progress.failed);
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
fn f64_of(number: u64) -> f64 {
    number as f64
}

impl ImportReport for Watcher {
    fn progress(&mut self, progress: &Progress) {
        self.last = *progress;
        self.draw();
    }

    fn refused(&mut self, line: u64, error: &LineError, is_known: bool) {
        if let Some(file) = &mut self.errors {
            let reason = error.to_string();
            let row = json!({ "line": line, "code": error.code(), "reason": reason, "skipped": is_known });
            if let Err(error) = writeln!(file, "{row}") {
                self.failed.get_or_insert(error);
            }
        } else if !is_known {
            self.clear();
            let reason: String = error
                .to_string()
                .chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect();
            let _ = writeln!(io::stderr(), "line {line}: {reason}");
        }
    }
}

pub(super) async fn export(app: &Arc<App>, export: &Export) -> Result<Reply, Failure> {
    let tenant = tenants::get_by_slug(app, &export.tenant.tenant).await?;
    let options = ExportOptions {
        with_password_hashes: export.with_password_hashes,
    };
    let mut output = BufWriter::with_capacity(256 * 1024, io::stdout());
    match transfer::export(app, &tenant, options, &mut output).await {
        Ok(_) => Ok(Reply::silent()),
        // A reader that has gone away is no error.
        Err(ExportError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reply::silent()),
        Err(ExportError::Output(error)) => Err(Failure::output(&error)),
        Err(ExportError::Fault(fault)) => Err(fault.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_tells_how_far_and_how_long() {
        let progress = Progress {
            lines: 500,
            bytes: 50,
            bytes_total: Some(200),
            failed: 2,
            ..Progress::default()
        };
        assert_eq!(
            bar(&progress, Duration::from_secs(2)),
            "[######..................]  25 %  500 lines  250/s  6 s left  2 failed"
        );
        let unknown = Progress {
            bytes_total: None,
            failed: 0,
            ..progress
        };
        assert_eq!(bar(&unknown, Duration::from_secs(2)), "500 lines  250/s");
    }
}
