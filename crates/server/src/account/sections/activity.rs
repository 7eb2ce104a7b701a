//! What happened: sign-ins and changes, with device and place.

use serde_json::{Value, json};

use super::super::{At, Section, user_agent};
use crate::events;
use crate::http::visit::PageRefusal;

/// How many are shown.
const SHOWN: i64 = 50;

/// The symbol and the key of the words for a kind of event; what is not listed here is not for its owner to read.
fn described(kind: &str, payload: &Value) -> Option<(&'static str, &'static str)> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    Some(match kind {
        "user.login" => ("check-circle", "activity-login"),
        "user.login_failed" => ("alert", "activity-login-failed"),
        "user.logout" => ("sign-out", "activity-logout"),
        "user.created" => ("user", "activity-created"),
        "user.updated" => match text("change") {
            Some("email") => ("mail", "activity-email"),
            Some("phone") => match text("action") {
                Some("added") => ("phone", "activity-phone-added"),
                Some("removed") => ("phone", "activity-phone-removed"),
                _ => ("phone", "activity-phone"),
            },
            Some("deletion_requested") => ("alert", "activity-deletion"),
            Some("deletion_cancelled") => ("check-circle", "activity-deletion-cancelled"),
            _ => ("id", "activity-updated"),
        },
        "user.password_reset" => ("key", "activity-password"),
        "user.email_verified" => ("mail", "activity-verified"),
        "user.phone_verified" => ("phone", "activity-phone-verified"),
        "user.identity_linked" => ("user", "activity-identity-linked"),
        "user.identity_unlinked" => ("user", "activity-identity-unlinked"),
        "credential.added" => ("key", "activity-passkey-added"),
        "credential.removed" => ("key", "activity-passkey-removed"),
        "mfa.enabled" => ("shield", "activity-factor-added"),
        "mfa.disabled" => ("shield", "activity-factor-removed"),
        "mfa.recovery_codes_renewed" => ("shield", "activity-recovery-codes"),
        "consent.granted" => ("building", "activity-consent-granted"),
        "consent.revoked" => ("building", "activity-consent-revoked"),
        "grant.revoked" => ("building", "activity-grant-revoked"),
        "security.refresh_reuse" => ("alert", "activity-refresh-reuse"),
        "security.passkey_counter" => ("alert", "activity-passkey-counter"),
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
                "browser": device.browser, "os": device.os, "place": event.place, "address": event.ip,
                "warns": icon == "alert",
            }))
        })
        .collect();
    at.section("account/activity.html", json!({ "rows": rows }))
}
