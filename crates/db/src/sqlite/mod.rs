//! `SQLite`: one writer whose transactions share commits, a few readers, a file.

mod readers;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Executor as _, Sqlite};

pub(crate) use readers::{Readers, Reading};
pub(crate) use writer::{Writer, Writing};

use crate::error::DbError;
use crate::options::{DbOptions, Synchronous};

/// More readers than this gain nothing: `SQLite` reads are short, and each costs a thread and a cache.
const MOST_READERS: u32 = 4;

pub(crate) type SqliteQuery = sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments>;

pub(crate) struct SqliteDb {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    pub(crate) poll_interval: Duration,
    options: SqliteConnectOptions,
    _temporary: Option<TemporaryFile>,
}

impl SqliteDb {
    pub(crate) async fn open(path: PathBuf, options: &DbOptions) -> Result<Self, DbError> {
        create_private(&path)?;
        Self::open_file(&path, options, None).await
    }

    pub(crate) async fn open_temporary(options: &DbOptions) -> Result<Self, DbError> {
        let file = TemporaryFile::create()?;
        let path = file.0.join("authflow.db");
        let mut options = options.clone();
        options.sqlite_synchronous = Synchronous::Off;
        Self::open_file(&path, &options, Some(file)).await
    }

    async fn open_file(
        path: &Path,
        options: &DbOptions,
        temporary: Option<TemporaryFile>,
    ) -> Result<Self, DbError> {
        let file = connect_options(path, options);
        // The writer opens first: it creates the file and switches it to write-ahead logging.
        let writer = Writer::open(file.clone().pragma("cache_size", "-4096"), options).await?;
        let count = options.max_connections.clamp(1, MOST_READERS);
        let reader = file
            .clone()
            .create_if_missing(false)
            .pragma("cache_size", "-1024")
            .pragma("query_only", "ON");
        Ok(Self {
            writer,
            readers: Readers::new(reader, count, options.acquire_timeout),
            poll_interval: options.poll_interval,
            options: file,
            _temporary: temporary,
        })
    }

    /// A connection of its own, to migrate.
    pub(crate) async fn connection(&self) -> Result<SqliteConnection, DbError> {
        Ok(self.options.connect().await?)
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn connect_options(path: &Path, options: &DbOptions) -> SqliteConnectOptions {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(options.busy_timeout)
        .foreign_keys(true)
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", options.sqlite_synchronous.as_str())
        .pragma("temp_store", "MEMORY")
        // After a burst the log is cut back to this many bytes.
        .pragma("journal_size_limit", "16777216")
        .statement_cache_capacity(256)
        .command_buffer_size(options.sqlite_max_shared + 16)
        .thread_name(|id| format!("sqlite-{id}"));
    match "off".parse() {
        Ok(off) => connect.log_statements(off),
        Err(_) => connect,
    }
}

/// Hands a statement to the connection's thread without waiting for its answer: what follows is run after it.
///
/// INVARIANT: there is room for it in the channel to the thread, else it would be lost. A reader has at most two
/// unanswered statements; the writer at most one for each transaction that shares the commit, and a cancelled one.
fn enqueue(connection: &mut SqliteConnection, statement: &'static str) {
    let mut answer = connection.execute(sqlx::query(statement));
    // The first poll sends the statement.
    let _unanswered = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// The file holds password hashes and sealed keys: nobody but the owner reads it. `SQLite` gives its companions
/// (`-wal`, `-shm`) the same permissions.
fn create_private(path: &Path) -> Result<(), DbError> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(DbError::File(Arc::new(error))),
    }
}

/// A folder of its own, in memory where the system offers that; removed with the last handle.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn create() -> Result<Self, DbError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let shared_memory = Path::new("/dev/shm");
        let parent = if shared_memory.is_dir() {
            shared_memory.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let folder = parent.join(format!("authflow-{}-{number}", std::process::id()));
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(DbError::File(Arc::new(error))),
            }
        }
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, "temporary database could not be removed");
        }
    }
}
