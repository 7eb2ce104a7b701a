//! Authenticator apps, recovery codes and trusted browsers. Their forms are `factors::api`.

use authflow_types::Timestamp;
use serde_json::{Value, json};

use super::super::{At, Section, user_agent};
use crate::factors;
use crate::http::visit::PageRefusal;

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let (cx, user) = (&at.visit.cx, &at.owner.user);
    let can_add_totp = cx.tenant.settings.methods.totp;
    let own = factors::overview(cx, user.id).await?;
    let has_codes = user.mfa_enabled_at.is_some() || own.recovery_codes_left > 0;
    if !can_add_totp && !has_codes {
        return Ok(None);
    }
    let authenticators: Vec<Value> = own
        .authenticators
        .into_iter()
        .map(|app| {
            json!({
                "id": app.id,
                "created_at": app.created_at.as_micros(),
                "last_used_at": app.last_used_at.map(Timestamp::as_micros),
            })
        })
        .collect();
    let devices: Vec<Value> = own
        .trusted
        .into_iter()
        .map(|device| {
            json!({
                "id": device.id,
                "device": user_agent::describe(device.user_agent.as_deref()).device,
                "name": user_agent::device_name(device.user_agent.as_deref()),
                "place": device.ip,
                "expires_at": device.expires_at.as_micros(),
            })
        })
        .collect();
    let data = json!({
        "has_codes": has_codes,
        "can_add_totp": can_add_totp,
        "authenticators": authenticators,
        "recovery_codes_left": own.recovery_codes_left,
        "devices": devices,
    });
    at.section("account/second_factors.html", data)
}
