use authflow_db::dialect::CLAIM_JOBS;
use authflow_db::{Db, DbError, Json, SystemScope, Tx, exec, q};
use authflow_types::{JobId, TenantId, Timestamp};
use serde_json::Value;

/// The queue is one for all tenants.
pub(super) const QUEUE: SystemScope = SystemScope::new("workers take jobs of all tenants");

pub(super) struct NewJob {
    pub(super) kind: &'static str,
    pub(super) payload: Value,
    pub(super) run_at: Timestamp,
    pub(super) created_at: Timestamp,
}

/// A job under this worker's lease.
#[derive(sqlx::FromRow, Debug)]
pub(super) struct Claimed {
    pub(super) tenant_id: TenantId,
    pub(super) id: JobId,
    pub(super) kind: String,
    pub(super) payload: Json<Value>,
    /// Attempts begun, this one included.
    pub(super) attempt_count: i64,
    pub(super) leased_until: Timestamp,
}

pub(super) async fn insert(tx: &mut Tx, tenant: TenantId, id: JobId, job: NewJob) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO jobs (tenant_id, id, kind, payload, run_at, attempt_count, created_at) \
         VALUES ($1, $2, $3, $4, $5, 0, $6)",
        tenant,
        id,
        job.kind,
        Json(job.payload),
        job.run_at,
        job.created_at
    )?;
    Ok(())
}

/// Makes sure that a job of the installation's own is queued, no later than `job.run_at`.
pub(super) async fn ensure(db: &Db, tenant: TenantId, id: JobId, job: NewJob) -> Result<(), DbError> {
    let mut tx = db.begin_system(QUEUE).await?;
    exec!(
        tx,
        "INSERT INTO jobs (tenant_id, id, kind, payload, run_at, attempt_count, created_at) \
         VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT (tenant_id, id) \
         DO UPDATE SET run_at = excluded.run_at WHERE jobs.run_at > excluded.run_at",
        tenant,
        id,
        job.kind,
        Json(job.payload),
        job.run_at,
        job.created_at
    )?;
    tx.commit().await
}

/// When the first job that nobody runs is due. Only reads: an idle queue costs no write.
pub(super) async fn next_due(db: &Db, now: Timestamp) -> Result<Option<Timestamp>, DbError> {
    let mut tx = db.read_system(QUEUE).await?;
    let row = q!(
        tx,
        fetch_optional<(Timestamp,)>,
        "SELECT run_at FROM jobs WHERE finished_at IS NULL AND (leased_until IS NULL OR leased_until <= $1) \
         ORDER BY run_at LIMIT 1",
        now
    )?;
    Ok(row.map(|(run_at,)| run_at))
}

/// Takes up to `limit` due jobs under a lease; no two workers get the same one.
pub(super) async fn claim(
    db: &Db,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<Claimed>, DbError> {
    let mut tx = db.begin_system(QUEUE).await?;
    let claimed = q!(tx, fetch_all<Claimed>, CLAIM_JOBS, now, leased_until, limit)?;
    tx.commit().await?;
    Ok(claimed)
}

/// Records the end of a job, if it is still this worker's. `error` is why it was given up.
pub(super) async fn finish(
    db: &Db,
    job: &Claimed,
    now: Timestamp,
    error: Option<String>,
) -> Result<bool, DbError> {
    let mut tx = db.begin_system(QUEUE).await?;
    let changed = exec!(
        tx,
        "UPDATE jobs SET finished_at = $4, leased_until = NULL, last_error = $5 \
         WHERE tenant_id = $1 AND id = $2 AND leased_until = $3 AND finished_at IS NULL",
        job.tenant_id,
        job.id,
        job.leased_until,
        now,
        error
    )?;
    tx.commit().await?;
    Ok(changed == 1)
}

/// Queues a job again, if it is still this worker's.
pub(super) async fn postpone(
    db: &Db,
    job: &Claimed,
    run_at: Timestamp,
    attempt_count: i64,
    error: Option<String>,
) -> Result<bool, DbError> {
    let mut tx = db.begin_system(QUEUE).await?;
    let changed = exec!(
        tx,
        "UPDATE jobs SET run_at = $4, leased_until = NULL, attempt_count = $5, last_error = $6 \
         WHERE tenant_id = $1 AND id = $2 AND leased_until = $3 AND finished_at IS NULL",
        job.tenant_id,
        job.id,
        job.leased_until,
        run_at,
        attempt_count,
        error
    )?;
    tx.commit().await?;
    Ok(changed == 1)
}
