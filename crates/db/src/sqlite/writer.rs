//! The writer: one connection that concurrent transactions take in turn and whose commits they share.
//!
//! `SQLite` has one writer at a time, and with `synchronous=FULL` a commit costs a flush of the disk. So a transaction
//! that commits while others wait does not flush: it leaves its changes in the open outer transaction, hands the
//! connection on, and waits. Whoever finds nobody waiting (or enough waiting for the flush) ends the outer
//! transaction with one `COMMIT`, and everybody who shared it gets its result. Nobody is acknowledged before that.
//!
//! Each transaction but the first runs in a savepoint `s` inside its predecessor's, so that undoing it leaves the
//! others untouched; `COMMIT` ends them all.
//!
//! ```text
//!             begin                 commit                          begin
//!  Closed ─────────────> Active ─────────────> Kept ──────────────────────────────> Active (in a savepoint)
//!    ^  BEGIN IMMEDIATE    │                    │     SAVEPOINT s
//!    │                     │ drop, rollback     │
//!    │                     v        begin       │ nobody waits
//!    │                   Undone ─────────────> Active: ROLLBACK TO s (alone: ROLLBACK; BEGIN IMMEDIATE)
//!    │                     │ nobody waits       │
//!    └─────────────────────┴────────────────────┘ finish: [ROLLBACK TO s;] COMMIT, or ROLLBACK
//! ```
//!
//! INVARIANT: the [`Session`] is owned by exactly one of: the queue (parked, `Closed`, nobody pending), a [`Lease`] in a
//! transaction, a `Lease` on its way to a waiter, a `Lease` in a finishing task. Dropping a `Lease` anywhere, also
//! where the future that held it is cancelled, gives the session to the next of them: nobody who waits for a commit
//! is left behind.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::{Notify, oneshot};

use super::{SqliteQuery, enqueue};
use crate::error::{DbError, DriverError};
use crate::options::DbOptions;

const BEGIN: &str = "BEGIN IMMEDIATE";
const SAVE: &str = "SAVEPOINT s";
const UNDO: &str = "ROLLBACK TO s";
const UNDO_AND_COMMIT: &str = "ROLLBACK TO s; COMMIT";
const RESTART: &str = "ROLLBACK; BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

#[derive(Clone)]
pub(crate) struct Writer(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    acquire_timeout: Duration,
    share_limit: usize,
    runtime: tokio::runtime::Handle,
    notified: Arc<Notify>,
    queue: Mutex<Queue>,
    transactions: AtomicU64,
    commits: AtomicU64,
}

struct Queue {
    parked: Option<Box<Session>>,
    waiters: VecDeque<oneshot::Sender<Lease>>,
    closed: bool,
}

/// The connection and what is known about its transaction.
struct Session {
    /// `None` after it broke: the next user opens another.
    connection: Option<SqliteConnection>,
    state: State,
    /// Who waits for the outer transaction to be committed.
    pending: Vec<oneshot::Sender<Result<(), DbError>>>,
    /// Whether a pending transaction told the listeners something.
    notifies: bool,
    /// What last went wrong badly enough that `SQLite` may have undone the whole outer transaction.
    broken_by: Option<DbError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No transaction is open.
    Closed,
    /// The last transaction is to be kept.
    Kept,
    /// The last transaction is to be undone; `saved` if it ran in a savepoint.
    Undone { saved: bool },
    /// A transaction runs.
    Active { saved: bool },
    /// A statement that changes this state was sent and its answer not seen. Everything pending has been kept.
    InDoubt,
}

/// The right to use the session. See the module's invariant.
struct Lease {
    shared: Arc<Shared>,
    session: Option<Box<Session>>,
    /// Set in the finishing task: if that is dropped (the runtime ends) the session ends with it.
    finishing: bool,
}

/// A write transaction.
pub(crate) struct Writing {
    lease: Lease,
    notifies: bool,
}

impl Writer {
    pub(crate) async fn open(options: SqliteConnectOptions, db: &DbOptions) -> Result<Self, DbError> {
        let session = Session {
            connection: Some(options.connect().await?),
            state: State::Closed,
            pending: Vec::new(),
            notifies: false,
            broken_by: None,
        };
        Ok(Self(Arc::new(Shared {
            options,
            acquire_timeout: db.acquire_timeout,
            share_limit: if db.sqlite_share_commits {
                db.sqlite_max_shared.max(1)
            } else {
                1
            },
            runtime: tokio::runtime::Handle::current(),
            notified: Arc::new(Notify::new()),
            queue: Mutex::new(Queue {
                parked: Some(Box::new(session)),
                waiters: VecDeque::new(),
                closed: false,
            }),
            transactions: AtomicU64::new(0),
            commits: AtomicU64::new(0),
        })))
    }

    /// Wakes when a transaction that told the listeners something was committed by this process.
    pub(crate) fn notified(&self) -> Arc<Notify> {
        Arc::clone(&self.0.notified)
    }

    /// Transactions committed so far, and the commits they took.
    pub(crate) fn shared(&self) -> (u64, u64) {
        let transactions = self.0.transactions.load(Ordering::Relaxed);
        (transactions, self.0.commits.load(Ordering::Relaxed))
    }

    pub(crate) async fn begin(&self) -> Result<Writing, DbError> {
        let mut lease = self.0.lease().await?;
        lease.open(&self.0.options).await?;
        Ok(Writing {
            lease,
            notifies: false,
        })
    }

    pub(crate) async fn close(&self) {
        // Whoever waits is told; whoever is pending is committed first.
        self.0.lock().closed = true;
        self.0.lock().waiters.clear();
        if let Ok(mut lease) = self.0.lease_to_close().await
            && let Some(mut session) = lease.session.take()
            && let Some(connection) = session.connection.take()
        {
            connection.close().await.ok();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease_of(self: &Arc<Self>, session: Box<Session>) -> Lease {
        Lease {
            shared: Arc::clone(self),
            session: Some(session),
            finishing: false,
        }
    }

    /// Waits in line for the session.
    async fn lease(self: &Arc<Self>) -> Result<Lease, DbError> {
        if self.lock().closed {
            return Err(DbError::Closed);
        }
        tokio::time::timeout(self.acquire_timeout, self.lease_to_close())
            .await
            .map_err(|_| DbError::Unavailable(DriverError::new(sqlx::Error::PoolTimedOut)))?
    }

    async fn lease_to_close(self: &Arc<Self>) -> Result<Lease, DbError> {
        let turn = {
            let mut queue = self.lock();
            if let Some(session) = queue.parked.take() {
                return Ok(self.lease_of(session));
            }
            let (sender, turn) = oneshot::channel();
            queue.waiters.push_back(sender);
            turn
        };
        turn.await.map_err(|_| DbError::Closed)
    }

    /// Gives the session to the next in line, else to a task that finishes what is open, else parks it.
    fn give_back(self: &Arc<Self>, session: Box<Session>) {
        let mut lease = self.lease_of(session);
        let mut queue = self.lock();
        if lease.may_be_handed_on() {
            while let Some(waiter) = queue.waiters.pop_front() {
                match waiter.send(lease) {
                    Ok(()) => return,
                    Err(cancelled) => lease = cancelled,
                }
            }
        }
        let Some(session) = lease.session.take() else {
            return;
        };
        if session.state == State::Closed {
            queue.parked = Some(session);
            return;
        }
        drop(queue);
        let mut lease = self.lease_of(session);
        lease.finishing = true;
        self.runtime.spawn(lease.finish());
    }
}

impl Lease {
    fn may_be_handed_on(&self) -> bool {
        self.session.as_ref().is_some_and(|session| {
            session.state != State::InDoubt && session.pending.len() < self.shared.share_limit
        })
    }

    fn session(&mut self) -> Result<&mut Session, sqlx::Error> {
        self.session.as_deref_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Opens a transaction: the outer one, or the next savepoint in it.
    async fn open(&mut self, options: &SqliteConnectOptions) -> Result<(), DbError> {
        let session = self.session()?;
        if session.connection.is_none() {
            session.connection = Some(options.connect().await?);
            session.state = State::Closed;
        }
        let (statement, saved) = match session.state {
            // WHY: not waited for, since inside a transaction it cannot fail, and it saves a third of the way to and
            // from the connection's thread. Savepoints nest: `s` is always the innermost.
            State::Kept => {
                let connection = session.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
                enqueue(connection, SAVE);
                session.state = State::Active { saved: true };
                return Ok(());
            }
            State::Undone { saved: true } => (UNDO, true),
            State::Undone { saved: false } => (RESTART, false),
            State::Closed | State::Active { .. } | State::InDoubt => (BEGIN, false),
        };
        let joined = statement != BEGIN;
        match session.run(statement).await {
            Ok(()) => session.state = State::Active { saved },
            // The outer transaction is gone, and with it everything pending.
            Err(error) if joined => {
                session.abandon(error.into()).await;
                session.run(BEGIN).await?;
                session.state = State::Active { saved: false };
            }
            Err(error) => {
                session.state = State::Closed;
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Ends the outer transaction and tells everybody who waits for that.
    async fn finish(mut self) {
        let shared = Arc::clone(&self.shared);
        let Ok(session) = self.session() else { return };
        let statement = match (session.pending.is_empty(), session.state) {
            (true, _) => ROLLBACK,
            (false, State::Undone { saved: true }) => UNDO_AND_COMMIT,
            (false, _) => COMMIT,
        };
        match session.run(statement).await {
            Ok(()) => {
                session.state = State::Closed;
                session.broken_by = None;
                let notifies = std::mem::take(&mut session.notifies);
                let transactions = u64::try_from(session.pending.len()).unwrap_or(0);
                shared.transactions.fetch_add(transactions, Ordering::Relaxed);
                shared
                    .commits
                    .fetch_add(u64::from(transactions > 0), Ordering::Relaxed);
                for pending in session.pending.drain(..) {
                    pending.send(Ok(())).ok();
                }
                if notifies {
                    shared.notified.notify_waiters();
                }
            }
            Err(error) => session.abandon(error.into()).await,
        }
        self.finishing = false;
    }
}

impl Session {
    /// Runs a statement that changes the state; until it has answered, the state is in doubt.
    async fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        self.state = State::InDoubt;
        let connection = self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        connection.execute(sqlx::query(statement)).await.map(drop)
    }

    /// Everything pending failed: says so and leaves no transaction open.
    async fn abandon(&mut self, error: DbError) {
        let error = self.broken_by.take().unwrap_or(error);
        self.notifies = false;
        for pending in self.pending.drain(..) {
            pending.send(Err(error.clone())).ok();
        }
        // An error here says that no transaction is open, which is what is wanted; a broken connection is replaced.
        if let Err(sqlx::Error::WorkerCrashed | sqlx::Error::Io(_)) = self.run(ROLLBACK).await {
            self.connection = None;
        }
        self.state = State::Closed;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        if self.finishing {
            // The runtime ends. Closing the connection undoes what is open; who waits learns that it was not stored.
            session.connection = None;
            session.pending.clear();
            session.state = State::Closed;
        }
        self.shared.give_back(session);
    }
}

impl Writing {
    fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        let session = self.lease.session()?;
        session.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    pub(crate) async fn execute(&mut self, query: SqliteQuery) -> Result<u64, sqlx::Error> {
        Ok(self.connection()?.execute(query).await?.rows_affected())
    }

    pub(crate) async fn fetch_all(&mut self, query: SqliteQuery) -> Result<Vec<SqliteRow>, sqlx::Error> {
        self.connection()?.fetch_all(query).await
    }

    /// The first of the rows; the text is run to its end, since it may hold a second statement.
    pub(crate) async fn fetch_optional(
        &mut self,
        query: SqliteQuery,
    ) -> Result<Option<SqliteRow>, sqlx::Error> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    pub(crate) const fn notifies(&mut self) {
        self.notifies = true;
    }

    /// A statement failed: remembers what may have undone the outer transaction, names the violated constraint.
    pub(crate) async fn failed(&mut self, error: DbError) -> DbError {
        let Ok(session) = self.lease.session() else {
            return error;
        };
        match error {
            DbError::UniqueViolation { constraint } => match &mut session.connection {
                Some(connection) => DbError::UniqueViolation {
                    constraint: constraint_name(connection, constraint).await,
                },
                None => DbError::UniqueViolation { constraint },
            },
            DbError::DiskFull(_) | DbError::Unavailable(_) | DbError::Corrupt(_) => {
                session.broken_by = Some(error.clone());
                error
            }
            other => other,
        }
    }

    /// Waits until the changes are durable, together with those of whoever came in between.
    pub(crate) async fn commit(mut self) -> Result<(), DbError> {
        let session = self.lease.session()?;
        if !matches!(session.state, State::Active { .. }) {
            return Err(DbError::Aborted);
        }
        let (sender, stored) = oneshot::channel();
        session.state = State::Kept;
        session.notifies |= self.notifies;
        session.pending.push(sender);
        drop(self);
        stored
            .await
            .unwrap_or_else(|_| Err(DbError::Unavailable(DriverError::new(sqlx::Error::WorkerCrashed))))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Ok(session) = self.lease.session()
            && let State::Active { saved } = session.state
        {
            session.state = State::Undone { saved };
        }
    }
}

/// The name that `PostgreSQL` gives the constraint of which `SQLite` says `users.tenant_id, users.email`.
///
/// Of several unique indexes on the same columns (they differ in their WHERE) all are named, joined by `|`.
async fn constraint_name(connection: &mut SqliteConnection, columns: String) -> String {
    const INDEXES: &str =
        "SELECT l.name, l.origin, (SELECT group_concat(i.name) FROM pragma_index_info(l.name) i)
         FROM pragma_index_list($1) l WHERE l.\"unique\" ORDER BY l.name";
    let Some((table, _)) = columns.split_once('.') else {
        return columns;
    };
    let violated: Vec<&str> = columns
        .split(", ")
        .filter_map(|column| Some(column.split_once('.')?.1))
        .collect();
    let indexes: Vec<(String, String, String)> = sqlx::query_as(INDEXES)
        .bind(table.to_owned())
        .fetch_all(connection)
        .await
        .unwrap_or_default();
    let names: Vec<String> = indexes
        .into_iter()
        .filter(|(_, _, indexed)| indexed.split(',').eq(violated.iter().copied()))
        .map(|(name, origin, _)| match origin.as_str() {
            "pk" => format!("{table}_pkey"),
            "u" => format!("{table}_{}_key", violated.join("_")),
            _ => name,
        })
        .collect();
    if names.is_empty() {
        // A whole number as primary key is the row's own number and has no index.
        format!("{table}_pkey")
    } else {
        names.join("|")
    }
}
