//! Deletes what has expired, in small batches, so that no table grows without bound and nobody waits for it.

use std::sync::Arc;
use std::time::Duration;

use authflow_db::{Db, DbError, SystemScope, exec};
use authflow_types::Timestamp;

use super::error::JobError;
use crate::oauth::tokens::MAX_ACCESS_TTL;
use crate::{App, sessions};

const CLEAN_UP: SystemScope = SystemScope::new("what has expired is deleted for all tenants");

/// How long finished jobs are kept to be looked at.
const JOBS_KEPT: Duration = Duration::from_hours(72);

/// Rows of `table` whose time is at or before now minus `kept` go.
struct Expiring {
    table: &'static str,
    kept: Duration,
    /// `$1` is that time, `$2` how many rows at most.
    sql: &'static str,
}

macro_rules! expiring {
    ($table:literal, ($($key:literal),+), $time:literal, $kept:expr) => {
        Expiring {
            table: $table,
            kept: $kept,
            sql: concat!(
                "DELETE FROM ", $table, " WHERE (tenant_id", $(", ", $key,)+ ") IN (SELECT tenant_id", $(", ", $key,)+
                " FROM ", $table, " WHERE ", $time, " <= $1 ORDER BY ", $time, " LIMIT $2)"
            ),
        }
    };
}

/// Every table whose rows expire.
///
/// Sessions, redeemed codes and grants outlive their expiry by the longest access token: revoking what they gave, and
/// noticing a replay, needs them until the last token is worthless.
const EXPIRING: &[Expiring] = &[
    expiring!("sign_ins", ("id"), "expires_at", Duration::ZERO),
    expiring!(
        "challenges",
        ("subject_id", "purpose"),
        "expires_at",
        Duration::ZERO
    ),
    expiring!("trusted_devices", ("id"), "expires_at", Duration::ZERO),
    expiring!("sessions", ("id"), "expires_at", MAX_ACCESS_TTL),
    expiring!("codes", ("digest"), "expires_at", MAX_ACCESS_TTL),
    expiring!("grants", ("id"), "expires_at", MAX_ACCESS_TTL),
    expiring!("opaque_tokens", ("digest"), "expires_at", Duration::ZERO),
    expiring!(
        "revocations",
        ("kind", "subject_id"),
        "expires_at",
        Duration::ZERO
    ),
    expiring!(
        "used_assertions",
        ("client_id", "jti_digest"),
        "expires_at",
        Duration::ZERO
    ),
    expiring!("used_proofs_of_work", ("digest"), "expires_at", Duration::ZERO),
    expiring!("one_time_links", ("digest"), "expires_at", Duration::ZERO),
    expiring!(
        "sms_usage",
        ("scope", "key_digest", "started_at"),
        "expires_at",
        Duration::ZERO
    ),
    expiring!("mail_bounces", ("recipient_digest"), "expires_at", Duration::ZERO),
    expiring!("initial_access_tokens", ("id"), "expires_at", Duration::ZERO),
    expiring!("client_secrets", ("id"), "expires_at", Duration::ZERO),
    expiring!("upstream_requests", ("digest"), "expires_at", Duration::ZERO),
    expiring!("upstream_pending", ("sign_in_id"), "expires_at", Duration::ZERO),
    expiring!("jobs", ("id"), "finished_at", JOBS_KEPT),
    expiring!("identifier_changes", ("id"), "expires_at", Duration::ZERO),
    expiring!("invitations", ("id"), "expires_at", Duration::ZERO),
    expiring!("operator_claims", ("digest"), "expires_at", Duration::ZERO),
    expiring!("user_imports", ("digest"), "expires_at", Duration::ZERO),
];

/// The job: as much as its lease allows; the rest waits for its next turn.
pub(super) async fn run(app: &Arc<App>) -> Result<(), JobError> {
    let budget = tokio::time::Instant::now() + app.config.jobs.lease / 2;
    sessions::expire_due(app).await?;
    let deleted = sweep(app, Some(budget)).await?;
    if deleted > 0 {
        tracing::info!(deleted, "expired rows were deleted");
    }
    Ok(())
}

/// Deletes everything that has expired; how many rows.
pub async fn delete_expired(app: &App) -> Result<u64, DbError> {
    sweep(app, None).await
}

async fn sweep(app: &App, budget: Option<tokio::time::Instant>) -> Result<u64, DbError> {
    let now = app.clock.now();
    let batch = i64::from(app.config.jobs.cleanup_batch);
    let mut deleted = 0;
    for expiring in EXPIRING {
        loop {
            let count = delete_batch(&app.db, expiring, now - expiring.kept, batch).await?;
            deleted += count;
            if count < batch.unsigned_abs() {
                break;
            }
            if budget.is_some_and(|end| tokio::time::Instant::now() >= end) {
                tracing::info!(
                    table = expiring.table,
                    deleted,
                    "expired rows are left for the next turn"
                );
                return Ok(deleted);
            }
        }
    }
    Ok(deleted)
}

async fn delete_batch(db: &Db, expiring: &Expiring, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    let mut tx = db.begin_system(CLEAN_UP).await?;
    let count = exec!(tx, expiring.sql, before, limit)?;
    tx.commit().await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_with_an_expiry_is_cleaned_up() {
        // INVARIANT: tables with `expires_at` in the schema are either listed or named here with a reason.
        let exceptions = [("signing_keys", "deleted by the key rotation job")];
        let schema: String = authflow_db::migrate::MIGRATIONS
            .iter()
            .map(|step| step.sql)
            .collect();
        for table in schema.split("CREATE TABLE ").skip(1) {
            let (name, rest) = table.split_once(' ').unwrap();
            let columns = rest.split(");").next().unwrap();
            let expires = columns
                .lines()
                .any(|line| line.trim_start().starts_with("expires_at "));
            let known =
                EXPIRING.iter().any(|e| e.table == name) || exceptions.iter().any(|(n, _)| *n == name);
            assert!(
                !expires || known,
                "table `{name}` expires and nothing deletes its rows"
            );
        }
    }
}
