//! Reading, checking and writing at the same time: lines are read and checked on blocking threads while the batch
//! before is written.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use authflow_types::{Digest, Timestamp};
use tokio::task::JoinHandle;

use super::batch::{self, Owners, Read as ReadLine};
use super::hashes::HashDefaults;
use super::line::{LineError, MAX_LINE_BYTES, Reader};
use super::store;
use crate::cx::{Actor, RequestInfo};
use crate::tenants::Tenant;
use crate::{App, Cx, Fault};

/// Lines of one transaction: long enough that its commit costs nothing, short enough that nobody waits for it.
const BATCH: usize = 500;
/// How often a batch is tried when others take identifiers meanwhile.
const ATTEMPTS: usize = 5;
/// How long an interrupted import may be gone on with.
const CHECKPOINT_TTL: Duration = Duration::from_hours(30 * 24);

/// What happens to a line whose user is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// The line is left out.
    #[default]
    Skip,
    /// What the line names replaces what is there.
    Update,
    /// The import ends there.
    Fail,
}

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Only look: write nothing.
    pub dry_run: bool,
    /// Go on where an import of the same file was interrupted.
    pub resume: bool,
    /// What happens to users who are there already.
    pub on_conflict: OnConflict,
    /// What hashes of all lines have in common.
    pub hash_defaults: HashDefaults,
}

/// Where lines come from.
pub struct Input {
    reader: Box<dyn BufRead + Send>,
    digest: Option<Digest>,
    bytes: Option<u64>,
}

impl Input {
    /// A file, read once before to know it again.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn file(path: &Path) -> io::Result<Self> {
        let mut file = std::fs::File::open(path)?;
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut buffer = vec![0; 256 * 1024];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            bytes += count as u64;
            context.update(buffer.get(..count).unwrap_or_default());
        }
        let digest = Digest::try_from(context.finish().as_ref().to_vec()).ok();
        let again = std::fs::File::open(path)?;
        Ok(Self {
            reader: Box::new(BufReader::with_capacity(256 * 1024, again)),
            digest,
            bytes: Some(bytes),
        })
    }

    /// Something that is read once; an import of it cannot be gone on with.
    pub fn stream(reader: impl BufRead + Send + 'static) -> Self {
        Self {
            reader: Box::new(reader),
            digest: None,
            bytes: None,
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Lines done, those before a resumption included.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes in all, where known.
    pub bytes_total: Option<u64>,
    /// Users made.
    pub created: u64,
    /// Users changed.
    pub updated: u64,
    /// Lines left out because their user is there already.
    pub skipped: u64,
    /// Lines refused.
    pub failed: u64,
}

/// Who is told how it goes.
pub trait ImportReport {
    /// After every batch.
    fn progress(&mut self, progress: &Progress);
    /// For every line that was left out; with `is_known` because its user is there already.
    fn refused(&mut self, line: u64, error: &LineError, is_known: bool);
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportSummary {
    /// The counts at its end.
    pub progress: Progress,
    /// The line after which it went on, if it was resumed.
    pub resumed_after: Option<u64>,
}

/// Why an import ended early. What was written before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Lines cannot be read.
    #[error("cannot read the next line")]
    Input(#[source] io::Error),
    /// `--resume` of something that is not a file.
    #[error("only a file can be resumed")]
    NoFile,
    /// A user is there already, and that was to end the import.
    #[error("line {line}: {error}")]
    Conflict {
        /// The line.
        line: u64,
        /// What is there already.
        error: LineError,
    },
    /// Others keep taking the identifiers of a batch.
    #[error("lines up to {line} could not be written: others are making the same users")]
    Contended {
        /// The last line of the batch.
        line: u64,
    },
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for ImportError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

/// Some lines, and what reads the next ones.
struct Chunk {
    lines: Vec<(u64, Vec<u8>)>,
    last: u64,
    bytes: u64,
}

struct Parsed {
    lines: Vec<ReadLine>,
    last: u64,
    bytes: u64,
}

/// Imports users into `tenant`. Emits `user.created` and `user.updated`.
///
/// # Errors
/// [`ImportError`]; refused lines are not errors, they go to `report`.
pub async fn import(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    input: Input,
    options: &ImportOptions,
    report: &mut dyn ImportReport,
) -> Result<ImportSummary, ImportError> {
    let resumed_after = resumed_after(app, tenant, &input, options).await?;
    let mut importer = Importer {
        app,
        tenant,
        options,
        digest: input.digest.filter(|_| !options.dry_run),
        carried: options.dry_run.then(Owners::new),
        progress: Progress {
            lines: resumed_after.unwrap_or(0),
            bytes_total: input.bytes,
            ..Progress::default()
        },
    };
    let lanes = std::thread::available_parallelism().map_or(1, usize::from) + 1;
    let defaults = Arc::new(options.hash_defaults.clone());
    let mut source = Some(Source {
        reader: input.reader,
        line: 0,
        bytes: 0,
        skip: resumed_after.unwrap_or(0),
    });
    let mut parsing: VecDeque<JoinHandle<Parsed>> = VecDeque::new();
    loop {
        while parsing.len() < lanes {
            let Some(open) = source.take() else { break };
            let (again, chunk) = read(open).await?;
            if chunk.last == 0 {
                break;
            }
            source = Some(again);
            parsing.push_back(tokio::task::spawn_blocking({
                let (app, defaults) = (app.clone(), defaults.clone());
                move || parse(&app, &defaults, &chunk)
            }));
        }
        let Some(next) = parsing.pop_front() else { break };
        let parsed = next.await.map_err(|error| ImportError::Input(error.into()))?;
        importer.write(parsed, report).await?;
    }
    Ok(ImportSummary {
        progress: importer.progress,
        resumed_after,
    })
}

async fn resumed_after(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    input: &Input,
    options: &ImportOptions,
) -> Result<Option<u64>, ImportError> {
    if !options.resume {
        return Ok(None);
    }
    let digest = input.digest.ok_or(ImportError::NoFile)?;
    let mut tx = app.db.read(tenant.id).await?;
    let line = store::find_checkpoint(&mut tx, tenant.id, digest).await?;
    Ok(line.and_then(|line| u64::try_from(line).ok()))
}

struct Importer<'a> {
    app: &'a Arc<App>,
    tenant: &'a Arc<Tenant>,
    options: &'a ImportOptions,
    digest: Option<Digest>,
    /// In a dry run, what would have been written.
    carried: Option<Owners>,
    progress: Progress,
}

impl Importer<'_> {
    async fn write(&mut self, parsed: Parsed, report: &mut dyn ImportReport) -> Result<(), ImportError> {
        let Parsed {
            mut lines,
            last,
            bytes,
        } = parsed;
        for _ in 0..ATTEMPTS {
            let mut cx = Cx::new(
                self.app.clone(),
                self.tenant.clone(),
                Actor::Operator,
                RequestInfo::default(),
            );
            let written = batch::write(
                &mut cx,
                &mut lines,
                self.options.on_conflict,
                self.carried.as_mut(),
            )
            .await?;
            let Some(outcome) = written else { continue };
            let reached = outcome.stopped_at.as_ref().map_or(last, |(line, _)| line - 1);
            if let Some(digest) = self.digest {
                let checkpoint = (digest, i64::try_from(reached).unwrap_or(i64::MAX));
                let (tenant, until) = (cx.tenant_id(), cx.now + CHECKPOINT_TTL);
                store::put_checkpoint(cx.tx().await?, tenant, checkpoint, until).await?;
            }
            cx.commit().await?;
            for (line, error, is_known) in &outcome.refused {
                report.refused(*line, error, *is_known);
                if *is_known {
                    self.progress.skipped += 1;
                } else {
                    self.progress.failed += 1;
                }
            }
            self.progress.created += outcome.created;
            self.progress.updated += outcome.updated;
            self.progress.lines = reached;
            self.progress.bytes = bytes;
            report.progress(&self.progress);
            return match outcome.stopped_at {
                Some((line, error)) => Err(ImportError::Conflict { line, error }),
                None => Ok(()),
            };
        }
        Err(ImportError::Contended { line: last })
    }
}

struct Source {
    reader: Box<dyn BufRead + Send>,
    line: u64,
    bytes: u64,
    skip: u64,
}

async fn read(mut source: Source) -> Result<(Source, Chunk), ImportError> {
    let task = tokio::task::spawn_blocking(move || {
        let chunk = source.next_chunk();
        (source, chunk)
    });
    let (source, chunk) = task.await.map_err(|error| ImportError::Input(error.into()))?;
    Ok((source, chunk.map_err(ImportError::Input)?))
}

fn parse(app: &App, defaults: &HashDefaults, chunk: &Chunk) -> Parsed {
    let reader = Reader {
        passwords: &app.passwords,
        rng: &*app.rng,
        now: now(app),
        defaults,
    };
    let lines = chunk.lines.iter();
    Parsed {
        lines: lines.map(|(line, text)| (*line, reader.parse(text))).collect(),
        last: chunk.last,
        bytes: chunk.bytes,
    }
}

fn now(app: &App) -> Timestamp {
    app.clock.now()
}

impl Source {
    /// The next lines; `last` is 0 at the end. Blank lines are counted and left out.
    fn next_chunk(&mut self) -> io::Result<Chunk> {
        let mut chunk = Chunk {
            lines: Vec::with_capacity(BATCH),
            last: 0,
            bytes: 0,
        };
        let mut text = Vec::new();
        while chunk.lines.len() < BATCH && self.next_line(&mut text)? {
            self.line += 1;
            chunk.last = self.line;
            if self.line > self.skip && !text.trim_ascii().is_empty() {
                chunk.lines.push((self.line, text.trim_ascii().to_vec()));
            }
        }
        chunk.bytes = self.bytes;
        Ok(chunk)
    }

    /// One line into `text`, cut where it is longer than any that is accepted; `false` at the end.
    fn next_line(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        text.clear();
        let mut has_any = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                return Ok(has_any);
            }
            has_any = true;
            let end = available.iter().position(|&byte| byte == b'\n');
            let taken = end.unwrap_or(available.len());
            let room = (MAX_LINE_BYTES + 1).saturating_sub(text.len());
            text.extend_from_slice(available.get(..taken.min(room)).unwrap_or_default());
            let consumed = taken + usize::from(end.is_some());
            self.reader.consume(consumed);
            self.bytes += consumed as u64;
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}
