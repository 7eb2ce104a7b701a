//! How to open a database.

use std::time::Duration;

/// How hard `SQLite` tries to survive power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Every acknowledged commit is on disk. The default.
    #[default]
    Full,
    /// A power failure may lose the last commits, never corrupt. A crash of the process loses nothing.
    Normal,
    /// For tests: the operating system writes when it likes.
    Off,
}

impl Synchronous {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
            Self::Off => "OFF",
        }
    }
}

/// Limits and timeouts of the connections. The defaults suit one node of ordinary size.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// `PostgreSQL`: connections of this process. `SQLite`: upper bound of the readers (at most 4 are opened).
    pub max_connections: u32,
    /// Durability of an acknowledged write on `SQLite`.
    pub sqlite_synchronous: Synchronous,
    /// Whether concurrent `SQLite` writers share commits. Off only to measure what sharing gains.
    pub sqlite_share_commits: bool,
    /// How many transactions may share one `SQLite` commit.
    pub sqlite_max_shared: usize,
    /// How long a writer waits for another process's lock on the `SQLite` file.
    pub busy_timeout: Duration,
    /// How long to wait for a free connection, and for connecting.
    pub acquire_timeout: Duration,
    /// `PostgreSQL`: a statement that runs longer is cancelled.
    pub statement_timeout: Duration,
    /// `PostgreSQL`: a connection older than this is replaced.
    pub max_lifetime: Duration,
    /// `PostgreSQL`: a connection unused for this long is closed.
    pub idle_timeout: Duration,
    /// `SQLite`: how often a [`Listener`](crate::Listener) looks for other processes' notifications.
    pub poll_interval: Duration,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self {
            max_connections: 16,
            sqlite_synchronous: Synchronous::Full,
            sqlite_share_commits: true,
            sqlite_max_shared: 64,
            busy_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            max_lifetime: Duration::from_mins(30),
            idle_timeout: Duration::from_mins(5),
            poll_interval: Duration::from_secs(1),
        }
    }
}
