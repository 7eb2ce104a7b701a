use std::sync::Arc;
use std::time::Duration;

use authflow_db::DbError;
use authflow_types::{Rng, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::error::JobError;
use super::kinds::{self, Retry};
use super::periodic;
use super::store::{self, Claimed};
use crate::App;

/// Jobs that one process runs at once.
const SLOTS: usize = 16;

/// Wait after the queue could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs jobs until `stop` turns true, then waits for those under way.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    let mut is_prepared = false;
    loop {
        if *stop.borrow() {
            break;
        }
        if !is_prepared {
            is_prepared = periodic::ensure(&app).await.inspect_err(log_queue).is_ok();
        }
        let free = SLOTS.saturating_sub(running.len());
        let wait = match fill(&app, &mut running, free).await {
            Ok(wait) => wait,
            Err(error) => {
                log_queue(&error);
                PAUSE
            }
        };
        let has_room = running.len() < SLOTS;
        tokio::select! {
            _ = stop.wait_for(|stopping| *stopping) => break,
            Some(_) = running.join_next() => {}
            () = app.jobs.woken(), if has_room => {}
            () = tokio::time::sleep(wait), if has_room => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Runs every job that is due now, one after the other, and says how many there were. For tests and commands, which
/// have no worker beside them.
pub async fn run_due(app: &Arc<App>) -> Result<usize, DbError> {
    let mut count = 0;
    loop {
        let claimed = claim(app, 1).await?;
        if claimed.is_empty() {
            return Ok(count);
        }
        for job in claimed {
            attempt(app.clone(), job).await;
            count += 1;
        }
    }
}

/// Starts as many due jobs as there is room for; how long until it is worth looking again.
async fn fill(app: &Arc<App>, running: &mut JoinSet<()>, free: usize) -> Result<Duration, DbError> {
    let poll = app.config.jobs.poll_interval;
    let now = app.clock.now();
    if free == 0 {
        return Ok(poll);
    }
    match store::next_due(&app.db, now).await? {
        Some(due) if due <= now => {
            let claimed = claim(app, free).await?;
            let is_more_likely = claimed.len() == free;
            for job in claimed {
                running.spawn(attempt(app.clone(), job));
            }
            Ok(if is_more_likely { Duration::ZERO } else { poll })
        }
        Some(due) => Ok(poll.min(due.since(now))),
        None => Ok(poll),
    }
}

async fn claim(app: &App, limit: usize) -> Result<Vec<Claimed>, DbError> {
    let now = app.clock.now();
    let limit = i64::try_from(limit).unwrap_or(1);
    store::claim(&app.db, now, now + app.config.jobs.lease, limit).await
}

/// One attempt and what becomes of the job.
async fn attempt(app: Arc<App>, job: Claimed) {
    let retry = Retry::of(&job.kind);
    let result = if job.attempt_count > retry.attempts && !periodic::is_own(&job) {
        Err(JobError::Abandoned)
    } else {
        // WHY: whoever takes the job when the lease is over must not find this attempt still at work.
        let limit = app.config.jobs.lease.mul_f64(0.8);
        timeout(limit, kinds::perform(&app, &job))
            .await
            .unwrap_or(Err(JobError::TimedOut))
    };
    if let Err(error) = &result {
        tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempt_count, %error, "a job failed");
    }
    match settle(&app, &job, retry, result.err()).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!(job = %job.id, kind = job.kind, "a job outlived its lease and may run again");
        }
        Err(error) => {
            tracing::error!(job = %job.id, %error, "the end of a job could not be recorded; it runs again");
        }
    }
}

async fn settle(app: &App, job: &Claimed, retry: Retry, error: Option<JobError>) -> Result<bool, DbError> {
    let now = app.clock.now();
    let text = error.as_ref().map(ToString::to_string);
    if periodic::is_own(job) {
        return store::postpone(&app.db, job, now + periodic::interval(app), 0, text).await;
    }
    match error {
        None => store::finish(&app.db, job, now, None).await,
        Some(error) if error.is_permanent() || job.attempt_count >= retry.attempts => {
            store::finish(&app.db, job, now, text).await
        }
        Some(_) => {
            let run_at = next_attempt(now, retry.wait(job.attempt_count), &*app.rng);
            store::postpone(&app.db, job, run_at, job.attempt_count, text).await
        }
    }
}

/// `wait` from now, up to a fifth more or less, so that what failed together is not tried together.
pub(super) fn next_attempt(now: Timestamp, wait: Duration, rng: &dyn Rng) -> Timestamp {
    let [byte]: [u8; 1] = rng.bytes();
    now + wait.mul_f64(0.8 + 0.4 * f64::from(byte) / 255.0)
}

fn log_queue(error: &DbError) {
    tracing::warn!(%error, "the queue could not be read; trying again");
}
