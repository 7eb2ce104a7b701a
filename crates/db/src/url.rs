//! Database addresses: `sqlite:PATH`, `sqlite::memory:`, `postgres://..`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::error::DriverError;

/// Where the data is. Neither `Debug` nor `Display` shows a password.
#[derive(Clone)]
pub enum DbUrl {
    /// A file, created when it is missing.
    Sqlite(PathBuf),
    /// A temporary file that goes with the last [`Db`](crate::Db) handle: for tests.
    SqliteMemory,
    /// A `PostgreSQL` server.
    Postgres(Box<PgConnectOptions>),
}

/// Why a text is not a database address. Never repeats the text: it may hold a password.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbUrlError {
    /// Neither of the two databases.
    #[error("database url must begin with `sqlite:` or `postgres://`")]
    Scheme,
    /// `sqlite:` alone.
    #[error("database url `sqlite:` needs a path, as in `sqlite:/var/lib/authflow/authflow.db`")]
    NoPath,
    /// A path that `SQLite` would read as something else.
    #[error("database url `sqlite:` takes a plain path, without `file:`, `?` or `#`")]
    Path,
    /// The `PostgreSQL` URL does not parse.
    #[error("malformed `postgres://` url, expected `postgres://user:password@host:port/database`")]
    Postgres(#[source] DriverError),
}

impl DbUrl {
    /// Parses a database address.
    ///
    /// # Errors
    /// [`DbUrlError`]: unknown scheme, missing or unusable path, malformed `PostgreSQL` URL.
    pub fn parse(text: &str) -> Result<Self, DbUrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return PgConnectOptions::from_str(text)
                .map(|options| Self::Postgres(Box::new(options)))
                .map_err(|error| DbUrlError::Postgres(DriverError::new(error)));
        }
        let path = text.strip_prefix("sqlite:").ok_or(DbUrlError::Scheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => Err(DbUrlError::NoPath),
            ":memory:" => Ok(Self::SqliteMemory),
            _ if path.starts_with("file:") || path.contains(['?', '#', '\0']) => Err(DbUrlError::Path),
            _ => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

impl fmt::Display for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqliteMemory => f.write_str("sqlite::memory:"),
            Self::Postgres(options) => write!(
                f,
                "postgres://{}@{}:{}/{}",
                options.get_username(),
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
        }
    }
}

impl fmt::Debug for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DbUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_parse_and_show_no_password() {
        let url = DbUrl::parse("postgres://alice:s3cret@db.example:5433/auth?sslmode=disable").unwrap();
        assert_eq!(url.to_string(), "postgres://alice@db.example:5433/auth");
        assert!(!format!("{url:?}").contains("s3cret"));
        assert_eq!(
            DbUrl::parse("sqlite:data/a.db").unwrap().to_string(),
            "sqlite:data/a.db"
        );
        assert_eq!(
            DbUrl::parse("sqlite:///var/a.db").unwrap().to_string(),
            "sqlite:/var/a.db"
        );
        assert!(matches!(DbUrl::parse("sqlite::memory:"), Ok(DbUrl::SqliteMemory)));
    }

    #[test]
    fn unusable_addresses_say_what_to_write_instead() {
        assert!(matches!(DbUrl::parse("mysql://x"), Err(DbUrlError::Scheme)));
        assert!(matches!(DbUrl::parse("sqlite:"), Err(DbUrlError::NoPath)));
        assert!(matches!(
            DbUrl::parse("sqlite:a.db?mode=ro"),
            Err(DbUrlError::Path)
        ));
        let error = DbUrl::parse("postgres://u:hunter2@h:notaport/d").unwrap_err();
        assert!(matches!(error, DbUrlError::Postgres(_)));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
