use authflow_types::{JobId, Timestamp};
use serde_json::Value;
use tokio::sync::Notify;

use super::store;
use crate::{Cx, Fault};

/// Tells this process's worker that a job may be due.
#[derive(Debug, Default)]
pub struct Signal(Notify);

impl Signal {
    /// Wakes the worker; one that is busy looks again when it is not.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.0.notified().await;
    }
}

/// Queues a job in the context's transaction, to run at `run_at` or soon after. The worker of this process is woken by
/// the commit, those of others find it by looking.
pub async fn enqueue(
    cx: &mut Cx,
    kind: &'static str,
    payload: Value,
    run_at: Timestamp,
) -> Result<(), Fault> {
    let id = JobId::new(cx.now, cx.rng());
    let (tenant, now) = (cx.tenant_id(), cx.now);
    store::insert(
        cx.tx().await?,
        tenant,
        id,
        store::NewJob {
            kind,
            payload,
            run_at,
            created_at: now,
        },
    )
    .await?;
    cx.wake_jobs();
    Ok(())
}
