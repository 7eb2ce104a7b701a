//! People who are asked to make an account: a link to their address, good once, for seven days.

use std::time::Duration;

use authflow_db::{exec, q};
use authflow_types::{Timestamp, UserId};

use super::identifier::IdentifierValue;
use super::model::User;
use super::ops::{NewUser, create_user, find_by_identifier, update_profile};
use super::password::{hash_new, prove_mailbox, put_hash};
use super::{IdentifierKind, IdentityError, NewPassword, Profile, before};
use crate::mail::{self, LinkPurpose, Mail};
use crate::pages::Locale;
use crate::{Cx, Fault};

/// How long an invitation is good.
pub const INVITATION_TTL: Duration = Duration::from_hours(7 * 24);

/// Somebody who was asked and has not answered.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Invitation {
    /// The id that the user has once they accept.
    pub id: UserId,
    /// Their address; the account is made with it and no other.
    pub email: String,
    /// What they are called, as far as known.
    pub name: Option<String>,
    /// When it is too old.
    pub expires_at: Timestamp,
}

/// Asks somebody to make an account; the mail is queued in the context's transaction.
///
/// # Errors
/// [`IdentityError::IdentifierTaken`] if somebody has proven the address.
pub async fn invite(
    cx: &mut Cx,
    email: IdentifierValue,
    name: Option<String>,
    locale: Locale,
) -> Result<Invitation, IdentityError> {
    if let Some(name) = &name {
        Profile::named(name.clone()).check()?;
    }
    if find_by_identifier(cx, email.normalized())
        .await?
        .is_some_and(|holder| !holder.only_claims(&email))
    {
        return Err(IdentityError::IdentifierTaken {
            kind: IdentifierKind::Email,
        });
    }
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let invitation = Invitation {
        id: UserId::new(now, cx.rng()),
        email: email.value().to_owned(),
        name,
        expires_at: now + INVITATION_TTL,
    };
    // Who is asked again is asked by the newest mail.
    exec!(
        cx.tx().await?,
        "UPDATE invitations SET expires_at = $3 WHERE tenant_id = $1 AND normalized = $2 AND expires_at > $3",
        tenant,
        email.normalized(),
        now
    )?;
    exec!(
        cx.tx().await?,
        "INSERT INTO invitations (tenant_id, id, email, normalized, name, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tenant,
        invitation.id,
        &invitation.email,
        email.normalized(),
        &invitation.name,
        now,
        invitation.expires_at
    )?;
    let token = mail::issue_link(cx, LinkPurpose::Invitation, invitation.id.as_uuid()).await?;
    let content = Mail::Invitation {
        inviter: cx.tenant.name.clone(),
        into: cx.tenant.name.clone(),
        url: cx.tenant.url(&format!("/invitation?token={}", token.expose())),
        expires_minutes: INVITATION_TTL.as_secs() / 60,
    };
    mail::queue(cx, &invitation.email, locale, content).await?;
    Ok(invitation)
}

/// The invitation with `id`, if it is still open.
pub async fn find_invitation(cx: &mut Cx, id: UserId) -> Result<Option<Invitation>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let mut tx = cx.reading().await?;
    Ok(q!(
        tx,
        fetch_optional<Invitation>,
        "SELECT id, email, name, expires_at FROM invitations WHERE tenant_id = $1 AND id = $2 \
         AND accepted_at IS NULL AND expires_at > $3",
        tenant,
        id,
        now
    )?)
}

/// Makes the account; its address is proven by the link. An account that somebody else prepared with the address becomes
/// theirs, and nothing of before stays in it. Emits `user.created`, or what a takeover emits.
///
/// # Errors
/// As [`create_user`]; [`IdentityError::NotFound`] if somebody else accepted first.
pub async fn accept_invitation(
    cx: &mut Cx,
    invitation: &Invitation,
    name: String,
    hash: NewPassword,
) -> Result<User, IdentityError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let accepted = exec!(
        cx.tx().await?,
        "UPDATE invitations SET accepted_at = $3 WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL \
         AND expires_at > $3",
        tenant,
        invitation.id,
        now
    )?;
    if accepted == 0 {
        return Err(IdentityError::NotFound);
    }
    let email = IdentifierValue::email(&invitation.email)?;
    if let Some(holder) = before::claimant(cx, &email).await? {
        return take_over(cx, (holder, &email), name, hash).await;
    }
    let new = NewUser {
        profile: Profile::named(name),
        identifiers: vec![email],
        password: Some(hash),
        verified: true,
        ..NewUser::default()
    };
    create_user(cx, new).await
}

async fn take_over(
    cx: &mut Cx,
    (holder, email): (User, &IdentifierValue),
    name: String,
    hash: NewPassword,
) -> Result<User, IdentityError> {
    let own = holder.own(email).ok_or(IdentityError::NotFound)?.id;
    prove_mailbox(cx, holder.id, own).await?;
    let hash = hash_new(cx, hash, Vec::new()).await?;
    put_hash(cx, holder.id, &hash).await?;
    update_profile(cx, &holder, Profile::named(name)).await
}
