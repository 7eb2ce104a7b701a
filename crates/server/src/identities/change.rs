//! Another e-mail address: the new one confirms, the one of before may object.
//!
//! ```text
//!   begun ──link to the new address──▶ confirmed ──7 days──▶ settled
//!     │ 7 days                            │ link to the address of before
//!     ▼                                   ▼
//!   expired                        undone: address gone, sessions ended
//! ```

use std::time::Duration;

use authflow_db::{exec, q};
use authflow_types::{IdentifierId, Timestamp, UserId};
use serde_json::json;

use super::IdentityError;
use super::identifier::{IdentifierKind, IdentifierValue};
use super::model::{Identifier, User};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{Cx, Fault, sessions};

/// How long the address of before may object.
pub const OBJECTION_TTL: Duration = Duration::from_hours(7 * 24);

/// A change that is under way or may still be objected to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EmailChange {
    /// The id that the address has once it is confirmed.
    pub id: IdentifierId,
    /// Whose it is.
    pub user_id: UserId,
    /// The address, as typed.
    pub value: String,
    /// Whether it becomes the primary one.
    pub makes_primary: bool,
    /// The primary address when the change began.
    pub previous_id: Option<IdentifierId>,
    /// When the new address was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// Begins a change; nothing of the user changes yet.
pub async fn begin_email_change(
    cx: &mut Cx,
    user: &User,
    email: &IdentifierValue,
    makes_primary: bool,
) -> Result<IdentifierId, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let id = IdentifierId::new(now, cx.rng());
    let previous = user.primary(IdentifierKind::Email).map(|one| one.id);
    exec!(
        cx.tx().await?,
        "INSERT INTO identifier_changes (tenant_id, id, user_id, value, normalized, makes_primary, previous_id, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant,
        id,
        user.id,
        email.value(),
        email.normalized(),
        makes_primary,
        previous,
        now,
        now + OBJECTION_TTL
    )?;
    Ok(id)
}

/// The change with `id`, unless its time is over.
pub async fn find_email_change(cx: &mut Cx, id: IdentifierId) -> Result<Option<EmailChange>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let mut tx = cx.reading().await?;
    Ok(q!(
        tx,
        fetch_optional<EmailChange>,
        "SELECT id, user_id, value, makes_primary, previous_id, confirmed_at FROM identifier_changes \
         WHERE tenant_id = $1 AND id = $2 AND expires_at > $3",
        tenant,
        id,
        now
    )?)
}

/// The reader of the new address confirmed it. Emits `user.updated` and `user.email_verified`.
///
/// # Errors
/// [`IdentityError::IdentifierTaken`] if somebody has the address by now; the context's transaction is undone then.
pub async fn confirm_email_change(cx: &mut Cx, change: &EmailChange) -> Result<(), IdentityError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let value = IdentifierValue::email(&change.value)?;
    let identifier = Identifier {
        id: change.id,
        kind: IdentifierKind::Email,
        value: value.value().to_owned(),
        normalized: value.normalized().to_owned(),
        is_primary: false,
        verified_at: Some(now),
    };
    release_claims(cx, change.user_id).await?;
    if !super::ops::insert_identifier(cx, change.user_id, &identifier).await? {
        cx.rollback().await;
        return Err(IdentityError::IdentifierTaken {
            kind: IdentifierKind::Email,
        });
    }
    exec!(
        cx.tx().await?,
        "UPDATE identifier_changes SET confirmed_at = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2",
        tenant,
        change.id,
        now,
        now + OBJECTION_TTL
    )?;
    if change.makes_primary || !has_primary(cx, change.user_id).await? {
        put_primary(cx, change.user_id, (IdentifierKind::Email, change.id)).await?;
    }
    let verified = Event::new("user.email_verified")
        .subject(change.user_id)
        .payload(json!({ "identifier": change.id }));
    events::append(cx, verified).await?;
    record(cx, change.user_id, ("email", "added"), change.id).await?;
    Ok(())
}

/// Addresses that the user only ever claimed go when they prove their first: they may be somebody else's.
async fn release_claims(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "DELETE FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND kind = 'email' AND verified_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM identifiers proven WHERE proven.tenant_id = $1 AND proven.user_id = $2 \
         AND proven.kind = 'email' AND proven.verified_at IS NOT NULL)",
        tenant,
        user
    )?;
    Ok(())
}

async fn has_primary(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let found = q!(
        cx.tx().await?,
        fetch_optional<(IdentifierId,)>,
        "SELECT id FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND kind = 'email' AND is_primary",
        tenant,
        user
    )?;
    Ok(found.is_some())
}

/// The reader of the address of before objected: the new one goes, with all that was changed since, and whoever added it
/// is signed out everywhere and has nothing under way.
/// Emits `user.updated`, and what the endings emit.
pub async fn undo_email_change(cx: &mut Cx, change: &EmailChange) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "DELETE FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND id IN \
         (SELECT later.id FROM identifier_changes later JOIN identifier_changes objected \
         ON objected.tenant_id = later.tenant_id AND objected.user_id = later.user_id \
         WHERE later.tenant_id = $1 AND later.user_id = $2 AND objected.id = $3 \
         AND later.created_at >= objected.created_at)",
        tenant,
        change.user_id,
        change.id
    )?;
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND user_id = $2 AND created_at >= \
         (SELECT objected.created_at FROM identifier_changes objected WHERE objected.tenant_id = $1 \
         AND objected.id = $3)",
        tenant,
        change.user_id,
        change.id
    )?;
    super::before::end_unfinished(cx, change.user_id).await?;
    if let Some(previous) = change.previous_id {
        put_primary(cx, change.user_id, (IdentifierKind::Email, previous)).await?;
    }
    sessions::end_all(cx, change.user_id, None).await?;
    crate::oauth::revocation::revoke_user(cx, change.user_id, None, "email_change_objected").await?;
    record(cx, change.user_id, ("email", "objected"), change.id).await
}

/// The reader of the new address says that it is not for this account: the change goes.
pub async fn refuse_email_change(cx: &mut Cx, change: &EmailChange) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND id = $2 AND confirmed_at IS NULL",
        tenant,
        change.id
    )?;
    record(cx, change.user_id, ("email", "refused"), change.id).await
}

/// Makes one of a user's identifiers the one of its kind that claims show. Emits `user.updated`.
pub async fn make_primary(cx: &mut Cx, user: &User, identifier: &Identifier) -> Result<(), Fault> {
    put_primary(cx, user.id, (identifier.kind, identifier.id)).await?;
    record(cx, user.id, (identifier.kind.as_str(), "primary"), identifier.id).await
}

/// Takes an identifier away. Emits `user.updated`. `false` where it must stay: the last one, or an address that may
/// still object to the one that took its place.
pub async fn remove_identifier(cx: &mut Cx, user: &User, identifier: &Identifier) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if user.identifiers.len() < 2 || identifier.is_primary {
        return Ok(false);
    }
    let removed = exec!(
        cx.tx().await?,
        "DELETE FROM identifiers WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND NOT EXISTS \
         (SELECT 1 FROM identifier_changes WHERE tenant_id = $1 AND user_id = $3 AND previous_id = $2 \
         AND confirmed_at IS NOT NULL AND expires_at > $4)",
        tenant,
        identifier.id,
        user.id,
        now
    )?;
    if removed == 0 {
        return Ok(false);
    }
    record(cx, user.id, (identifier.kind.as_str(), "removed"), identifier.id).await?;
    Ok(true)
}

async fn put_primary(
    cx: &mut Cx,
    user: UserId,
    (kind, id): (IdentifierKind, IdentifierId),
) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "UPDATE identifiers SET is_primary = (id = $4) WHERE tenant_id = $1 AND user_id = $2 AND kind = $3",
        tenant,
        user,
        kind.as_str(),
        id
    )?;
    Ok(())
}

async fn record(
    cx: &mut Cx,
    user: UserId,
    (kind, what): (&str, &'static str),
    id: IdentifierId,
) -> Result<(), Fault> {
    let payload = json!({ "change": kind, "action": what, "identifier": id });
    events::append(cx, Event::new("user.updated").subject(user).payload(payload)).await?;
    let tenant = cx.tenant_id();
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}
