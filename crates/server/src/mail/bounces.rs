//! Which mailboxes refused mail for good. A note for support and for the account page; nobody is kept from signing in by it.

use std::time::Duration;

use authflow_types::Timestamp;

use super::store;
use crate::identities::IdentifierValue;
use crate::{Cx, Fault};

/// What the digests of addresses are keyed with.
const LABEL: &str = "mail-bounce";

/// How long a note is kept.
const KEPT: Duration = Duration::from_hours(24 * 90);

/// A mailbox's last refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// `recipient` or `mailbox_full`.
    pub reason: String,
    /// How many mails were refused since one was last taken.
    pub count: i64,
    /// When.
    pub bounced_at: Timestamp,
}

/// Whether the last mail to this address was refused for good.
pub async fn find_bounce(cx: &mut Cx, email: &str) -> Result<Option<Bounce>, Fault> {
    let (tenant, digest) = (cx.tenant_id(), digest(cx, email)?);
    let mut tx = cx.reading().await?;
    Ok(store::find_bounce(&mut tx, tenant, &digest).await?)
}

/// Whether the last mail to this address was refused for good, read outside a transaction that writes.
pub async fn bounce_of(cx: &Cx, email: &str) -> Result<Option<Bounce>, Fault> {
    let digest = digest(cx, email)?;
    let mut tx = cx.read().await?;
    Ok(store::find_bounce(&mut tx, cx.tenant_id(), &digest).await?)
}

/// Notes a refusal in the context's transaction.
pub(super) async fn note(cx: &mut Cx, email: &str, reason: &'static str) -> Result<(), Fault> {
    let (tenant, now, digest) = (cx.tenant_id(), cx.now, digest(cx, email)?);
    Ok(store::note_bounce(cx.tx().await?, tenant, &digest, reason, (now, now + KEPT)).await?)
}

/// A mail was taken: what was noted is no longer true. Writes only where something was.
pub(crate) async fn forget(cx: &mut Cx, email: &str) -> Result<(), Fault> {
    if find_bounce(cx, email).await?.is_some() {
        let (tenant, digest) = (cx.tenant_id(), digest(cx, email)?);
        store::forget_bounce(cx.tx().await?, tenant, &digest).await?;
    }
    Ok(())
}

fn digest(cx: &Cx, email: &str) -> Result<[u8; 32], Fault> {
    let normalized = IdentifierValue::email(email).map(|email| email.normalized().to_owned());
    let address = normalized.unwrap_or_else(|_| email.to_lowercase());
    Ok(cx.tenant.data_key.derive(LABEL)?.mac(&[address.as_bytes()]))
}
