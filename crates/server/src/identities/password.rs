use authflow_types::{CredentialId, IdentifierId, SessionId, Timestamp, UserId};
use serde_json::json;

use super::identifier::IdentifierValue;
use super::model::{User, UserStatus};
use super::{IdentityError, before, store};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::passwords::{NewPasswordError, Password, PasswordProblem, PolicyError};
use crate::{Cx, Fault, sessions};

/// A password on its way into a credential.
pub enum NewPassword {
    /// As the person chose it; checked against the rules and hashed.
    Plain(Password),
    /// A hash that [`hash_password`] made before.
    Hashed(String),
    /// A hash from another system (PHC argon2, scrypt, pbkdf2, or bcrypt); replaced by our own at its first use.
    Imported(String),
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(redacted)",
            Self::Hashed(_) => "Hashed(redacted)",
            Self::Imported(_) => "Imported(redacted)",
        })
    }
}

/// A stored password beside the state of its user.
#[derive(Clone)]
pub struct PasswordRecord {
    /// Whose it is.
    pub user_id: UserId,
    /// Whether they may sign in.
    pub status: UserStatus,
    /// The credential and its hash; `None` for a user without a password.
    pub credential: Option<(CredentialId, String)>,
    /// When it was set.
    pub set_at: Option<Timestamp>,
}

impl From<store::PasswordRow> for PasswordRecord {
    fn from(row: store::PasswordRow) -> Self {
        Self {
            user_id: row.user_id,
            status: UserStatus::from_stored(&row.status),
            credential: row.credential_id.zip(row.data),
            set_at: row.updated_at,
        }
    }
}

/// The password of whoever has `identifier`; `None` if nobody has it.
pub async fn find_password(cx: &Cx, identifier: &IdentifierValue) -> Result<Option<PasswordRecord>, Fault> {
    let mut tx = cx.read().await?;
    let row = store::find_password(&mut tx, cx.tenant_id(), identifier).await?;
    Ok(row.map(PasswordRecord::from))
}

/// The password of a user; `None` if there is no such user.
pub async fn password_of(cx: &Cx, user: UserId) -> Result<Option<PasswordRecord>, Fault> {
    let mut tx = cx.read().await?;
    let row = store::password_of(&mut tx, cx.tenant_id(), user).await?;
    Ok(row.map(PasswordRecord::from))
}

/// Whether the user has a password; read in the context's transaction where one is open.
pub(crate) async fn has_password(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    let row = store::password_of(&mut tx, tenant, user).await?;
    Ok(row
        .map(PasswordRecord::from)
        .is_some_and(|record| record.credential.is_some()))
}

/// When the user's password was set; `None` if they have none.
pub(crate) async fn password_set_at(cx: &mut Cx, user: UserId) -> Result<Option<Timestamp>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    let row = store::password_of(&mut tx, tenant, user).await?;
    Ok(row.and_then(|row| row.updated_at))
}

/// When the password of whoever has `identifier` was set; `None` if there is none.
pub(crate) async fn password_set_at_of(
    cx: &mut Cx,
    identifier: &IdentifierValue,
) -> Result<Option<Timestamp>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    let row = store::find_password(&mut tx, tenant, identifier).await?;
    Ok(row.and_then(|row| row.updated_at))
}

/// Checks a new password against the rules and hashes it, without writing anything.
///
/// # Errors
/// [`IdentityError::Password`]; [`Fault::Busy`] when the hashing pool is full.
pub async fn hash_password(
    cx: &Cx,
    password: &Password,
    about: Vec<String>,
) -> Result<NewPassword, IdentityError> {
    hash(cx, password, about).await.map(NewPassword::Hashed)
}

/// As [`hash_password`], for somebody who has an account.
///
/// # Errors
/// As there.
pub async fn hash_password_for(
    cx: &Cx,
    user: &User,
    password: &Password,
) -> Result<NewPassword, IdentityError> {
    let identifiers = user.identifiers.iter().map(|identifier| identifier.value.clone());
    let about = super::ops::about(&user.profile, &[])
        .into_iter()
        .chain(identifiers);
    hash_password(cx, password, about.collect()).await
}

/// Sets a user's password, which [`hash_password_for`] hashed. Ends every other session, refresh token family and access
/// token of theirs. Emits `user.password_reset`, and what the endings emit.
///
/// # Errors
/// [`IdentityError::Password`] for a plain one that the rules refuse.
pub async fn set_password(
    cx: &mut Cx,
    user: &User,
    password: NewPassword,
    keep: Option<SessionId>,
) -> Result<(), IdentityError> {
    let hash = hash_new(cx, password, Vec::new()).await?;
    put_hash(cx, user.id, &hash).await?;
    before::end_unfinished(cx, user.id).await?;
    sessions::end_all(cx, user.id, keep).await?;
    crate::oauth::revocation::revoke_user(cx, user.id, keep, "password_changed").await?;
    let payload = json!({ "method": "password_change" });
    events::append(
        cx,
        Event::new("user.password_reset")
            .subject(user.id)
            .payload(payload),
    )
    .await?;
    let tenant = cx.tenant_id();
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// Somebody who reads a message to an identifier of the user has just proven it: it counts as verified from now on.
/// `false` if that lets nobody in: the identifier is gone, or another was proven meanwhile and this one never. Emits
/// `user.email_verified`, and what the endings emit.
///
/// # Security
/// Whoever set up an account with an address that was not theirs must not keep a way in once its owner comes: with the
/// first proof of an account, everything of before ends (`before.rs`).
pub async fn prove_mailbox(cx: &mut Cx, user: UserId, identifier: IdentifierId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let found = store::find(cx.tx().await?, tenant, user).await?;
    let Some(user) = found else { return Ok(false) };
    let own = user.identifiers.iter().find(|own| own.id == identifier);
    let Some(own) = own.filter(|own| user.lets_in(own)) else {
        return Ok(false);
    };
    if own.verified_at.is_some() {
        return Ok(true);
    }
    match super::verify_identifier(cx, identifier).await {
        Ok(true) => {}
        Err(IdentityError::Fault(fault)) => return Err(fault),
        Ok(false) | Err(_) => return Ok(false),
    }
    before::end_everything(cx, user.id, identifier).await?;
    Ok(true)
}

/// The reader of a mailbox says that an account with their address is none of theirs: whoever made it keeps no way in, or
/// loses the address where they have proven another. Emits what the endings emit.
pub async fn disown(cx: &mut Cx, user: UserId, identifier: IdentifierId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    let Some(user) = store::find(cx.tx().await?, tenant, user).await? else {
        return Ok(());
    };
    let Some(own) = user.identifiers.iter().find(|own| own.id == identifier) else {
        return Ok(());
    };
    if user.lets_in(own) && own.verified_at.is_none() {
        before::end_everything(cx, user.id, identifier).await
    } else {
        before::release(cx, own).await.map(drop)
    }
}

/// Replaces the password of somebody who forgot it by one that [`hash_password`] hashed; ends their sessions, refresh token
/// families and access tokens, unless the tenant keeps them. Emits `user.password_reset`, and what the endings emit.
///
/// # Errors
/// As [`hash_password`].
pub async fn reset_password(
    cx: &mut Cx,
    user: &User,
    password: NewPassword,
    ends_sessions: bool,
) -> Result<(), IdentityError> {
    let hash = hash_new(cx, password, Vec::new()).await?;
    put_hash(cx, user.id, &hash).await?;
    before::end_unfinished(cx, user.id).await?;
    if ends_sessions {
        sessions::end_all(cx, user.id, None).await?;
        crate::oauth::revocation::revoke_user(cx, user.id, None, "password_reset").await?;
    }
    let event = Event::new("user.password_reset")
        .subject(user.id)
        .payload(json!({ "method": "recovery" }));
    events::append(cx, event).await?;
    let tenant = cx.tenant_id();
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

/// What kinds of credentials a user has, since when, and when each was last used.
pub async fn credentials(
    cx: &Cx,
    user: UserId,
) -> Result<Vec<(String, Timestamp, Option<Timestamp>)>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::credentials(&mut tx, cx.tenant_id(), user).await?)
}

/// Notes that the password of `record` was used, and replaces its hash by `upgraded` if it was of an older kind. `false` if
/// it is not the user's password any more: it was changed while it was verified.
pub async fn record_password_use(
    cx: &mut Cx,
    record: &PasswordRecord,
    upgraded: Option<&str>,
) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let Some((id, verified)) = &record.credential else {
        return Ok(false);
    };
    let which = (*id, record.set_at);
    Ok(store::use_password(cx.tx().await?, tenant, which, (verified, upgraded), now).await?)
}

/// Stores a hash as the user's password.
pub(super) async fn put_hash(cx: &mut Cx, user: UserId, hash: &str) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let id = CredentialId::new(now, cx.rng());
    Ok(store::put_password(cx.tx().await?, tenant, id, user, hash, now).await?)
}

/// The hash that is stored for a new password.
pub(super) async fn hash_new(
    cx: &Cx,
    password: NewPassword,
    about: Vec<String>,
) -> Result<String, IdentityError> {
    match password {
        NewPassword::Plain(password) => hash(cx, &password, about).await,
        NewPassword::Hashed(hash) => Ok(hash),
        NewPassword::Imported(hash) => match cx.app.passwords.check_import(&hash) {
            Ok(_) => Ok(hash),
            Err(error) => Err(IdentityError::ImportedHash(error)),
        },
    }
}

async fn hash(cx: &Cx, password: &Password, mut about: Vec<String>) -> Result<String, IdentityError> {
    about.push(cx.tenant.name.clone());
    match cx.app.passwords.judge(password, about).await {
        Ok(()) => {}
        Err(NewPasswordError::Policy(PolicyError::Refused(problem))) => {
            return Err(IdentityError::Password(problem));
        }
        Err(error) => return Err(Fault::from(error).into()),
    }
    if is_known_elsewhere(cx, password).await {
        return Err(IdentityError::Password(PasswordProblem::Breached));
    }
    let hash = cx.app.passwords.hash(password).await;
    Ok(hash.map_err(|error| Fault::from(NewPasswordError::from(error)))?)
}

/// Whether the range API, if it is asked, knows the password.
async fn is_known_elsewhere(cx: &Cx, password: &Password) -> bool {
    let Some(api) = &cx.app.breached_api else {
        return false;
    };
    // Nothing waits for the network while a transaction is open.
    if cx.is_writing() {
        tracing::warn!("a password was not looked up, because a transaction is open");
        return false;
    }
    api.knows(&cx.app.outbound, password).await
}
