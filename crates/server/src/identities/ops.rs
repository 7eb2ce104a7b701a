use std::sync::Arc;

use authflow_types::{IdentifierId, TenantId, UserId};
use serde_json::{Map, Value, json};

use super::identifier::{IdentifierKind, IdentifierValue};
use super::model::{Identifier, User, UserStatus};
use super::password::{NewPassword, hash_new, put_hash};
use super::profile::Profile;
use super::{IdentityError, before, store};
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{App, Cx, Fault, sessions};

/// Most bytes of custom attributes, as JSON.
const MAX_ATTRIBUTES_BYTES: usize = 16 * 1024;

/// What a new user is made of.
#[derive(Debug, Default)]
pub struct NewUser {
    /// Standard claims.
    pub profile: Profile,
    /// The tenant's own attributes.
    pub attributes: Map<String, Value>,
    /// How they are recognised; the first of each kind is primary.
    pub identifiers: Vec<IdentifierValue>,
    /// Their password, if they have one.
    pub password: Option<NewPassword>,
    /// Whether the identifiers are known to be theirs.
    pub verified: bool,
}

/// The user with `id`, from memory if possible.
pub async fn find_user(app: &App, tenant: TenantId, id: UserId) -> Result<Option<Arc<User>>, Fault> {
    let key = (tenant, app.caches.epoch(tenant), id);
    if let Some(user) = app.caches.users.get(&key) {
        return Ok(Some(user));
    }
    let mut tx = app.db.read(tenant).await?;
    let Some(user) = store::find(&mut tx, tenant, id).await? else {
        return Ok(None);
    };
    let user = Arc::new(user);
    app.caches.users.insert(key, user.clone());
    Ok(Some(user))
}

/// The user with `id`, read in the request's own transaction if one is open.
pub async fn find_user_within(cx: &mut Cx, id: UserId) -> Result<Option<Arc<User>>, Fault> {
    let tenant = cx.tenant_id();
    let key = (tenant, cx.app.caches.epoch(tenant), id);
    // What this request wrote itself is in no cache yet, and must not get there before it is committed.
    let has_written = cx.has_invalidations();
    if let Some(user) = cx.app.caches.users.get(&key).filter(|_| !has_written) {
        return Ok(Some(user));
    }
    let user = {
        let mut tx = cx.reading().await?;
        store::find(&mut tx, tenant, id).await?
    };
    let Some(user) = user.map(Arc::new) else {
        return Ok(None);
    };
    if !has_written {
        cx.app.caches.users.insert(key, user.clone());
    }
    Ok(Some(user))
}

/// The user with `id`.
///
/// # Errors
/// [`IdentityError::NotFound`].
pub async fn get_user(cx: &Cx, id: UserId) -> Result<Arc<User>, IdentityError> {
    find_user(&cx.app, cx.tenant_id(), id)
        .await?
        .ok_or(IdentityError::NotFound)
}

/// The user who has the identifier that `text` spells, of whatever kind.
pub async fn find_by_identifier(cx: &Cx, text: &str) -> Result<Option<Arc<User>>, Fault> {
    let Some(identifier) = IdentifierValue::guess(text) else {
        return Ok(None);
    };
    let tenant = cx.tenant_id();
    let id = {
        let mut tx = cx.read().await?;
        store::find_by_identifier(&mut tx, tenant, identifier.kind(), identifier.normalized()).await?
    };
    match id {
        Some(id) => find_user(&cx.app, tenant, id).await,
        None => Ok(None),
    }
}

/// As [`find_by_identifier`], at the same cost for everybody: the same statements run whether or not there is somebody,
/// and nothing comes from memory, which knows only those who are.
///
/// # Security
/// For whoever asks without being anybody: recovery, codes and links.
pub async fn find_by_identifier_evenly(cx: &Cx, text: &str) -> Result<Option<Arc<User>>, Fault> {
    let tenant = cx.tenant_id();
    let (kind, normalized) = match IdentifierValue::guess(text) {
        Some(identifier) => (identifier.kind(), identifier.normalized().to_owned()),
        None => (IdentifierKind::Username, String::new()),
    };
    let mut tx = cx.read().await?;
    let id = store::find_by_identifier(&mut tx, tenant, kind, &normalized).await?;
    let id = id.unwrap_or_else(|| UserId::new(cx.now, cx.rng()));
    Ok(store::find_evenly(&mut tx, tenant, id).await?.map(Arc::new))
}

/// The identifier with `id`, and whose it is.
pub async fn find_identifier(cx: &Cx, id: IdentifierId) -> Result<Option<(UserId, Identifier)>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::find_identifier(&mut tx, cx.tenant_id(), id).await?)
}

/// Up to `limit` users after `after`, in order of creation.
pub async fn list(cx: &Cx, after: Option<UserId>, limit: i64) -> Result<Vec<User>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list(&mut tx, cx.tenant_id(), after, limit).await?)
}

/// Creates a user. Emits `user.created`.
///
/// Hashes the password before it opens the transaction, so that nothing waits for the hash.
///
/// # Errors
/// Every [`IdentityError`] but `NotFound`. After [`IdentityError::IdentifierTaken`] the context's transaction has been
/// undone, also what was written before.
pub async fn create_user(cx: &mut Cx, new: NewUser) -> Result<User, IdentityError> {
    new.profile.check()?;
    check_attributes(&new.attributes)?;
    if new.identifiers.is_empty() {
        return Err(IdentityError::NoIdentifier);
    }
    let hash = match new.password {
        None => None,
        Some(password) => {
            let about = about(&new.profile, &new.identifiers);
            Some(hash_new(cx, password, about).await?)
        }
    };
    let verified_at = new.verified.then_some(cx.now);
    let mut identifiers: Vec<Identifier> = Vec::with_capacity(new.identifiers.len());
    for value in new.identifiers {
        identifiers.push(Identifier {
            id: IdentifierId::new(cx.now, cx.rng()),
            kind: value.kind(),
            value: value.value().to_owned(),
            normalized: value.normalized().to_owned(),
            is_primary: !identifiers.iter().any(|earlier| earlier.kind == value.kind()),
            verified_at,
        });
    }
    let user = User {
        id: UserId::new(cx.now, cx.rng()),
        status: UserStatus::Active,
        profile: new.profile,
        attributes: new.attributes,
        identifiers,
        mfa_enabled_at: None,
        generation: 0,
        deletion_due_at: None,
        created_at: cx.now,
        updated_at: cx.now,
    };
    insert(cx, &user, hash.as_deref()).await?;
    let payload = created_payload(&user);
    events::append(cx, Event::new("user.created").subject(user.id).payload(payload)).await?;
    Ok(user)
}

/// What `user.created` says.
pub(super) fn created_payload(user: &User) -> Value {
    let shown: Vec<Value> = user
        .identifiers
        .iter()
        .map(|i| json!({ "kind": i.kind, "value": i.value, "verified": i.verified_at.is_some() }))
        .collect();
    json!({ "object": { "id": user.id, "profile": user.profile, "identifiers": shown } })
}

async fn insert(cx: &mut Cx, user: &User, hash: Option<&str>) -> Result<(), IdentityError> {
    let tenant = cx.tenant_id();
    store::insert_user(cx.tx().await?, tenant, user).await?;
    for identifier in &user.identifiers {
        if !insert_identifier(cx, user.id, identifier).await? {
            cx.rollback().await;
            return Err(IdentityError::IdentifierTaken {
                kind: identifier.kind,
            });
        }
    }
    if let Some(hash) = hash {
        put_hash(cx, user.id, hash).await?;
    }
    Ok(())
}

/// Gives a user an identifier; `false` if another user has it. One that is proven is taken from who only claimed it.
pub(super) async fn insert_identifier(
    cx: &mut Cx,
    user: UserId,
    identifier: &Identifier,
) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if store::insert_identifier(cx.tx().await?, tenant, user, identifier, now).await? {
        return Ok(true);
    }
    if identifier.verified_at.is_none() || !before::release(cx, identifier).await? {
        return Ok(false);
    }
    Ok(store::insert_identifier(cx.tx().await?, tenant, user, identifier, now).await?)
}

/// Holds a user as they were when they began to sign in until the context commits; `false` if what they proved then no
/// longer counts.
pub async fn hold(cx: &mut Cx, user: UserId, generation: i64) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    Ok(store::hold(cx.tx().await?, tenant, user, generation).await?)
}

/// What a password must not be made of.
pub(super) fn about(profile: &Profile, identifiers: &[IdentifierValue]) -> Vec<String> {
    let names = [
        &profile.name,
        &profile.given_name,
        &profile.family_name,
        &profile.nickname,
    ];
    let names = names.into_iter().flatten().cloned();
    names
        .chain(identifiers.iter().map(|identifier| identifier.value().to_owned()))
        .collect()
}

/// Lets a user sign in, or not. Disabling ends their sessions, refresh token families and access tokens.
/// Emits `user.updated`, and what the endings emit.
pub async fn set_status(cx: &mut Cx, user: &User, status: UserStatus) -> Result<User, IdentityError> {
    let updated = User {
        status,
        updated_at: cx.now,
        ..user.clone()
    };
    let tenant = cx.tenant_id();
    if store::update_user(cx.tx().await?, tenant, &updated).await? == 0 {
        return Err(IdentityError::NotFound);
    }
    if status == UserStatus::Disabled {
        sessions::end_all(cx, user.id, None).await?;
        crate::oauth::revocation::revoke_user(cx, user.id, None, "user_disabled").await?;
    }
    let payload = json!({ "status": status, "previous_attributes": { "status": user.status } });
    events::append(cx, Event::new("user.updated").subject(user.id).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(updated)
}

/// Replaces a user's standard claims. Emits `user.updated`.
///
/// # Errors
/// [`IdentityError::Profile`], [`IdentityError::NotFound`].
pub async fn update_profile(cx: &mut Cx, user: &User, profile: Profile) -> Result<User, IdentityError> {
    profile.check()?;
    let updated = User {
        profile,
        updated_at: cx.now,
        ..user.clone()
    };
    let tenant = cx.tenant_id();
    if store::update_user(cx.tx().await?, tenant, &updated).await? == 0 {
        return Err(IdentityError::NotFound);
    }
    let payload = json!({
        "object": { "profile": updated.profile },
        "previous_attributes": { "profile": user.profile },
    });
    events::append(cx, Event::new("user.updated").subject(user.id).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(updated)
}

/// Marks an identifier as proven to be its user's; `false` if it is gone or was proven before.
/// Emits `user.email_verified` or `user.phone_verified`.
pub async fn verify_identifier(cx: &mut Cx, id: IdentifierId) -> Result<bool, IdentityError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let Some((user, kind)) = store::verify_identifier(cx.tx().await?, tenant, id, now).await? else {
        return Ok(false);
    };
    let kind = IdentifierKind::from_stored(&kind).unwrap_or(IdentifierKind::Email);
    record_verified(cx, user, kind, id).await?;
    Ok(true)
}

/// An identifier is proven to be its user's.
pub(super) async fn record_verified(
    cx: &mut Cx,
    user: UserId,
    kind: IdentifierKind,
    id: IdentifierId,
) -> Result<(), Fault> {
    let verified = match kind {
        IdentifierKind::Phone => "user.phone_verified",
        _ => "user.email_verified",
    };
    let event = Event::new(verified).subject(user);
    events::append(cx, event.payload(json!({ "identifier": id }))).await?;
    let tenant = cx.tenant_id();
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}

pub(super) fn check_attributes(attributes: &Map<String, Value>) -> Result<(), IdentityError> {
    let bytes = serde_json::to_vec(attributes).map_err(Fault::from)?.len();
    if bytes <= MAX_ATTRIBUTES_BYTES {
        Ok(())
    } else {
        Err(IdentityError::Attributes)
    }
}
