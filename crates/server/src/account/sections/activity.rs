//! What happened: sign-ins and changes, with device and place.

use serde_json::{Value, json};

use super::super::{At, Section, user_agent};
use crate::events;
use crate::http::visit::PageRefusal;

/// How many are shown.
const SHOWN: i64 = 50;

/// The symbol and the key of the words for a kind of event; what is not listed here is not for its owner to read.
fn described(kind: &str, payload: &Value) -> Option<(&'static str, &'static str)> {
    let identifier = payload.get("change").and_then(Value::as_str);
    Some(match kind {
        "user.login" => ("check-circle", "activity-login"),
        "user.login_failed" => ("alert", "activity-login-failed"),
        "user.logout" => ("sign-out", "activity-logout"),
        "user.created" => ("user", "activity-created"),
        "user.updated" => match identifier {
            Some("email") => ("mail", "activity-email"),
            Some("phone") => ("phone", "activity-phone"),
            Some("deletion_requested") => ("alert", "activity-deletion"),
            Some("deletion_cancelled") => ("check-circle", "activity-deletion-cancelled"),
            _ => ("id", "activity-updated"),
        },
        "user.password_reset" => ("key", "activity-password"),
        "user.email_verified" => ("mail", "activity-verified"),
        "mfa.enabled" => ("shield", "activity-factor-added"),
        "mfa.disabled" => ("shield", "activity-factor-removed"),
        "grant.revoked" => ("building", "activity-grant-revoked"),
        "security.refresh_reuse" => ("alert", "activity-refresh-reuse"),
        _ => return None,
    })
}

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let found = events::recent(&at.visit.cx, at.owner.user.id, SHOWN).await?;
    let rows: Vec<Value> = found
        .iter()
        .filter_map(|event| {
            let (icon, key) = described(&event.kind, &event.payload)?;
            let device = user_agent::describe(event.user_agent.as_deref());
            Some(json!({
                "icon": icon, "key": key, "at": event.created_at.as_micros(),
                "browser": device.browser, "os": device.os, "place": event.ip,
                "warns": icon == "alert",
            }))
        })
        .collect();
    at.section("account/activity.html", json!({ "rows": rows }))
}
