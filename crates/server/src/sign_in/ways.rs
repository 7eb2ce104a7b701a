//! Which ways into an account are left when one of them goes: nobody is to lock themselves out.

use authflow_types::{CredentialId, IdentifierId, UpstreamIdentityId};

use super::methods::{EMAIL_CODE, MAGIC_LINK, Method as _, SMS_CODE};
use crate::identities::{self, Identifier, IdentifierKind, User};
use crate::{Cx, Fault, connections, passkeys};

/// A way in that is about to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A passkey.
    Passkey(CredentialId),
    /// An account at another provider.
    Identity(UpstreamIdentityId),
    /// An identifier, and with it what is sent there.
    Identifier(IdentifierId),
}

/// Whether the user can sign in by themselves without `gone`, as the tenant's methods are switched.
pub(crate) async fn can_sign_in_without(cx: &mut Cx, user: &User, gone: Way) -> Result<bool, Fault> {
    let left: Vec<&Identifier> = user
        .identifiers
        .iter()
        .filter(|own| gone != Way::Identifier(own.id))
        .collect();
    let is_reachable = |kind| {
        left.iter()
            .any(|own| own.kind == kind && own.verified_at.is_some())
    };
    let by_mail = EMAIL_CODE.roles(cx).first || MAGIC_LINK.roles(cx).first;
    let by_phone = SMS_CODE.roles(cx).first;
    if by_mail && is_reachable(IdentifierKind::Email) || by_phone && is_reachable(IdentifierKind::Phone) {
        return Ok(true);
    }
    let by_password = cx.tenant.settings.methods.password && !left.is_empty();
    if by_password && identities::has_password(cx, user.id).await? {
        return Ok(true);
    }
    let passkey = match gone {
        Way::Passkey(id) => Some(id),
        _ => None,
    };
    let identity = match gone {
        Way::Identity(id) => Some(id),
        _ => None,
    };
    Ok(passkeys::has_other_than(cx, user.id, passkey).await?
        || connections::has_other_than(cx, user.id, identity).await?)
}
