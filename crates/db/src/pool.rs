//! Connections at rest, and the right to have one.
//!
//! WHY: the driver's own pool asks the server a question before or after every use and gives connections back in a
//! task of their own. Here a transaction that ended in order gives its connection back at once, and only one that
//! did not pays for finding out what became of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{DbError, DriverError};

pub(crate) struct Pool<C> {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle<C>>>,
    acquire_timeout: Duration,
    max_lifetime: Duration,
    idle_timeout: Duration,
    runtime: tokio::runtime::Handle,
}

struct Idle<C> {
    connection: C,
    opened: Instant,
    since: Instant,
}

/// A connection in use, or, before it was opened, the right to open one.
pub(crate) struct Leased<C: Send + 'static> {
    pool: Arc<Pool<C>>,
    connection: Option<C>,
    opened: Instant,
    _permit: OwnedSemaphorePermit,
}

impl<C: Send + 'static> Pool<C> {
    pub(crate) fn new(count: u32, acquire_timeout: Duration) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(usize::try_from(count.max(1)).unwrap_or(1))),
            idle: Mutex::new(Vec::new()),
            acquire_timeout,
            max_lifetime: Duration::MAX,
            idle_timeout: Duration::MAX,
            runtime: tokio::runtime::Handle::current(),
        }
    }

    /// Replaces connections older than `max_lifetime`, closes those unused for `idle_timeout`.
    pub(crate) fn with_limits(self, max_lifetime: Duration, idle_timeout: Duration) -> Self {
        Self {
            max_lifetime,
            idle_timeout,
            ..self
        }
    }

    pub(crate) const fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// Where to do what nobody waits for.
    pub(crate) const fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    /// Waits for the right to have a connection; gives the one used last, or none if it must be opened.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Leased<C>, DbError> {
        let permits = Arc::clone(&self.permits);
        let permit = match Arc::clone(&permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => tokio::time::timeout(self.acquire_timeout, permits.acquire_owned())
                .await
                .map_err(|_| timed_out())?
                .map_err(|_| DbError::Closed)?,
        };
        let now = Instant::now();
        let idle = self.take(now);
        let opened = idle.as_ref().map_or(now, |idle| idle.opened);
        Ok(Leased {
            pool: Arc::clone(self),
            connection: idle.map(|idle| idle.connection),
            opened,
            _permit: permit,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, now: Instant) -> Option<Idle<C>> {
        let mut idle = self.lock();
        let mut found = None;
        while let Some(last) = idle.pop() {
            if now.duration_since(last.opened) < self.max_lifetime {
                found = Some(last);
                break;
            }
        }
        // The longest unused is the first; one at a time, so that a burst's connections go gradually.
        if idle
            .first()
            .is_some_and(|first| now.duration_since(first.since) > self.idle_timeout)
        {
            idle.remove(0);
        }
        found
    }

    /// Forgets every connection at rest: the server has gone away.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Refuses further use; gives the connections at rest, to be closed in order.
    pub(crate) fn close(&self) -> Vec<C> {
        self.permits.close();
        let mut idle = self.lock();
        idle.drain(..).map(|idle| idle.connection).collect()
    }
}

pub(crate) fn timed_out() -> DbError {
    DbError::Unavailable(DriverError::new(sqlx::Error::PoolTimedOut))
}

impl<C: Send + 'static> Leased<C> {
    pub(crate) const fn connection(&mut self) -> Option<&mut C> {
        self.connection.as_mut()
    }

    pub(crate) fn set(&mut self, connection: C) {
        self.connection = Some(connection);
        self.opened = Instant::now();
    }

    pub(crate) const fn pool(&self) -> &Arc<Pool<C>> {
        &self.pool
    }

    /// Gives the connection back for others to use.
    pub(crate) fn give_back(mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let mut idle = self.pool.lock();
        if !self.pool.permits.is_closed() {
            idle.push(Idle {
                connection,
                opened: self.opened,
                since: Instant::now(),
            });
        }
        drop(idle);
    }
}
