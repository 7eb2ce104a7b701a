//! The installation's own jobs: rows of no tenant that are queued again whenever they end. Their lease is the one lease
//! of the installation: a node that finds it taken does nothing.

use std::time::Duration;

use authflow_db::DbError;
use authflow_types::{JobId, TenantId};
use serde_json::json;
use uuid::Uuid;

use super::kinds::{CLEAN_UP, DELETE_ACCOUNTS, KEY_ROTATION};
use super::store::{self, Claimed, NewJob};
use crate::App;

/// Whose jobs the installation's own are.
const NO_TENANT: TenantId = TenantId::from_uuid(Uuid::nil());

/// Kinds and the ids of their rows; an id is given once and for all.
const OWN: [(&str, u128); 3] = [(CLEAN_UP, 1), (KEY_ROTATION, 2), (DELETE_ACCOUNTS, 3)];

/// Whether a claimed job is one of these: a tenant cannot queue them.
pub(super) fn is_own(job: &Claimed) -> bool {
    job.tenant_id == NO_TENANT
}

/// How long after its end such a job runs again.
pub(super) fn interval(app: &App) -> Duration {
    app.config.jobs.cleanup_interval
}

/// Queues them where they are not.
pub(super) async fn ensure(app: &App) -> Result<(), DbError> {
    let now = app.clock.now();
    for (kind, id) in OWN {
        let id = JobId::from_uuid(Uuid::from_u128(id));
        let job = NewJob {
            kind,
            payload: json!({}),
            run_at: now + interval(app),
            created_at: now,
        };
        store::ensure(&app.db, NO_TENANT, id, job).await?;
    }
    Ok(())
}
