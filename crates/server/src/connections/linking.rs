//! Which accounts at other providers open whose account here, and who waits to be given one.

use std::time::Duration;

use authflow_proto::upstream::Person;
use authflow_types::{ConnectionId, SignInId, UpstreamIdentityId, UserId};
use serde_json::json;

use super::identity_store as store;
use super::model::{Connection, LinkedBy, Pending, UpstreamIdentity};
use super::ops::{enabled, find_by_id_within};
use crate::events::{self, Event};
use crate::identities::User;
use crate::sign_in::{self, Way};
use crate::{Cx, Fault};

/// The identities that open a user's account, oldest first.
pub async fn identities_of(cx: &Cx, user: UserId) -> Result<Vec<UpstreamIdentity>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::identities_of(&mut tx, cx.tenant_id(), user).await?)
}

/// Whose account the person's identity opens.
pub(crate) async fn find_identity(
    cx: &mut Cx,
    connection: ConnectionId,
    person: &Person,
) -> Result<Option<UpstreamIdentity>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    Ok(store::find_identity(&mut tx, tenant, connection, person).await?)
}

/// Lets a proven identity open a user's account from now on; `false` if it opens another's already.
/// Emits `user.identity_linked`.
///
/// # Security
/// Both must be proven to belong to one person: see [`LinkedBy`].
pub(crate) async fn link(
    cx: &mut Cx,
    connection: &Connection,
    person: &Person,
    user: UserId,
    by: LinkedBy,
) -> Result<bool, Fault> {
    let identity = UpstreamIdentity {
        id: UpstreamIdentityId::new(cx.now, cx.rng()),
        connection_id: connection.id,
        user_id: user,
        person: person.clone(),
        linked_at: cx.now,
        last_used_at: cx.now,
    };
    let tenant = cx.tenant_id();
    if !store::insert_identity(cx.tx().await?, tenant, &identity).await? {
        return Ok(false);
    }
    let payload = json!({
        "connection": connection.slug, "identity": identity.id, "subject": person.subject, "by": by.as_str(),
    });
    events::append(
        cx,
        Event::new("user.identity_linked").subject(user).payload(payload),
    )
    .await?;
    Ok(true)
}

/// Keeps what the provider says now.
pub(crate) async fn use_identity(cx: &mut Cx, id: UpstreamIdentityId, person: &Person) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    store::use_identity(cx.tx().await?, tenant, id, person, now).await?;
    Ok(())
}

/// How long somebody who is proven elsewhere may take to decide.
const PENDING_TTL: Duration = Duration::from_mins(30);

/// Keeps somebody who is proven elsewhere and has no account here yet, in place of whoever waits in this sign-in.
pub(crate) async fn put_pending(cx: &mut Cx, sign_in: SignInId, pending: &Pending) -> Result<(), Fault> {
    let (tenant, times) = (cx.tenant_id(), (cx.now, cx.now + PENDING_TTL));
    Ok(store::put_pending(cx.tx().await?, tenant, sign_in, pending, times).await?)
}

/// Who waits in this sign-in.
pub(crate) async fn find_pending(cx: &mut Cx, sign_in: SignInId) -> Result<Option<Pending>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let mut tx = cx.reading().await?;
    Ok(store::find_pending(&mut tx, tenant, sign_in, now).await?)
}

/// Whether somebody in this sign-in chose to link an account by signing in to it.
pub(crate) async fn is_linking(cx: &Cx, sign_in: SignInId) -> Result<bool, Fault> {
    let mut tx = cx.read().await?;
    let pending = store::find_pending(&mut tx, cx.tenant_id(), sign_in, cx.now).await?;
    Ok(pending.is_some_and(|pending| pending.state.links))
}

/// Nobody waits in this sign-in any more; `false` if nobody did.
pub(crate) async fn take_pending(cx: &mut Cx, sign_in: SignInId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    Ok(store::take_pending(cx.tx().await?, tenant, sign_in).await?)
}

/// Why an identity is not unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// There is none of this id.
    NotFound,
    /// It is the last way in.
    LastWayIn,
}

/// Takes an identity from a user; gives the name of its connection. Emits `user.identity_unlinked`.
pub(crate) async fn unlink(
    cx: &mut Cx,
    user: &User,
    id: UpstreamIdentityId,
) -> Result<Result<Option<String>, Kept>, Fault> {
    let tenant = cx.tenant_id();
    let all = store::identities_of(cx.tx().await?, tenant, user.id).await?;
    let Some(identity) = all.iter().find(|identity| identity.id == id) else {
        return Ok(Err(Kept::NotFound));
    };
    if !sign_in::can_sign_in_without(cx, user, Way::Identity(id)).await? {
        return Ok(Err(Kept::LastWayIn));
    }
    if !store::delete_identity(cx.tx().await?, tenant, user.id, id).await? {
        return Ok(Err(Kept::NotFound));
    }
    let connection = find_by_id_within(cx, identity.connection_id).await?;
    let slug = connection.as_ref().map(|connection| &connection.slug);
    let payload = json!({ "connection": slug, "identity": id, "subject": identity.person.subject });
    events::append(
        cx,
        Event::new("user.identity_unlinked")
            .subject(user.id)
            .payload(payload),
    )
    .await?;
    Ok(Ok(connection.map(|connection| connection.name)))
}

/// Takes every identity from a user; `false` if they had none. Emits `user.identity_unlinked` for each.
pub(crate) async fn unlink_all(cx: &mut Cx, user: UserId) -> Result<bool, Fault> {
    let tenant = cx.tenant_id();
    let all = store::identities_of(cx.tx().await?, tenant, user).await?;
    for identity in &all {
        store::delete_identity(cx.tx().await?, tenant, user, identity.id).await?;
        let payload = json!({ "identity": identity.id, "subject": identity.person.subject });
        let event = Event::new("user.identity_unlinked")
            .subject(user)
            .payload(payload);
        events::append(cx, event).await?;
    }
    Ok(!all.is_empty())
}

/// Whether an account at another provider opens the user's account, other than `but`.
pub(crate) async fn has_other_than(
    cx: &mut Cx,
    user: UserId,
    but: Option<UpstreamIdentityId>,
) -> Result<bool, Fault> {
    let (tenant, enabled) = (cx.tenant_id(), enabled(cx).await?);
    let mut tx = cx.reading().await?;
    let all = store::identities_of(&mut tx, tenant, user).await?;
    let opens = |own: &UpstreamIdentity| enabled.connections.iter().any(|c| c.id == own.connection_id);
    Ok(all.iter().any(|own| Some(own.id) != but && opens(own)))
}
