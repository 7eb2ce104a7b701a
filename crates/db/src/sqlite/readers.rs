//! The readers: a few connections that cannot write, opened when first needed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::SqliteQuery;
use crate::error::{DbError, DriverError};

#[derive(Clone)]
pub(crate) struct Readers(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    acquire_timeout: Duration,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<SqliteConnection>>,
    runtime: tokio::runtime::Handle,
}

/// A read transaction: one snapshot from its first statement to its end.
pub(crate) struct Reading {
    shared: Arc<Shared>,
    connection: Option<SqliteConnection>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, count: u32, acquire_timeout: Duration) -> Self {
        Self(Arc::new(Shared {
            options,
            acquire_timeout,
            permits: Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(1))),
            idle: Mutex::new(Vec::new()),
            runtime: tokio::runtime::Handle::current(),
        }))
    }

    pub(crate) async fn begin(&self) -> Result<Reading, DbError> {
        let shared = &self.0;
        let permit = tokio::time::timeout(
            shared.acquire_timeout,
            Arc::clone(&shared.permits).acquire_owned(),
        )
        .await
        .map_err(|_| DbError::Unavailable(DriverError::new(sqlx::Error::PoolTimedOut)))?
        .map_err(|_| DbError::Closed)?;
        let connection = match shared.pop() {
            Some(connection) => connection,
            None => shared.options.connect().await?,
        };
        let mut reading = Reading {
            shared: Arc::clone(shared),
            connection: Some(connection),
            permit: Some(permit),
        };
        reading.connection()?.execute(sqlx::query("BEGIN")).await?;
        Ok(reading)
    }

    pub(crate) async fn close(&self) {
        self.0.permits.close();
        while let Some(connection) = self.0.pop() {
            connection.close().await.ok();
        }
    }
}

impl Shared {
    fn pop(&self) -> Option<SqliteConnection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

impl Reading {
    fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    pub(crate) async fn execute(&mut self, query: SqliteQuery) -> Result<u64, sqlx::Error> {
        Ok(self.connection()?.execute(query).await?.rows_affected())
    }

    pub(crate) async fn fetch_all(&mut self, query: SqliteQuery) -> Result<Vec<SqliteRow>, sqlx::Error> {
        self.connection()?.fetch_all(query).await
    }

    pub(crate) async fn fetch_optional(
        &mut self,
        query: SqliteQuery,
    ) -> Result<Option<SqliteRow>, sqlx::Error> {
        self.connection()?.fetch_optional(query).await
    }
}

impl Drop for Reading {
    /// Ends the snapshot off the request path.
    fn drop(&mut self) {
        let (Some(mut connection), Some(permit)) = (self.connection.take(), self.permit.take()) else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        self.shared.runtime.spawn(async move {
            // A connection that cannot end its transaction is closed, not reused.
            if connection.execute(sqlx::query("ROLLBACK")).await.is_ok() && !shared.permits.is_closed() {
                let mut idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.push(connection);
            }
            drop(permit);
        });
    }
}
