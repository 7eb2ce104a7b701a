use authflow_types::{TenantId, Timestamp, UserId};
use serde_json::json;

use super::authorized::Authority;
use super::model::{Action, Role};
use super::{RoleError, store};
use crate::events::{self, Event};
use crate::{Cx, Fault, identities};

/// One role of one user in one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// The user of the `system` tenant.
    pub user: UserId,
    /// Where the role counts.
    pub in_tenant: TenantId,
    /// The role.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

impl Assignment {
    /// A word that this version does not know gives nothing.
    fn from_row(row: &store::Row) -> Option<Self> {
        Some(Self {
            user: row.user_id,
            in_tenant: row.in_tenant_id,
            role: row.role.parse().ok()?,
            created_at: row.created_at,
        })
    }
}

/// Gives `user` a role in a tenant; giving it twice is no error. The context is the `system` tenant's.
/// Emits `role.assigned`.
///
/// # Errors
/// [`RoleError::Misplaced`], [`RoleError::NoUser`].
pub async fn assign(cx: &mut Cx, user: UserId, role: Role, in_tenant: TenantId) -> Result<(), RoleError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if !cx.tenant.is_system() || (role == Role::Operator) != (in_tenant == tenant) {
        return Err(RoleError::Misplaced(role));
    }
    if identities::find_user_within(cx, user).await?.is_none() {
        return Err(RoleError::NoUser);
    }
    let row = store::Row {
        user_id: user,
        in_tenant_id: in_tenant,
        role: role.as_str().to_owned(),
        created_at: now,
    };
    if store::insert(cx.tx().await?, tenant, &row).await? {
        let payload = json!({ "role": role.as_str(), "tenant_id": in_tenant });
        events::append(cx, Event::new("role.assigned").subject(user).payload(payload)).await?;
    }
    Ok(())
}

/// Takes a role away; `false` if the user did not have it. Emits `role.withdrawn`.
pub async fn withdraw(cx: &mut Cx, user: UserId, role: Role, in_tenant: TenantId) -> Result<bool, RoleError> {
    let tenant = cx.tenant_id();
    if !store::delete(cx.tx().await?, tenant, user, in_tenant, role.as_str()).await? {
        return Ok(false);
    }
    let payload = json!({ "role": role.as_str(), "tenant_id": in_tenant });
    events::append(cx, Event::new("role.withdrawn").subject(user).payload(payload)).await?;
    Ok(true)
}

/// Whether the installation has an operator who may sign in. The context is the `system` tenant's.
pub async fn has_operator(cx: &mut Cx) -> Result<bool, Fault> {
    let (tenant, mut after) = (cx.tenant_id(), None);
    loop {
        let given = list(cx, tenant, after, 100).await?;
        let Some(last) = given.last() else {
            return Ok(false);
        };
        after = Some(last.user);
        for assignment in &given {
            let user = identities::find_user_within(cx, assignment.user).await?;
            if assignment.role == Role::Operator && user.is_some_and(|user| user.is_active()) {
                return Ok(true);
            }
        }
    }
}

/// Up to `limit` roles given in a tenant, of users after `after`. The context is the `system` tenant's.
pub async fn list(
    cx: &mut Cx,
    in_tenant: TenantId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<Assignment>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    let rows = store::list(&mut tx, tenant, in_tenant, after, limit).await?;
    Ok(rows.iter().filter_map(Assignment::from_row).collect())
}

/// Every role of a user. The context is the `system` tenant's.
pub async fn list_of_user(cx: &mut Cx, user: UserId) -> Result<Vec<Assignment>, Fault> {
    let tenant = cx.tenant_id();
    let mut tx = cx.reading().await?;
    let rows = store::of_user(&mut tx, tenant, user).await?;
    Ok(rows.iter().filter_map(Assignment::from_row).collect())
}

/// What a user may do in a tenant, by their roles there and as operator. The context is the `system` tenant's.
pub async fn authority_of(cx: &mut Cx, user: UserId, in_tenant: TenantId) -> Result<Authority, Fault> {
    let system = cx.tenant_id();
    let roles: Vec<Role> = list_of_user(cx, user)
        .await?
        .into_iter()
        .filter(|given| given.in_tenant == in_tenant || given.in_tenant == system)
        .map(|given| given.role)
        .collect();
    let actions = Action::ALL.iter().copied();
    Ok(actions
        .filter(|action| roles.iter().any(|role| role.allows(*action)))
        .collect())
}
