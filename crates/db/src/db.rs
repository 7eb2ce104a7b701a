//! The handle on a database.

use std::fmt;
use std::sync::Arc;

use authflow_types::TenantId;

use crate::dialect::{self, Dialect};
use crate::error::DbError;
use crate::listen::Listener;
use crate::migrate::{self, Migration, MigrationReport, SchemaState};
use crate::options::DbOptions;
use crate::postgres::PostgresDb;
use crate::sqlite::SqliteDb;
use crate::tx::{Inner, Mode, Scope, SystemScope, Tx};
use crate::url::DbUrl;

/// A database: cheap to clone, all clones share its connections.
#[derive(Clone)]
pub struct Db(pub(crate) Backend);

#[derive(Clone)]
pub(crate) enum Backend {
    Postgres(Arc<PostgresDb>),
    Sqlite(Arc<SqliteDb>),
}

impl Db {
    /// Opens the database at `url`, see [`DbUrl`]; creates a missing `SQLite` file; does not migrate.
    ///
    /// # Errors
    /// [`DbError::Url`]; [`DbError::Unavailable`] when it cannot be reached; [`DbError::ServerTooOld`].
    pub async fn connect(url: &str, options: &DbOptions) -> Result<Self, DbError> {
        let backend = match DbUrl::parse(url)? {
            DbUrl::Postgres(url) => Backend::Postgres(Arc::new(PostgresDb::connect(*url, options).await?)),
            DbUrl::Sqlite(path) => Backend::Sqlite(Arc::new(SqliteDb::open(path, options).await?)),
            DbUrl::SqliteMemory => Backend::Sqlite(Arc::new(SqliteDb::open_temporary(options).await?)),
        };
        Ok(Self(backend))
    }

    /// Brings the schema up to date. Forward only; several processes may do it at once.
    ///
    /// # Errors
    /// [`DbError::Migration`]: a schema from a newer version, or migrations that were edited after they ran.
    pub async fn migrate(&self) -> Result<MigrationReport, DbError> {
        self.migrate_with(migrate::MIGRATIONS).await
    }

    /// Like [`migrate`](Self::migrate) with other migrations: for tests of the mechanism.
    #[doc(hidden)]
    pub async fn migrate_with(&self, migrations: &[Migration]) -> Result<MigrationReport, DbError> {
        migrate::run(self, migrations).await
    }

    /// How the schema compares with this version of the program.
    ///
    /// # Errors
    /// As every read.
    pub async fn schema_state(&self) -> Result<SchemaState, DbError> {
        migrate::state(self, migrate::MIGRATIONS).await
    }

    /// Refuses a `PostgreSQL` role that row-level security would not bind: a superuser, `BYPASSRLS`, an owner of
    /// tables; and tenant tables whose policies are not forced. `serve` calls it. Nothing to check on `SQLite`.
    ///
    /// # Errors
    /// [`DbError::RowSecurityUnbound`], [`DbError::NotMigrated`].
    pub async fn check_row_security(&self) -> Result<(), DbError> {
        match &self.0 {
            Backend::Postgres(postgres) => postgres.check_row_security().await,
            Backend::Sqlite(_) => Ok(()),
        }
    }

    /// Opens a transaction that may write. Keep it short: on `SQLite` there is one writer at a time, and none may
    /// live across network I/O or password hashing.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection is free in time.
    pub async fn begin(&self, tenant: TenantId) -> Result<Tx, DbError> {
        self.open(Scope::Tenant(tenant), Mode::Write).await
    }

    /// Opens a transaction that only reads, all of it from one snapshot. Dropping it is its normal end.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection is free in time.
    pub async fn read(&self, tenant: TenantId) -> Result<Tx, DbError> {
        self.open_read(Scope::Tenant(tenant)).await
    }

    /// Like [`begin`](Self::begin), for statements over many rows that are each found by their key.
    pub(crate) async fn begin_many(&self, tenant: TenantId) -> Result<Tx, DbError> {
        self.open(Scope::Tenant(tenant), Mode::WriteMany).await
    }

    /// Like [`begin`](Self::begin), across tenants.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn begin_system(&self, scope: SystemScope) -> Result<Tx, DbError> {
        self.open(Scope::System(scope), Mode::Write).await
    }

    /// Like [`read`](Self::read), across tenants.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_system(&self, scope: SystemScope) -> Result<Tx, DbError> {
        self.open_read(Scope::System(scope)).await
    }

    /// `SQLite`: how many transactions this process has committed, and how many commits they took (they are shared).
    /// `None` on `PostgreSQL`.
    pub fn shared_commits(&self) -> Option<(u64, u64)> {
        match &self.0 {
            Backend::Postgres(_) => None,
            Backend::Sqlite(sqlite) => Some(sqlite.writer.shared()),
        }
    }

    /// Which database this is.
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Backend::Postgres(_) => Dialect::Postgres,
            Backend::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Answers if the database can be read.
    ///
    /// # Errors
    /// As every read.
    pub async fn ping(&self) -> Result<(), DbError> {
        const PING: SystemScope = SystemScope::new("ping");
        let mut tx = self.read_system(PING).await?;
        crate::q!(tx, fetch_one<(i64,)>, dialect::PING)?;
        Ok(())
    }

    /// Subscribes to what any process tells with [`Tx::notify`] from now on.
    ///
    /// # Errors
    /// As every read.
    pub async fn listen(&self) -> Result<Listener, DbError> {
        Listener::start(self).await
    }

    /// Closes the connections once they are idle. Later calls answer [`DbError::Closed`].
    pub async fn close(&self) {
        match &self.0 {
            Backend::Postgres(postgres) => postgres.close().await,
            Backend::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    async fn open(&self, scope: Scope, mode: Mode) -> Result<Tx, DbError> {
        scope.trace();
        match &self.0 {
            Backend::Postgres(postgres) => postgres.begin(scope, mode).await,
            Backend::Sqlite(sqlite) => {
                let writing = sqlite.writer.begin().await?;
                Ok(Tx::new(Inner::Writing(writing), scope))
            }
        }
    }

    async fn open_read(&self, scope: Scope) -> Result<Tx, DbError> {
        scope.trace();
        match &self.0 {
            Backend::Postgres(postgres) => postgres.begin(scope, Mode::Read).await,
            Backend::Sqlite(sqlite) => {
                let reading = sqlite.readers.begin().await?;
                Ok(Tx::new(Inner::Reading(reading), scope))
            }
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Db").field(&self.dialect()).finish()
    }
}
