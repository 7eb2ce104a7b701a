//! Passkeys. Their forms are `passkeys::api`.

use authflow_types::Timestamp;
use serde_json::{Value, json};

use super::super::{At, Section};
use crate::http::visit::PageRefusal;
use crate::passkeys::{self, PASSKEY_NAME_MAX, Passkey, RelyingParty, SECTION};

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let cx = &at.visit.cx;
    let party = RelyingParty::of(&cx.tenant);
    let here = party.as_ref().map(|party| party.rp_id.as_str());
    let passkeys = passkeys::overview(cx, at.owner.user.id).await?;
    if party.is_none() && passkeys.is_empty() {
        return Ok(None);
    }
    let row = |passkey: Passkey| {
        let elsewhere = (here != Some(passkey.rp_id.as_str())).then_some(passkey.rp_id);
        json!({
            "id": passkey.id,
            "name": passkey.name,
            "provider": passkey.aaguid.provider(),
            "synced": passkey.backed_up,
            "elsewhere": elsewhere,
            "created_at": passkey.created_at.as_micros(),
            "last_used_at": passkey.last_used_at.map(Timestamp::as_micros),
        })
    };
    let data = json!({
        "passkeys": passkeys.into_iter().map(row).collect::<Vec<Value>>(),
        "can_add": party.is_some(),
        "name_max": PASSKEY_NAME_MAX,
        "error": at.error(SECTION),
    });
    at.section("account/passkeys.html", data)
}

/// The suggestion to add one, on the first page.
pub(super) async fn offer(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    if passkeys::is_offer_due(&at.visit.cx, &at.owner.session).await? {
        return at.section("account/passkey_offer.html", json!({}));
    }
    Ok(None)
}
