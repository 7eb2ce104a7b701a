//! Sessions that nobody ended and whose time is over: that is written down once, by the clean-up job.

use std::collections::BTreeMap;
use std::sync::Arc;

use authflow_db::{SystemScope, exec, q};
use authflow_types::{SessionId, TenantId, UserId};
use serde_json::json;

use crate::cx::{Actor, RequestInfo};
use crate::events::{self, Event};
use crate::{App, Cx, Fault, tenants};

const DUE: SystemScope = SystemScope::new("sessions of all tenants expire");

/// How many are looked at in a turn.
const BATCH: i64 = 500;

/// Emits `session.expired` for every session that expired since the last turn; how many.
pub async fn expire_due(app: &Arc<App>) -> Result<u64, Fault> {
    let now = app.clock.now();
    let due = {
        let mut tx = app.db.read_system(DUE).await?;
        q!(
            tx,
            fetch_all<(TenantId, SessionId, UserId)>,
            "SELECT tenant_id, id, user_id FROM sessions WHERE ended_at IS NULL AND expired_at IS NULL \
             AND idle_expires_at <= $1 ORDER BY idle_expires_at LIMIT $2",
            now,
            BATCH
        )?
    };
    let mut by_tenant: BTreeMap<TenantId, Vec<(SessionId, UserId)>> = BTreeMap::new();
    for (tenant, session, user) in due {
        by_tenant.entry(tenant).or_default().push((session, user));
    }
    let mut count = 0;
    for (tenant, sessions) in by_tenant {
        let Some(tenant) = tenants::find_by_id(app, tenant).await? else {
            continue;
        };
        let mut cx = Cx::new(app.clone(), tenant, Actor::System, RequestInfo::default());
        for (session, user) in sessions {
            count += u64::from(expire(&mut cx, session, user).await?);
        }
        cx.commit().await?;
    }
    Ok(count)
}

/// `false` if it was used or ended meanwhile, or another node was first.
async fn expire(cx: &mut Cx, session: SessionId, user: UserId) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let noted = exec!(
        cx.tx().await?,
        "UPDATE sessions SET expired_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL \
         AND expired_at IS NULL AND idle_expires_at <= $3",
        tenant,
        session,
        now
    )?;
    if noted == 0 {
        return Ok(false);
    }
    let event = Event::new("session.expired").subject(session).session(session);
    events::append(cx, event.payload(json!({ "user_id": user }))).await?;
    Ok(true)
}
