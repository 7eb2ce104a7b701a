//! Accounts that their owners want gone: at once signed out, for good after a time in which they may come back.
//!
//! ```text
//!   active ──request──▶ due ──time is over, job──▶ gone (`user.deleted`)
//!     ▲                  │ signing in, or the link in the mail
//!     └──────────────────┘
//! ```

use std::sync::Arc;
use std::time::Duration;

use authflow_db::{SystemScope, exec, q};
use authflow_types::{TenantId, Timestamp, UserId};
use serde_json::json;

use super::model::User;
use crate::app::Invalidation;
use crate::cx::{Actor, RequestInfo};
use crate::events::{self, Event};
use crate::{App, Cx, Fault, sessions, tenants};

const DUE: SystemScope = SystemScope::new("accounts whose time is over are deleted for all tenants");
/// Accounts of one turn of the job.
const BATCH: i64 = 100;

/// Marks an account for deletion and signs it out everywhere; when it will be gone. Emits `user.updated`, and what the
/// endings emit.
pub async fn request_deletion(cx: &mut Cx, user: &User) -> Result<Timestamp, Fault> {
    let days = u64::from(cx.tenant.settings.account_deletion_grace_days);
    let due = cx.now + Duration::from_hours(days * 24);
    set_due(cx, user.id, Some(due)).await?;
    sessions::end_all(cx, user.id, None).await?;
    crate::oauth::revocation::revoke_user(cx, user.id, None, "deletion_requested").await?;
    let payload = json!({ "change": "deletion_requested", "due_at": due });
    events::append(cx, Event::new("user.updated").subject(user.id).payload(payload)).await?;
    Ok(due)
}

/// Keeps an account that was to be deleted; `false` if it was not. Emits `user.updated`.
pub async fn cancel_deletion(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    if !set_due(cx, user, None).await? {
        return Ok(false);
    }
    let payload = json!({ "change": "deletion_cancelled" });
    events::append(cx, Event::new("user.updated").subject(user).payload(payload)).await?;
    Ok(true)
}

async fn set_due(cx: &mut Cx, user: UserId, due: Option<Timestamp>) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let changed = exec!(
        cx.tx().await?,
        "UPDATE users SET deletion_due_at = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2 \
         AND (deletion_due_at IS NOT NULL OR $3 IS NOT NULL)",
        tenant,
        user,
        due,
        now
    )?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(changed == 1)
}

/// Deletes a user for good, with identifiers, credentials, sessions and consents; what happened stays recorded under
/// their id. Emits `user.deleted`. `false` if they came back meanwhile.
async fn delete(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    sessions::end_all(cx, user, None).await?;
    crate::oauth::revocation::revoke_user(cx, user, None, "user_deleted").await?;
    exec!(
        cx.tx().await?,
        "DELETE FROM grants WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )?;
    let deleted = exec!(
        cx.tx().await?,
        "DELETE FROM users WHERE tenant_id = $1 AND id = $2 AND deletion_due_at <= $3",
        tenant,
        user,
        now
    )?;
    if deleted == 0 {
        cx.rollback().await;
        return Ok(false);
    }
    let payload = json!({ "object": { "id": user }, "reason": "requested" });
    events::append(cx, Event::new("user.deleted").subject(user).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(true)
}

/// Deletes the accounts whose time is over; how many.
pub async fn delete_due(app: &Arc<App>) -> Result<u64, Fault> {
    let now = app.clock.now();
    let due = {
        let mut tx = app.db.read_system(DUE).await?;
        q!(
            tx,
            fetch_all<(TenantId, UserId)>,
            "SELECT tenant_id, id FROM users WHERE deletion_due_at IS NOT NULL AND deletion_due_at <= $1 \
             ORDER BY deletion_due_at LIMIT $2",
            now,
            BATCH
        )?
    };
    let mut count = 0;
    for (tenant, user) in due {
        let Some(tenant) = tenants::find_by_id(app, tenant).await? else {
            continue;
        };
        let mut cx = Cx::new(app.clone(), tenant, Actor::System, RequestInfo::default());
        if delete(&mut cx, user).await? {
            cx.commit().await?;
            count += 1;
        }
    }
    Ok(count)
}
