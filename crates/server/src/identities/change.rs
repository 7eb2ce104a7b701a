//! Other identifiers: an e-mail address that its reader confirms, a phone number whose holder types a code.
//!
//! ```text
//!   address:  begun ──link to the new one──▶ confirmed ──7 days──▶ settled
//!               │ 7 days                        │ link to the address of before
//!               ▼                               ▼
//!             expired                         undone: address gone, sessions ended
//!
//!   number:   begun ──code──▶ proven ──takes no other's place, or a code to that one, or another factor──▶ settled
//!               │ half an hour  │
//!               ▼               ▼
//!             expired         expired
//! ```

use std::time::Duration;

use authflow_db::{exec, q};
use authflow_types::{IdentifierId, Timestamp, UserId};
use serde_json::json;

use super::identifier::{IdentifierError, IdentifierKind, IdentifierValue};
use super::model::{Identifier, User};
use super::{IdentityError, before, ops};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{Cx, Fault, sessions};

/// How long the address of before may object.
pub const OBJECTION_TTL: Duration = Duration::from_hours(7 * 24);

/// How long somebody may take to prove a number, and the one whose place it takes.
const PHONE_TTL: Duration = Duration::from_mins(30);

/// A change that is under way or may still be objected to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct IdentifierChange {
    /// The id that the identifier has once it is the user's.
    pub id: IdentifierId,
    /// Whose it is.
    pub user_id: UserId,
    kind: String,
    /// The identifier, as typed.
    pub value: String,
    /// Whether it becomes the primary one.
    pub makes_primary: bool,
    /// Of an address: the primary one when the change began. Of a number: the one whose place it takes.
    pub previous_id: Option<IdentifierId>,
    /// When the holder of a new number proved to be one.
    pub proven_at: Option<Timestamp>,
    /// When a new address was confirmed.
    pub confirmed_at: Option<Timestamp>,
}

impl IdentifierChange {
    /// Whether it is of this kind.
    pub fn is_of(&self, kind: IdentifierKind) -> bool {
        self.kind == kind.as_str()
    }

    fn parsed(&self) -> Result<IdentifierValue, IdentifierError> {
        if self.is_of(IdentifierKind::Phone) {
            IdentifierValue::phone(&self.value)
        } else {
            IdentifierValue::email(&self.value)
        }
    }
}

/// Begins a change; nothing of the user changes yet. `replaces` is the number whose place a new number takes.
pub async fn begin_change(
    cx: &mut Cx,
    user: &User,
    new: &IdentifierValue,
    makes_primary: bool,
    replaces: Option<IdentifierId>,
) -> Result<IdentifierId, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let id = IdentifierId::new(now, cx.rng());
    let (previous, ttl) = match new.kind() {
        IdentifierKind::Phone => (replaces, PHONE_TTL),
        kind => (user.primary(kind).map(|one| one.id), OBJECTION_TTL),
    };
    exec!(
        cx.tx().await?,
        "INSERT INTO identifier_changes (tenant_id, id, user_id, kind, value, normalized, makes_primary, \
         previous_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        user.id,
        new.kind().as_str(),
        new.value(),
        new.normalized(),
        makes_primary,
        previous,
        now,
        now + ttl
    )?;
    Ok(id)
}

/// The change with `id`, unless its time is over.
pub async fn find_change(cx: &mut Cx, id: IdentifierId) -> Result<Option<IdentifierChange>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let mut tx = cx.reading().await?;
    Ok(q!(
        tx,
        fetch_optional<IdentifierChange>,
        "SELECT id, user_id, kind, value, makes_primary, previous_id, proven_at, confirmed_at \
         FROM identifier_changes WHERE tenant_id = $1 AND id = $2 AND expires_at > $3",
        tenant,
        id,
        now
    )?)
}

/// The reader of the new address confirmed it. Emits `user.updated` and `user.email_verified`.
///
/// # Errors
/// [`IdentityError::IdentifierTaken`] if somebody has the address by now; the context's transaction is undone then.
pub async fn confirm_email_change(cx: &mut Cx, change: &IdentifierChange) -> Result<(), IdentityError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    release_claims(cx, change.user_id).await?;
    if !adopt(cx, change).await? {
        return Err(taken(cx, IdentifierKind::Email).await);
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
    ops::record_verified(cx, change.user_id, IdentifierKind::Email, change.id).await?;
    record(cx, change.user_id, ("email", "added"), change.id).await?;
    Ok(())
}

/// Gives the user the new identifier, as proven; `false` if anybody has it.
async fn adopt(cx: &mut Cx, change: &IdentifierChange) -> Result<bool, IdentityError> {
    let (now, value) = (cx.now, change.parsed()?);
    let identifier = Identifier {
        id: change.id,
        kind: value.kind(),
        value: value.value().to_owned(),
        normalized: value.normalized().to_owned(),
        is_primary: false,
        verified_at: Some(now),
    };
    Ok(ops::insert_identifier(cx, change.user_id, &identifier).await?)
}

async fn taken(cx: &mut Cx, kind: IdentifierKind) -> IdentityError {
    cx.rollback().await;
    IdentityError::IdentifierTaken { kind }
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
pub async fn undo_email_change(cx: &mut Cx, change: &IdentifierChange) -> Result<(), Fault> {
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
        "DELETE FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND kind = 'phone' AND created_at >= \
         (SELECT objected.created_at FROM identifier_changes objected WHERE objected.tenant_id = $1 \
         AND objected.id = $3)",
        tenant,
        change.user_id,
        change.id
    )?;
    promote_phone(cx, change.user_id, None).await?;
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND user_id = $2 AND created_at >= \
         (SELECT objected.created_at FROM identifier_changes objected WHERE objected.tenant_id = $1 \
         AND objected.id = $3)",
        tenant,
        change.user_id,
        change.id
    )?;
    before::end_unfinished(cx, change.user_id).await?;
    if let Some(previous) = change.previous_id {
        put_primary(cx, change.user_id, (IdentifierKind::Email, previous)).await?;
    }
    sessions::end_all(cx, change.user_id, None).await?;
    crate::oauth::revocation::revoke_user(cx, change.user_id, None, "email_change_objected").await?;
    record(cx, change.user_id, ("email", "objected"), change.id).await
}

/// The reader of the new address says that it is not for this account: the change goes.
pub async fn refuse_email_change(cx: &mut Cx, change: &IdentifierChange) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND id = $2 AND confirmed_at IS NULL",
        tenant,
        change.id
    )?;
    record(cx, change.user_id, ("email", "refused"), change.id).await
}

/// The holder of a new number typed the code that was sent there.
pub async fn prove_phone_change(cx: &mut Cx, change: &IdentifierChange) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    exec!(
        cx.tx().await?,
        "UPDATE identifier_changes SET proven_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant,
        change.id,
        now
    )?;
    Ok(())
}

/// A proven number becomes the user's, in the place of the one that it replaces. Emits `user.phone_verified` and
/// `user.updated`.
///
/// # Security
/// The caller has made sure of both ends: the new number is proven, and where it replaces one, that one's holder agreed
/// or the user gave a factor that does not rest on it.
///
/// # Errors
/// [`IdentityError::IdentifierTaken`] if somebody else has the number; the context's transaction is undone then.
pub async fn settle_phone_change(
    cx: &mut Cx,
    user: &User,
    change: &IdentifierChange,
) -> Result<(), IdentityError> {
    let own = user.identifiers.iter().find(|one| {
        change
            .parsed()
            .is_ok_and(|new| one.kind == new.kind() && one.normalized == new.normalized())
    });
    let id = match own {
        // It was theirs and not proven: now it is.
        Some(own) => {
            ops::verify_identifier(cx, own.id).await?;
            own.id
        }
        None if adopt(cx, change).await? => {
            ops::record_verified(cx, user.id, IdentifierKind::Phone, change.id).await?;
            change.id
        }
        None => return Err(taken(cx, IdentifierKind::Phone).await),
    };
    let replaced = match change.previous_id {
        Some(previous) => delete_identifier(cx, user.id, previous).await?,
        None => false,
    };
    promote_phone(cx, user.id, Some(id)).await?;
    forget(cx, change.id).await?;
    let what = if replaced { "replaced" } else { "added" };
    record(cx, user.id, ("phone", what), id).await?;
    Ok(())
}

async fn delete_identifier(cx: &mut Cx, user: UserId, id: IdentifierId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let deleted = exec!(
        cx.tx().await?,
        "DELETE FROM identifiers WHERE tenant_id = $1 AND id = $2 AND user_id = $3",
        tenant,
        id,
        user
    )?;
    Ok(deleted == 1)
}

async fn forget(cx: &mut Cx, change: IdentifierId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND id = $2",
        tenant,
        change
    )?;
    Ok(())
}

/// Where no number of the user is the primary one, `id` is from now on, else the proven one that they have longest.
async fn promote_phone(cx: &mut Cx, user: UserId, id: Option<IdentifierId>) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    exec!(
        cx.tx().await?,
        "UPDATE identifiers SET is_primary = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = \
         (SELECT id FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND kind = 'phone' \
         AND ($3 IS NULL OR id = $3) ORDER BY verified_at IS NULL, id LIMIT 1) AND NOT EXISTS \
         (SELECT 1 FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND kind = 'phone' AND is_primary)",
        tenant,
        user,
        id,
        true
    )?;
    Ok(())
}

/// Makes one of a user's identifiers the one of its kind that claims show. Emits `user.updated`.
pub async fn make_primary(cx: &mut Cx, user: &User, identifier: &Identifier) -> Result<(), Fault> {
    put_primary(cx, user.id, (identifier.kind, identifier.id)).await?;
    record(cx, user.id, (identifier.kind.as_str(), "primary"), identifier.id).await
}

/// Takes an identifier away. Emits `user.updated`. `false` where it must stay: the last one, the primary one (but a phone
/// number, whose place the next one takes), or an address that may still object to the one that took its place.
pub async fn remove_identifier(cx: &mut Cx, user: &User, identifier: &Identifier) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let is_phone = identifier.kind == IdentifierKind::Phone;
    if user.identifiers.len() < 2 || identifier.is_primary && !is_phone {
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
    if is_phone {
        promote_phone(cx, user.id, None).await?;
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
