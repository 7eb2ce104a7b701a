//! Transactions: always of one tenant, or of the installation for a stated reason.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use authflow_types::TenantId;

use crate::dialect::{self, Dialect, Sql};
use crate::error::DbError;
use crate::postgres::PgTransaction;
use crate::query::{Args, FirstRow, Rows, Values};
use crate::sqlite::{Reading, Writing};

/// How many notifications `SQLite` keeps at least; a listener that is further behind is told that it missed some.
const KEPT_NOTIFICATIONS: i64 = 256;

/// A reason to see the data of every tenant: `SystemScope::new("expiry job")`.
///
/// # Security
/// Row-level security does not separate tenants in such a transaction. Nothing that a request controls may open one,
/// except to find the request's tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemScope(&'static str);

impl SystemScope {
    /// Names the reason.
    pub const fn new(reason: &'static str) -> Self {
        Self(reason)
    }

    /// The reason.
    pub const fn reason(self) -> &'static str {
        self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Tenant(TenantId),
    System(SystemScope),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reading, all from one snapshot.
    Read,
    /// Writing a few rows.
    Write,
    /// Writing many rows of large tables, each found by its key.
    WriteMany,
}

/// An open transaction. Dropped without [`commit`](Self::commit) it leaves nothing behind.
///
/// After a statement has failed every further one answers [`DbError::Aborted`], as on `PostgreSQL` so on `SQLite`.
#[must_use = "a transaction dropped without commit is rolled back"]
pub struct Tx {
    inner: Inner,
    scope: Scope,
}

pub(crate) enum Inner {
    Postgres(PgTransaction),
    Writing(Writing),
    Reading(Reading),
    /// A statement failed: what held the connection is gone already, so that nobody waits for this value's end.
    Failed(Dialect),
}

impl Tx {
    pub(crate) const fn new(inner: Inner, scope: Scope) -> Self {
        Self { inner, scope }
    }

    /// The tenant whose data this transaction sees; `None` in the system scope.
    pub const fn tenant(&self) -> Option<TenantId> {
        match self.scope {
            Scope::Tenant(tenant) => Some(tenant),
            Scope::System(_) => None,
        }
    }

    /// Which database this is.
    pub const fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Postgres(_) => Dialect::Postgres,
            Inner::Writing(_) | Inner::Reading(_) => Dialect::Sqlite,
            Inner::Failed(dialect) => dialect,
        }
    }

    /// Makes what was written durable and visible.
    ///
    /// # Errors
    /// [`DbError::Aborted`] if a statement failed before; else what the database says. When the connection breaks
    /// during the call, [`DbError::Unavailable`] leaves open whether the transaction was stored.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.inner {
            Inner::Postgres(tx) => Ok(tx.commit().await?),
            Inner::Writing(writing) => writing.commit().await,
            Inner::Reading(_) => Ok(()),
            Inner::Failed(_) => Err(DbError::Aborted),
        }
    }

    /// Forgets what was written. The same as dropping, but on `PostgreSQL` the connection is free when it returns.
    pub async fn rollback(self) {
        if let Inner::Postgres(tx) = self.inner
            && let Err(error) = tx.rollback().await
        {
            tracing::debug!(%error, "rollback failed, the connection is dropped");
        }
    }

    /// Tells every process that listens on this database ([`Db::listen`](crate::Db::listen)) once this transaction
    /// is committed. At most 8000 bytes.
    ///
    /// # Errors
    /// As every statement.
    pub async fn notify(&mut self, payload: &str) -> Result<(), DbError> {
        let (id,) = crate::q!(self, fetch_one<(i64,)>, dialect::NOTIFY, payload)?;
        if let Inner::Writing(writing) = &mut self.inner {
            writing.notifies();
            if id % KEPT_NOTIFICATIONS == 0 {
                let oldest = id - KEPT_NOTIFICATIONS;
                crate::exec!(self, "DELETE FROM notifications WHERE id <= $1", oldest)?;
            }
        }
        Ok(())
    }

    /// For the macros: `tx` and `&mut tx` alike.
    #[doc(hidden)]
    pub const fn by_ref(&mut self) -> &mut Self {
        self
    }

    /// For the macros: an empty list of values.
    #[doc(hidden)]
    pub fn args(&self) -> Args {
        Args::new(self.dialect())
    }

    /// For the macros: runs a statement, gives the number of changed rows.
    #[doc(hidden)]
    pub async fn execute(&mut self, sql: Sql, args: Args) -> Result<u64, DbError> {
        let (text, values) = self.prepare(sql, args)?;
        let result = match (&mut self.inner, values) {
            (Inner::Postgres(tx), Values::Postgres(values)) => {
                tx.execute(sqlx::query_with(text, values)).await
            }
            (Inner::Writing(writing), Values::Sqlite(values)) => {
                writing.execute(sqlx::query_with(text, values)).await
            }
            (Inner::Reading(reading), Values::Sqlite(values)) => {
                reading.execute(sqlx::query_with(text, values)).await
            }
            _ => return Err(DbError::Aborted),
        };
        self.settle(result).await
    }

    pub(crate) async fn rows(&mut self, sql: Sql, args: Args) -> Result<Rows, DbError> {
        let (text, values) = self.prepare(sql, args)?;
        let result = match (&mut self.inner, values) {
            (Inner::Postgres(tx), Values::Postgres(values)) => tx
                .fetch_all(sqlx::query_with(text, values))
                .await
                .map(Rows::Postgres),
            (Inner::Writing(writing), Values::Sqlite(values)) => writing
                .fetch_all(sqlx::query_with(text, values))
                .await
                .map(Rows::Sqlite),
            (Inner::Reading(reading), Values::Sqlite(values)) => reading
                .fetch_all(sqlx::query_with(text, values))
                .await
                .map(Rows::Sqlite),
            _ => return Err(DbError::Aborted),
        };
        self.settle(result).await
    }

    pub(crate) async fn first_row(&mut self, sql: Sql, args: Args) -> Result<Option<FirstRow>, DbError> {
        let (text, values) = self.prepare(sql, args)?;
        let result = match (&mut self.inner, values) {
            (Inner::Postgres(tx), Values::Postgres(values)) => {
                let row = tx.fetch_optional(sqlx::query_with(text, values)).await;
                row.map(|row| row.map(FirstRow::Postgres))
            }
            (Inner::Writing(writing), Values::Sqlite(values)) => {
                let row = writing.fetch_optional(sqlx::query_with(text, values)).await;
                row.map(|row| row.map(FirstRow::Sqlite))
            }
            (Inner::Reading(reading), Values::Sqlite(values)) => {
                let row = reading.fetch_optional(sqlx::query_with(text, values)).await;
                row.map(|row| row.map(FirstRow::Sqlite))
            }
            _ => return Err(DbError::Aborted),
        };
        self.settle(result).await
    }

    fn prepare(&self, sql: Sql, args: Args) -> Result<(SqlStr, Values), DbError> {
        let text = sql.text(self.dialect());
        tracing::trace!(target: "authflow_db::statement", sql = text);
        Ok((text.into_sql_str(), args.for_text(text)?))
    }

    /// A failed statement ends the transaction.
    async fn settle<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, DbError> {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => DbError::from(error),
        };
        let error = match &mut self.inner {
            Inner::Writing(writing) => writing.failed(error).await,
            Inner::Postgres(_) | Inner::Reading(_) | Inner::Failed(_) => error,
        };
        self.inner = Inner::Failed(self.dialect());
        Err(error)
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("dialect", &self.dialect())
            .field("scope", &self.scope)
            .field("failed", &matches!(self.inner, Inner::Failed(_)))
            .finish_non_exhaustive()
    }
}

impl Scope {
    /// Leaves a trace of whoever looks across tenants.
    pub(crate) fn trace(self) {
        if let Self::System(scope) = self {
            tracing::trace!(reason = scope.reason(), "transaction across tenants");
        }
    }

    /// Opens a transaction and sets its scope in one round trip. A UUID cannot inject.
    pub(crate) fn begin_postgres(self, mode: Mode) -> AssertSqlSafe<String> {
        let begin = match mode {
            Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Mode::Write => "BEGIN",
            // WHY: a plan made while a table was small is kept; these leave it no choice but the index for each row.
            Mode::WriteMany => {
                "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
                 SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off"
            }
        };
        AssertSqlSafe(match self {
            Self::Tenant(tenant) => {
                format!("{begin}; SET LOCAL app.tenant_id = '{}'", tenant.as_uuid())
            }
            Self::System(_) => format!("{begin}; SET LOCAL app.scope = 'system'"),
        })
    }
}
