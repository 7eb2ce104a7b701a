//! Whether a sign-in needs another factor. The rule is pure; the facts are read here.

use authflow_types::ClientId;
use axum::http::HeaderMap;

use super::assurance::{Assurance, Basis, Independence};
use super::methods::{self, EMAIL_CODE, Method as _, SMS_CODE};
use super::model::{SignIn, StartedBy};
use super::recover;
use crate::identities::User;
use crate::tenants::MfaPolicy;
use crate::{Cx, Fault, clients, factors};

/// What is known when the decision is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The client's rule, else the tenant's.
    pub(crate) policy: MfaPolicy,
    /// Whether the user set a second factor up.
    pub(crate) has_factor: bool,
    /// Whether the user trusts this browser.
    pub(crate) is_trusted: bool,
    /// Whether this browser has signed in to this account before.
    pub(crate) is_known: bool,
}

/// The assurance that a session must have, by the rules of tenant and client.
pub(crate) const fn required(facts: Facts) -> Assurance {
    if facts.is_trusted {
        return Assurance::Single;
    }
    let asks = match facts.policy {
        MfaPolicy::Never => false,
        MfaPolicy::Optional => facts.has_factor,
        MfaPolicy::Required => true,
        MfaPolicy::RequiredOnNewDevice => facts.has_factor || !facts.is_known,
    };
    if asks { Assurance::Multi } else { Assurance::Single }
}

/// What comes after a factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: the user is signed in.
    Nothing,
    /// A second factor that the user has.
    SecondFactor,
    /// A second factor, which the user sets up first.
    SetUp,
    /// A second factor, and none that the user has can be used here.
    OutOfReach,
}

/// Which factors of `user` are independent of each other at this tenant.
pub(super) fn independence(cx: &Cx, user: &User) -> Independence {
    Independence {
        is_enrolled: user.mfa_enabled_at.is_some(),
        mail_resets_password: recover::is_available(cx),
        mail_may_be_second: EMAIL_CODE.roles(cx).second,
        sms_may_be_second: SMS_CODE.roles(cx).second,
    }
}

/// The rule that counts for sign-ins by way of a client.
async fn policy_for(cx: &Cx, client: Option<ClientId>) -> Result<MfaPolicy, Fault> {
    let own = match client {
        Some(id) => clients::find(&cx.app, cx.tenant_id(), id)
            .await?
            .and_then(|client| client.policy.mfa),
        None => None,
    };
    Ok(own.unwrap_or(cx.tenant.settings.mfa))
}

/// The assurance that `user` must reach for `client` in this browser.
///
/// Sessions are held to it whenever they are used at the provider, so that an older one does not walk around a rule
/// that came later.
pub(crate) async fn required_of(
    cx: &mut Cx,
    headers: &HeaderMap,
    user: &User,
    client: Option<ClientId>,
) -> Result<Assurance, Fault> {
    let policy = policy_for(cx, client).await?;
    let has_factor = user.mfa_enabled_at.is_some();
    let mut facts = Facts {
        policy,
        has_factor,
        is_trusted: false,
        is_known: false,
    };
    // WHY: looked at only where it could change the answer; most requests end here without a read.
    if required(Facts {
        is_known: true,
        ..facts
    }) == Assurance::Multi
        || policy == MfaPolicy::RequiredOnNewDevice
    {
        facts.is_known = super::prove::is_known_device(cx, headers, user).await?;
        facts.is_trusted = has_factor && factors::is_trusted(cx, headers, user.id).await?;
    }
    Ok(required(facts))
}

/// The assurance that a session must have for changes of an account's factors and addresses, whatever browser it is in.
pub(crate) fn for_changes(user: &User) -> Assurance {
    if user.mfa_enabled_at.is_some() {
        Assurance::Multi
    } else {
        Assurance::Single
    }
}

/// What the sign-in needs after the factors it has.
///
/// What a rule requires is required; what a client asks for beyond it (`acr_values`) is asked for where the user can
/// give it. Where they cannot, the sign-in goes on and the authorization endpoint refuses (RFC 9470 5).
///
/// # Security
/// Setting a factor up stands in for one only while the user has none: otherwise who knows the password would bring a
/// second factor of their own.
pub(super) async fn need(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &SignIn,
    user: &User,
) -> Result<Need, Fault> {
    let by_rule = required_of(cx, headers, user, sign_in.client_id()).await?;
    // SECURITY: before a sensitive change, trust in the browser stands in for nothing.
    let by_rule = match sign_in.started_by() {
        StartedBy::Account { fresh: Some(_), .. } => by_rule.max(for_changes(user)),
        _ => by_rule,
    };
    let have = Assurance::of(sign_in.factors(), independence(cx, user));
    let wanted = sign_in
        .asked_assurance()
        .map_or(by_rule, |asked| asked.max(by_rule));
    if have >= wanted {
        return Ok(Need::Nothing);
    }
    let usable = methods::seconds(cx, user, sign_in.factors()).await?;
    let lifts = usable
        .iter()
        .any(|method| have == Assurance::Single || method.basis() == Basis::Passkey);
    Ok(if lifts {
        Need::SecondFactor
    } else if user.mfa_enabled_at.is_none() && have == Assurance::Single {
        Need::SetUp
    } else if have >= by_rule {
        Need::Nothing
    } else {
        Need::OutOfReach
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(policy: MfaPolicy) -> Facts {
        Facts {
            policy,
            has_factor: false,
            is_trusted: false,
            is_known: true,
        }
    }

    #[test]
    fn each_policy_asks_whom_it_says() {
        use MfaPolicy::{Never, Optional, Required, RequiredOnNewDevice};
        let asks = |facts| required(facts) == Assurance::Multi;
        for (policy, without, with, new_device) in [
            (Never, false, false, false),
            (Optional, false, true, false),
            (Required, true, true, true),
            (RequiredOnNewDevice, false, true, true),
        ] {
            let facts = facts(policy);
            assert_eq!(asks(facts), without, "{policy:?}");
            assert_eq!(
                asks(Facts {
                    has_factor: true,
                    ..facts
                }),
                with,
                "{policy:?}"
            );
            assert_eq!(
                asks(Facts {
                    is_known: false,
                    ..facts
                }),
                new_device,
                "{policy:?}"
            );
        }
    }

    #[test]
    fn a_trusted_browser_is_not_asked() {
        for policy in [
            MfaPolicy::Optional,
            MfaPolicy::Required,
            MfaPolicy::RequiredOnNewDevice,
        ] {
            let trusted = Facts {
                has_factor: true,
                is_trusted: true,
                is_known: false,
                ..facts(policy)
            };
            assert_eq!(required(trusted), Assurance::Single, "{policy:?}");
        }
    }
}
