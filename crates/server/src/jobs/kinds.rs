use std::time::Duration;

use super::error::JobError;
use super::store::Claimed;
use super::{cleanup, periodic};
use crate::cx::{Actor, RequestInfo};
use crate::{App, Cx, identities, keys, mail, oauth, sms, tenants};
use std::sync::Arc;

/// Hands one message to the mailer. The payload is `mail`'s own.
pub const MAIL: &str = "mail";

/// Hands one text message to its provider. The payload is `sms`' own.
pub const SMS: &str = "sms";

/// Tells one client that a session ended (OIDC Back-Channel Logout 2.5). The payload is `oauth::logout`'s own.
pub const BACK_CHANNEL_LOGOUT: &str = "back_channel_logout";

/// Deletes what has expired; the installation's own.
pub(super) const CLEAN_UP: &str = "clean_up";

/// Publishes, rotates and deletes signing keys as the schedule says; the installation's own.
pub(super) const KEY_ROTATION: &str = "key_rotation";

/// Deletes accounts whose owners wanted them gone; the installation's own.
pub(super) const DELETE_ACCOUNTS: &str = "delete_accounts";

/// How often and how soon a kind of job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Retry {
    /// Attempts in all.
    pub(super) attempts: i64,
    /// Wait after the first failure; each further one waits four times as long.
    pub(super) first_wait: Duration,
}

/// Longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

impl Retry {
    /// How a kind is tried again; what is unknown here waits for a version that knows it.
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            // A mail server may be away for some hours.
            MAIL => Self {
                attempts: 12,
                first_wait: Duration::from_secs(10),
            },
            // Codes are of no use later than minutes from now, nor is the end of a session news.
            SMS | BACK_CHANNEL_LOGOUT => Self {
                attempts: 5,
                first_wait: Duration::from_secs(5),
            },
            _ => Self {
                attempts: 8,
                first_wait: Duration::from_secs(10),
            },
        }
    }

    /// The wait after the `attempt`-th failure (from 1), before jitter.
    pub(super) fn wait(&self, attempt: i64) -> Duration {
        let doublings = u32::try_from(attempt.clamp(1, 11) - 1).unwrap_or(0) * 2;
        self.first_wait.saturating_mul(1 << doublings).min(LONGEST_WAIT)
    }
}

/// One attempt of a job.
pub(super) async fn perform(app: &Arc<App>, job: &Claimed) -> Result<(), JobError> {
    match job.kind.as_str() {
        CLEAN_UP if periodic::is_own(job) => cleanup::run(app).await,
        KEY_ROTATION if periodic::is_own(job) => rotate_keys(app).await,
        DELETE_ACCOUNTS if periodic::is_own(job) => {
            let deleted = identities::delete_due(app).await?;
            if deleted > 0 {
                tracing::info!(deleted, "accounts were deleted as their owners asked");
            }
            Ok(())
        }
        MAIL => {
            let mut cx = context(app, job).await?;
            Ok(mail::deliver(&mut cx, &job.payload.0).await?)
        }
        SMS => {
            let mut cx = context(app, job).await?;
            Ok(sms::deliver(&mut cx, &job.payload.0).await?)
        }
        BACK_CHANNEL_LOGOUT => {
            let mut cx = context(app, job).await?;
            oauth::logout::deliver(&mut cx, &job.payload.0).await
        }
        _ => Err(JobError::UnknownKind),
    }
}

async fn context(app: &Arc<App>, job: &Claimed) -> Result<Cx, JobError> {
    let tenant = tenants::find_by_id(app, job.tenant_id)
        .await?
        .ok_or(JobError::NoTenant)?;
    let request = RequestInfo {
        id: Arc::from(job.id.to_string()),
        ..RequestInfo::default()
    };
    Ok(Cx::new(app.clone(), tenant, Actor::System, request))
}

async fn rotate_keys(app: &Arc<App>) -> Result<(), JobError> {
    let rotated = keys::rotate_due(app).await?;
    let deleted = keys::delete_expired(app).await?;
    if rotated + deleted > 0 {
        tracing::info!(rotated, deleted, "signing keys were rotated");
    }
    Ok(())
}
