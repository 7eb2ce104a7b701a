//! Notifications between processes: `LISTEN` on `PostgreSQL`, a polled table on `SQLite`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use crate::db::{Backend, Db};
use crate::error::DbError;
use crate::tx::SystemScope;

const CHANNEL: &str = "authflow";
const SCOPE: SystemScope = SystemScope::new("notifications");

/// What a [`Listener`] heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// A payload, as given to [`Tx::notify`](crate::Tx::notify). The process's own arrive too.
    Payload(String),
    /// The connection was lost and is back: anything may have been missed, forget what is cached.
    Missed,
}

/// A subscription to what processes tell each other.
pub struct Listener(Source);

enum Source {
    Postgres(Box<PgListener>),
    Sqlite(Box<Poller>),
}

struct Poller {
    db: Db,
    wake: Arc<Notify>,
    interval: Duration,
    last_id: i64,
    heard: VecDeque<Notification>,
}

impl Listener {
    pub(crate) async fn start(db: &Db) -> Result<Self, DbError> {
        match &db.0 {
            Backend::Postgres(postgres) => {
                let mut listener = postgres.listener().await?;
                listener.listen(CHANNEL).await?;
                Ok(Self(Source::Postgres(Box::new(listener))))
            }
            Backend::Sqlite(sqlite) => {
                let mut poller = Poller {
                    db: db.clone(),
                    wake: sqlite.writer.notified(),
                    interval: sqlite.poll_interval,
                    last_id: 0,
                    heard: VecDeque::new(),
                };
                poller.last_id = poller.newest().await?;
                Ok(Self(Source::Sqlite(Box::new(poller))))
            }
        }
    }

    /// The next notification. Cancelling the wait loses nothing.
    ///
    /// # Errors
    /// [`DbError::Closed`] after [`Db::close`] on `SQLite`; anything else may be retried after a pause: the listener
    /// reconnects, and reports what it may have missed meanwhile as [`Notification::Missed`].
    pub async fn next(&mut self) -> Result<Notification, DbError> {
        match &mut self.0 {
            Source::Postgres(listener) => Ok(match listener.try_recv().await? {
                Some(notification) => Notification::Payload(notification.payload().to_owned()),
                None => Notification::Missed,
            }),
            Source::Sqlite(poller) => poller.next().await,
        }
    }
}

impl Poller {
    async fn newest(&self) -> Result<i64, DbError> {
        let mut tx = self.db.read_system(SCOPE).await?;
        let sql = "SELECT COALESCE(MAX(id), 0) FROM notifications";
        let (id,): (i64,) = crate::q!(tx, fetch_one<(i64,)>, sql)?;
        Ok(id)
    }

    async fn next(&mut self) -> Result<Notification, DbError> {
        loop {
            if let Some(notification) = self.heard.pop_front() {
                return Ok(notification);
            }
            let wake = Arc::clone(&self.wake);
            let woken = wake.notified();
            self.poll().await?;
            if self.heard.is_empty() {
                tokio::time::timeout(self.interval, woken).await.ok();
            }
        }
    }

    async fn poll(&mut self) -> Result<(), DbError> {
        let mut tx = self.db.read_system(SCOPE).await?;
        let sql = "SELECT id, payload FROM notifications WHERE id > $1 ORDER BY id";
        for (id, payload) in crate::q!(tx, fetch_all<(i64, String)>, sql, self.last_id)? {
            if id != self.last_id + 1 {
                self.heard.push_back(Notification::Missed);
            }
            self.last_id = id;
            self.heard.push_back(Notification::Payload(payload));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener(..)")
    }
}
