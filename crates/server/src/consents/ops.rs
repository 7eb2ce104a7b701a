use std::sync::Arc;

use authflow_proto::scope::ScopeSet;
use authflow_types::{ClientId, Timestamp, UserId};
use serde_json::json;

use super::store;
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::oauth::revocation;
use crate::{Cx, Fault};

/// What a user allowed a client.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The client.
    pub client_id: ClientId,
    /// The scopes, all that were ever allowed and not withdrawn.
    pub scope: ScopeSet,
    /// When the first was allowed.
    pub created_at: Timestamp,
    /// When the last was allowed.
    pub updated_at: Timestamp,
}

/// Why an operation on a consent was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// The user never allowed this client anything.
    #[error("this application has no access to withdraw")]
    NotFound,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<authflow_db::DbError> for ConsentError {
    fn from(error: authflow_db::DbError) -> Self {
        Self::Fault(error.into())
    }
}

/// What `user` allowed `client`, from memory if possible.
pub async fn find(cx: &Cx, user: UserId, client: ClientId) -> Result<Option<Arc<Consent>>, Fault> {
    let tenant = cx.tenant_id();
    let key = (tenant, cx.app.caches.epoch(tenant), user, client);
    if let Some(consent) = cx.app.caches.consents.get(&key) {
        return Ok(Some(consent));
    }
    let mut tx = cx.read().await?;
    let Some(consent) = store::find(&mut tx, tenant, user, client).await? else {
        return Ok(None);
    };
    let consent = Arc::new(consent);
    cx.app.caches.consents.insert(key, consent.clone());
    Ok(Some(consent))
}

/// Everything that `user` allowed, the latest first.
pub async fn list(cx: &Cx, user: UserId) -> Result<Vec<Consent>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list(&mut tx, cx.tenant_id(), user).await?)
}

/// Remembers that `user` allows `client` the scopes, beside those allowed before. Emits `consent.granted`.
pub async fn allow(cx: &mut Cx, user: UserId, client: ClientId, scope: &ScopeSet) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let before = store::find(cx.tx().await?, tenant, user, client).await?;
    let all = before
        .as_ref()
        .map_or_else(|| scope.clone(), |before| before.scope.union(scope));
    let created_at = before.map_or(now, |before| before.created_at);
    let consent = Consent {
        client_id: client,
        scope: all,
        created_at,
        updated_at: now,
    };
    store::upsert(cx.tx().await?, tenant, user, &consent).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    let event = Event::new("consent.granted").subject(user).client(client);
    events::append(cx, event.payload(json!({ "scope": scope }))).await
}

/// Withdraws everything that `user` allowed `client`, and ends its tokens. Emits `consent.revoked`.
///
/// # Errors
/// [`ConsentError::NotFound`].
pub async fn revoke(cx: &mut Cx, user: UserId, client: ClientId) -> Result<(), ConsentError> {
    let tenant = cx.tenant_id();
    let withdrawn = store::delete(cx.tx().await?, tenant, user, client).await?;
    if withdrawn == 0 {
        return Err(ConsentError::NotFound);
    }
    revocation::revoke_user_client(cx, user, client, "consent_withdrawn").await?;
    events::append(cx, Event::new("consent.revoked").subject(user).client(client)).await?;
    Ok(())
}

/// Withdraws everything that `user` allowed anybody. Their tokens are ended by the caller.
pub(crate) async fn forget_all(cx: &mut Cx, user: UserId) -> Result<(), Fault> {
    let tenant = cx.tenant_id();
    let withdrawn = store::delete_all(cx.tx().await?, tenant, user).await?;
    for (client,) in withdrawn {
        events::append(cx, Event::new("consent.revoked").subject(user).client(client)).await?;
    }
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}
