//! A transaction on `PostgreSQL`.

use std::task::{Context, Waker};
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor as _, Postgres};

use crate::pool::Leased;

pub(crate) type PgQuery = sqlx::query::Query<'static, Postgres, PgArguments>;

/// How long a connection whose statement was cancelled may take to answer before it is closed.
const RECOVERY: Duration = Duration::from_secs(5);

/// An open transaction and the connection that it has to itself.
pub(crate) struct PgTransaction {
    leased: Option<Leased<PgConnection>>,
    /// Whether the server's answer to the last statement was not read to its end: a cancelled or failed statement.
    unread: bool,
}

impl PgTransaction {
    /// Opens a transaction with `statement`, on a leased connection that is open.
    pub(crate) async fn begin(
        leased: Leased<PgConnection>,
        statement: AssertSqlSafe<String>,
    ) -> Result<Self, sqlx::Error> {
        let mut transaction = Self {
            leased: Some(leased),
            unread: true,
        };
        transaction.connection()?.execute(statement).await?;
        transaction.unread = false;
        Ok(transaction)
    }

    fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let leased = self.leased.as_mut();
        leased
            .and_then(Leased::connection)
            .ok_or(sqlx::Error::WorkerCrashed)
    }

    pub(crate) async fn execute(&mut self, query: PgQuery) -> Result<u64, sqlx::Error> {
        self.unread = true;
        let done = self.connection()?.execute(query).await?;
        self.unread = false;
        Ok(done.rows_affected())
    }

    pub(crate) async fn fetch_all(&mut self, query: PgQuery) -> Result<Vec<PgRow>, sqlx::Error> {
        self.unread = true;
        let rows = self.connection()?.fetch_all(query).await?;
        self.unread = false;
        Ok(rows)
    }

    /// The first of the rows; all of them are read, so that the connection is ready again.
    pub(crate) async fn fetch_optional(&mut self, query: PgQuery) -> Result<Option<PgRow>, sqlx::Error> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        self.end("COMMIT").await
    }

    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        self.unread = true;
        self.connection()?.execute(statement).await?;
        if let Some(leased) = self.leased.take() {
            leased.give_back();
        }
        Ok(())
    }
}

impl Drop for PgTransaction {
    /// Rolls back without anybody waiting for it: whoever uses the connection next reads the answer first.
    fn drop(&mut self) {
        let Some(mut leased) = self.leased.take() else {
            return;
        };
        let Some(connection) = leased.connection() else {
            return;
        };
        if !self.unread {
            // The connection is ready, so the first poll writes the statement, to the socket or to the buffer that
            // is sent with the next.
            let mut answer = connection.execute("ROLLBACK");
            let _unanswered = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            drop(answer);
            leased.give_back();
            return;
        }
        let runtime = leased.pool().runtime().clone();
        runtime.spawn(async move {
            if let Some(connection) = leased.connection() {
                let recovered = tokio::time::timeout(RECOVERY, connection.execute("ROLLBACK")).await;
                if matches!(recovered, Ok(Ok(_))) {
                    leased.give_back();
                }
            }
        });
    }
}
