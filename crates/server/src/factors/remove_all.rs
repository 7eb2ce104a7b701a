use authflow_db::exec;
use authflow_types::UserId;
use serde_json::json;

use super::{store, trusted};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{Cx, Fault};

/// Takes every second factor from a user whose account is taken over: apps, recovery codes, trusted browsers. Emits
/// `mfa.disabled` if there were some.
pub async fn remove_all(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let apps = exec!(
        cx.tx().await?,
        "DELETE FROM totp_authenticators WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )?;
    store::drop_recovery_codes(cx.tx().await?, tenant, user).await?;
    store::disable(cx.tx().await?, tenant, user).await?;
    trusted::forget_all(cx, user).await?;
    if apps > 0 {
        let payload = json!({ "method": "totp", "last": true, "at": now });
        events::append(cx, Event::new("mfa.disabled").subject(user).payload(payload)).await?;
    }
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}
