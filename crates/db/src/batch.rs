//! Hot writes of concurrent requests in one statement and one commit.
//!
//! A caller submits one operation and waits for its own result. While a batch of the tenant runs, further operations
//! queue; when it has committed, everything queued becomes the next batch. Nothing ever waits for more to come: alone,
//! an operation runs at once, as the single statement it always was.
//!
//! ```text
//! submit ──> queued ──lane free──> running ──commit──> every caller has its result
//!                                     │ a statement failed
//!                                     └──> one by one, each in a transaction of its own
//! ```
//!
//! Durability and isolation are those of a transaction of the caller's own: nobody gets a result before the commit
//! that stores it. A commit whose outcome is unknown is reported, not repeated.
//!
//! An operation once submitted runs even if its caller goes away.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authflow_types::TenantId;
use tokio::sync::oneshot;

use crate::db::Db;
use crate::error::{DbError, DriverError};
use crate::tx::Tx;

/// The most operations in one statement: enough to make the cost of a commit disappear, few enough to stay short.
const LARGEST: usize = 128;

/// A write that many requests do at the same time.
pub trait Operation: Send + Sync + Sized + 'static {
    /// What the caller gets.
    type Output: Send + 'static;

    /// Does all of `operations` in `tx`; the results in the order of the operations.
    ///
    /// # Errors
    /// As every statement. After one, each operation is tried again alone: it must leave no trace outside `tx`.
    fn run(
        tx: &mut Tx,
        tenant: TenantId,
        operations: &[Self],
    ) -> impl Future<Output = Result<Vec<Self::Output>, DbError>> + Send;
}

/// The queues of one kind of operation, one a tenant. Cheap to clone; all clones share the queues.
pub struct Batcher<O: Operation>(Arc<Shared<O>>);

struct Shared<O: Operation> {
    db: Db,
    lanes: Mutex<HashMap<TenantId, VecDeque<Queued<O>>>>,
}

struct Queued<O: Operation> {
    operation: O,
    answer: oneshot::Sender<Result<O::Output, DbError>>,
}

impl<O: Operation> Batcher<O> {
    /// No queues yet; they come and go with use.
    pub fn new(db: Db) -> Self {
        Self(Arc::new(Shared {
            db,
            lanes: Mutex::new(HashMap::new()),
        }))
    }

    /// Runs `operation`, together with those of others if a batch of this tenant is under way.
    ///
    /// Never call it with a transaction open: on `SQLite` it would wait for its own caller.
    ///
    /// # Errors
    /// What the operation's own transaction would have answered.
    pub async fn submit(&self, tenant: TenantId, operation: O) -> Result<O::Output, DbError> {
        let (answer, result) = oneshot::channel();
        let queued = Queued { operation, answer };
        let is_first = {
            let mut lanes = self.0.lock();
            let is_first = !lanes.contains_key(&tenant);
            lanes.entry(tenant).or_default().push_back(queued);
            is_first
        };
        if is_first {
            let lane = Lane {
                shared: Arc::clone(&self.0),
                tenant,
                is_done: false,
            };
            tokio::spawn(lane.drain());
        }
        result.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl<O: Operation> Clone for Batcher<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O: Operation> std::fmt::Debug for Batcher<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batcher").finish_non_exhaustive()
    }
}

impl<O: Operation> Shared<O> {
    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, VecDeque<Queued<O>>>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that works a tenant's queue off.
///
/// INVARIANT: a tenant has an entry in `lanes` exactly while its `Lane` lives; dropping it, also by a panic or the end
/// of the runtime, removes the entry and with it whoever waits there: they learn that nothing was stored.
struct Lane<O: Operation> {
    shared: Arc<Shared<O>>,
    tenant: TenantId,
    is_done: bool,
}

impl<O: Operation> Lane<O> {
    async fn drain(mut self) {
        while let Some(batch) = self.next() {
            let (operations, answers): (Vec<O>, Vec<_>) = batch
                .into_iter()
                .map(|queued| (queued.operation, queued.answer))
                .unzip();
            for (answer, result) in answers.into_iter().zip(self.results(&operations).await) {
                // A caller that went away has no use for it.
                answer.send(result).ok();
            }
        }
    }

    /// Everything queued, up to the largest batch; an empty queue ends the lane.
    fn next(&mut self) -> Option<Vec<Queued<O>>> {
        let mut lanes = self.shared.lock();
        let queue = lanes.get_mut(&self.tenant)?;
        if queue.is_empty() {
            lanes.remove(&self.tenant);
            self.is_done = true;
            return None;
        }
        let count = queue.len().min(LARGEST);
        Some(queue.drain(..count).collect())
    }

    async fn results(&self, operations: &[O]) -> Vec<Result<O::Output, DbError>> {
        match self.attempt(operations).await {
            Ok(outputs) => return outputs.into_iter().map(Ok).collect(),
            Err(Failure::Known(_)) if operations.len() > 1 => {}
            Err(Failure::Known(error) | Failure::Unknown(error)) => {
                return operations.iter().map(|_| Err(error.clone())).collect();
            }
        }
        let mut results = Vec::with_capacity(operations.len());
        for operation in operations {
            let result = self.attempt(std::slice::from_ref(operation)).await;
            results.push(match result {
                Ok(outputs) => outputs.into_iter().next().ok_or(DbError::RowNotFound),
                Err(Failure::Known(error) | Failure::Unknown(error)) => Err(error),
            });
        }
        results
    }

    async fn attempt(&self, operations: &[O]) -> Result<Vec<O::Output>, Failure> {
        let db = &self.shared.db;
        let tx = if operations.len() == 1 {
            db.begin(self.tenant).await
        } else {
            db.begin_many(self.tenant).await
        };
        let mut tx = tx.map_err(Failure::Known)?;
        let outputs = O::run(&mut tx, self.tenant, operations)
            .await
            .map_err(Failure::Known)?;
        if outputs.len() != operations.len() {
            return Err(Failure::Known(DbError::RowNotFound));
        }
        tx.commit().await.map_err(Failure::Unknown)?;
        Ok(outputs)
    }
}

impl<O: Operation> Drop for Lane<O> {
    fn drop(&mut self) {
        if !self.is_done {
            self.shared.lock().remove(&self.tenant);
        }
    }
}

/// Why a batch was not acknowledged.
enum Failure {
    /// Nothing was stored.
    Known(DbError),
    /// The commit itself failed: it may have been stored.
    Unknown(DbError),
}

fn gone() -> DbError {
    DbError::Unavailable(DriverError::new(sqlx::Error::WorkerCrashed))
}
