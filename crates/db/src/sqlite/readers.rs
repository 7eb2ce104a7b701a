//! The readers: a few connections that cannot write, opened when first needed.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::{SqliteQuery, enqueue};
use crate::error::DbError;
use crate::pool::{Leased, Pool};

pub(crate) struct Readers {
    options: SqliteConnectOptions,
    pool: Arc<Pool<SqliteConnection>>,
}

/// A read transaction: one snapshot from its first statement to its end.
pub(crate) struct Reading {
    leased: Option<Leased<SqliteConnection>>,
    /// Whether a statement's answer is outstanding: still set at the end if it was cancelled.
    busy: bool,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, count: u32, acquire_timeout: Duration) -> Self {
        Self {
            options,
            pool: Arc::new(Pool::new(count, acquire_timeout)),
        }
    }

    pub(crate) async fn begin(&self) -> Result<Reading, DbError> {
        let mut leased = self.pool.acquire().await?;
        if leased.connection().is_none() {
            leased.set(self.options.connect().await?);
        }
        if let Some(connection) = leased.connection() {
            // Neither `BEGIN` here nor `ROLLBACK` at the end changes data or takes a lock: nothing to wait for.
            enqueue(connection, "BEGIN");
        }
        Ok(Reading {
            leased: Some(leased),
            busy: false,
        })
    }

    pub(crate) async fn close(&self) {
        for connection in self.pool.close() {
            connection.close().await.ok();
        }
    }
}

impl Reading {
    fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        let leased = self.leased.as_mut();
        leased
            .and_then(Leased::connection)
            .ok_or(sqlx::Error::WorkerCrashed)
    }

    pub(crate) async fn execute(&mut self, query: SqliteQuery) -> Result<u64, sqlx::Error> {
        self.busy = true;
        let done = self.connection()?.execute(query).await;
        self.busy = false;
        Ok(done?.rows_affected())
    }

    pub(crate) async fn fetch_all(&mut self, query: SqliteQuery) -> Result<Vec<SqliteRow>, sqlx::Error> {
        self.busy = true;
        let rows = self.connection()?.fetch_all(query).await;
        self.busy = false;
        rows
    }

    pub(crate) async fn fetch_optional(
        &mut self,
        query: SqliteQuery,
    ) -> Result<Option<SqliteRow>, sqlx::Error> {
        self.busy = true;
        let row = self.connection()?.fetch_optional(query).await;
        self.busy = false;
        row
    }
}

impl Drop for Reading {
    /// Ends the snapshot off the request path.
    fn drop(&mut self) {
        let Some(mut leased) = self.leased.take() else {
            return;
        };
        let Some(connection) = leased.connection() else {
            return;
        };
        if !self.busy {
            enqueue(connection, "ROLLBACK");
            leased.give_back();
            return;
        }
        let runtime = leased.pool().runtime().clone();
        runtime.spawn(async move {
            // Waits for the cancelled statement too; a connection that cannot end its transaction is closed.
            if let Some(connection) = leased.connection()
                && connection.execute(sqlx::query("ROLLBACK")).await.is_ok()
            {
                leased.give_back();
            }
        });
    }
}
