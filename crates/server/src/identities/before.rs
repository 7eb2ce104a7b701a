//! What came before, and what of it ends when.
//!
//! ```text
//!   password replaced ──▶ unfinished: sign-ins under way, codes and links sent, changes not confirmed, trust in browsers
//!   account taken over ─▶ all of it: that, every credential and factor, every other identifier, what was allowed, sessions
//! ```
//!
//! One place for both, so that a new kind of way in ends with the others.

use authflow_db::{exec, q};
use authflow_types::{IdentifierId, UserId};

use super::identifier::IdentifierValue;
use super::model::{Identifier, User};
use super::store;
use crate::app::Invalidation;
use crate::{Cx, Fault, connections, consents, factors, passkeys, sessions};

/// What was begun for a user and not finished leads nowhere any more.
///
/// # Security
/// Call it after the password was replaced or taken away, in the same transaction: a sign-in locks what it proves
/// first (password, code, app) and the user second, and so does this.
pub(super) async fn end_unfinished(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    exec!(
        cx.tx().await?,
        "DELETE FROM challenges WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )?;
    exec!(
        cx.tx().await?,
        "UPDATE users SET generation = generation + 1, second_failures = 0 WHERE tenant_id = $1 AND id = $2",
        tenant,
        user
    )?;
    exec!(
        cx.tx().await?,
        "UPDATE one_time_links SET consumed_at = $3 WHERE tenant_id = $1 AND consumed_at IS NULL \
         AND purpose = 'reset_password' \
         AND subject_id IN (SELECT id FROM identifiers WHERE tenant_id = $1 AND user_id = $2)",
        tenant,
        user,
        now
    )?;
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NULL",
        tenant,
        user
    )?;
    factors::forget_all(cx, user).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// Whoever was in an account keeps nothing of it but the identifier `kept`, which is another's. Emits what the endings
/// emit.
pub(super) async fn end_everything(cx: &mut Cx, user: UserId, kept: IdentifierId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    store::delete_password(cx.tx().await?, tenant, user).await?;
    passkeys::remove_all(cx, user).await?;
    factors::remove_all(cx, user).await?;
    end_unfinished(cx, user).await?;
    connections::unlink_all(cx, user).await?;
    exec!(
        cx.tx().await?,
        "DELETE FROM one_time_links WHERE tenant_id = $1 AND (subject_id = $2 \
         OR subject_id IN (SELECT id FROM identifiers WHERE tenant_id = $1 AND user_id = $2) \
         OR subject_id IN (SELECT id FROM identifier_changes WHERE tenant_id = $1 AND user_id = $2))",
        tenant,
        user
    )?;
    exec!(
        cx.tx().await?,
        "DELETE FROM identifier_changes WHERE tenant_id = $1 AND user_id = $2",
        tenant,
        user
    )?;
    exec!(
        cx.tx().await?,
        "DELETE FROM identifiers WHERE tenant_id = $1 AND user_id = $2 AND id <> $3",
        tenant,
        user,
        kept
    )?;
    exec!(
        cx.tx().await?,
        "UPDATE identifiers SET is_primary = TRUE WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
        tenant,
        user,
        kept
    )?;
    consents::forget_all(cx, user).await?;
    sessions::end_all(cx, user, None).await?;
    crate::oauth::revocation::revoke_user(cx, user, None, "account_taken_over").await
}

/// Whoever has an account with `value` and has proven neither it nor anything else.
pub(super) async fn claimant(cx: &mut Cx, value: &IdentifierValue) -> Result<Option<User>, Fault> {
    let tenant = cx.tenant_id();
    let (kind, normalized) = (value.kind(), value.normalized());
    let found = store::find_by_identifier(cx.tx().await?, tenant, kind, normalized).await?;
    let Some(holder) = found else { return Ok(None) };
    let holder = store::find(cx.tx().await?, tenant, holder).await?;
    Ok(holder.filter(|holder| holder.only_claims(value) && !holder.has_proven_address()))
}

/// Takes an identifier that `proven` spells from an account whose owner has proven another and never this one; `false` if
/// there is no such account.
///
/// # Security
/// Only for whoever has just proven that it is theirs: a claim gives way to a proof.
pub(super) async fn release(cx: &mut Cx, proven: &Identifier) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let found = q!(
        cx.tx().await?,
        fetch_optional<(IdentifierId, UserId)>,
        "SELECT id, user_id FROM identifiers WHERE tenant_id = $1 AND kind = $2 AND normalized = $3 \
         AND verified_at IS NULL",
        tenant,
        proven.kind.as_str(),
        &proven.normalized
    )?;
    let Some((id, holder)) = found else {
        return Ok(false);
    };
    let holder = store::find(cx.tx().await?, tenant, holder).await?;
    if !holder.is_some_and(|holder| holder.has_proven_address()) {
        return Ok(false);
    }
    exec!(
        cx.tx().await?,
        "DELETE FROM identifiers WHERE tenant_id = $1 AND id = $2 AND verified_at IS NULL",
        tenant,
        id
    )?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(true)
}
