//! What can go wrong with a database, by condition.

use std::fmt;
use std::sync::Arc;

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

use crate::migrate::MigrationError;
use crate::url::DbUrlError;

/// What a driver said. Cheap to copy: one failed commit is told to everybody who shared it.
///
/// # Security
/// May hold SQL, constraint names and addresses: for logs, never for answers.
#[derive(Clone)]
pub struct DriverError(Arc<sqlx::Error>);

impl DriverError {
    pub(crate) fn new(error: sqlx::Error) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for DriverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Why row-level security would not bind this process (design.md 5).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowSecurityError {
    /// The role is exempt by its attributes.
    #[error("role `{role}` is a superuser or bypasses row-level security, run `authflow migrate` again")]
    Exempt {
        /// The role in use.
        role: String,
    },
    /// The role owns a table, so that it could switch the policies off.
    #[error("role `{role}` owns table `{table}`, migrate with another role")]
    Owner {
        /// The role in use.
        role: String,
        /// The table.
        table: String,
    },
    /// A tenant table whose policies are off or gone.
    #[error("row-level security is not forced on table `{table}`, restore it before serving")]
    NotForced {
        /// The table.
        table: String,
    },
}

/// What a database operation can fail with.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// The address does not parse.
    #[error(transparent)]
    Url(#[from] DbUrlError),
    /// A row with the same key exists.
    #[error("row exists already, constraint `{constraint}`")]
    UniqueViolation {
        /// The constraint or index: the same name on both databases.
        constraint: String,
    },
    /// A row refers to one that does not exist.
    #[error("row refers to a missing row")]
    ForeignKey(#[source] DriverError),
    /// A NULL or a value that the schema forbids.
    #[error("row violates a constraint of the schema")]
    Constraint(#[source] DriverError),
    /// The row belongs to another tenant: row-level security refused to write it.
    #[error("row-level security refused the statement")]
    RowSecurity(#[source] DriverError),
    /// No row where one was required.
    #[error("no row found")]
    RowNotFound,
    /// The database cannot be reached, is locked by another process, or is closed. Worth another try later.
    #[error("database is unavailable")]
    Unavailable(#[source] DriverError),
    /// This handle was closed.
    #[error("database is closed")]
    Closed,
    /// The database, or this transaction, only reads.
    #[error("database is read only")]
    ReadOnly(#[source] DriverError),
    /// No space left.
    #[error("database is full")]
    DiskFull(#[source] DriverError),
    /// What is stored cannot be read as what it should be.
    #[error("stored data is corrupt")]
    Corrupt(#[source] DriverError),
    /// Another transaction got in the way (serialization failure, deadlock). Worth another try now.
    #[error("transaction conflicts with another")]
    Conflict(#[source] DriverError),
    /// A statement of this transaction failed earlier; nothing of it was stored.
    #[error("transaction failed earlier and was rolled back")]
    Aborted,
    /// The statement has more or fewer parameters than values were given.
    #[error("statement takes {expected} values and got {given}")]
    Arity {
        /// Parameters in the text.
        expected: usize,
        /// Values given.
        given: usize,
    },
    /// A bound value cannot be represented.
    #[error("value cannot be stored")]
    Encode(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The server is too old.
    #[error("postgresql {found} is too old, 14 or later is needed")]
    ServerTooOld {
        /// Its version, as the server reports it.
        found: String,
    },
    /// The schema has not been created.
    #[error("database has no schema yet, run `authflow migrate`")]
    NotMigrated(#[source] DriverError),
    /// The schema cannot be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// Row-level security would not bind this process.
    #[error(transparent)]
    RowSecurityUnbound(#[from] RowSecurityError),
    /// The file of a database could not be prepared.
    #[error("cannot create the database file")]
    File(#[source] Arc<std::io::Error>),
    /// Anything else: a programming error, or a condition not yet named here.
    #[error("database statement failed")]
    Other(#[source] DriverError),
}

impl DbError {
    /// Whether a row with the same key exists.
    pub const fn is_unique_violation(&self) -> bool {
        matches!(self, Self::UniqueViolation { .. })
    }

    /// Whether the same request may succeed later without anybody changing it.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict(_))
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::RowNotFound,
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed
            // A connection that breaks in the middle of an answer also leaves one that makes no sense.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::BeginFailed => Self::Unavailable(DriverError::new(error)),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(DriverError::new(error)),
            sqlx::Error::Encode(source) => Self::Encode(Arc::from(source)),
            sqlx::Error::Database(ref database) => {
                let class = classify(database.as_ref());
                class(error)
            }
            other => Self::Other(DriverError::new(other)),
        }
    }
}

type Classify = fn(sqlx::Error) -> DbError;

fn classify(error: &dyn DatabaseError) -> Classify {
    match error.kind() {
        ErrorKind::UniqueViolation => return |e| unique_violation(&e),
        ErrorKind::ForeignKeyViolation => return |e| DbError::ForeignKey(DriverError::new(e)),
        ErrorKind::NotNullViolation | ErrorKind::CheckViolation | ErrorKind::ExclusionViolation => {
            return |e| DbError::Constraint(DriverError::new(e));
        }
        _ => {}
    }
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        classify_sqlite(code.parse().unwrap_or(0), error.message())
    } else if let Some(postgres) = error.try_downcast_ref::<PgDatabaseError>() {
        classify_postgres(&code, postgres)
    } else {
        |e| DbError::Other(DriverError::new(e))
    }
}

/// <https://www.sqlite.org/rescode.html>; the primary code is the low byte.
fn classify_sqlite(code: i32, message: &str) -> Classify {
    match code & 0xff {
        1 if message.starts_with("no such table") => |e| DbError::NotMigrated(DriverError::new(e)),
        5 | 6 | 10 | 14 | 15 => |e| DbError::Unavailable(DriverError::new(e)), // BUSY LOCKED IOERR CANTOPEN PROTOCOL
        8 => |e| DbError::ReadOnly(DriverError::new(e)),
        11 | 26 => |e| DbError::Corrupt(DriverError::new(e)), // CORRUPT NOTADB
        13 => |e| DbError::DiskFull(DriverError::new(e)),
        19 => |e| DbError::Constraint(DriverError::new(e)),
        _ => |e| DbError::Other(DriverError::new(e)),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn classify_postgres(code: &str, error: &PgDatabaseError) -> Classify {
    match code {
        "40001" | "40P01" | "55P03" => |e| DbError::Conflict(DriverError::new(e)),
        "25006" => |e| DbError::ReadOnly(DriverError::new(e)),
        "53100" => |e| DbError::DiskFull(DriverError::new(e)),
        "57014" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "28000" | "28P01" | "3D000" => {
            |e| DbError::Unavailable(DriverError::new(e))
        }
        "42501" if error.message().contains("row-level security") => {
            |e| DbError::RowSecurity(DriverError::new(e))
        }
        "42P01" => |e| DbError::NotMigrated(DriverError::new(e)),
        // The role `authflow_app` is missing.
        "42704" | "22023" if error.message().contains("role") => {
            |e| DbError::NotMigrated(DriverError::new(e))
        }
        _ if code.starts_with("08") || code.starts_with("53") => {
            |e| DbError::Unavailable(DriverError::new(e))
        }
        _ if code.starts_with("XX") => |e| DbError::Corrupt(DriverError::new(e)),
        _ if code.starts_with("23") => |e| DbError::Constraint(DriverError::new(e)),
        _ => |e| DbError::Other(DriverError::new(e)),
    }
}

/// `PostgreSQL` names the constraint. `SQLite` names the columns (`users.a, users.b`) or the index;
/// [`Tx`](crate::Tx) turns the columns into the name that `PostgreSQL` would give.
fn unique_violation(error: &sqlx::Error) -> DbError {
    let constraint = match error {
        sqlx::Error::Database(database) => database
            .constraint()
            .or_else(|| database.message().split_once("failed: ").map(|(_, rest)| rest))
            .unwrap_or_default()
            .trim_start_matches("index '")
            .trim_end_matches('\'')
            .to_owned(),
        _ => String::new(),
    };
    DbError::UniqueViolation { constraint }
}
