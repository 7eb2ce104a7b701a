//! A passkey (WebAuthn L3): the first factor, found by the browser without an identifier; or the second.
//!
//! With user verification it is two factors by itself, possession of the key and the PIN, finger or face that unlocks it;
//! and as browsers answer only the site that a key was made for, no false page can ask for it.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, Roles, Whom, Worth};
use crate::identities::{self, User};
use crate::passkeys::{self, PasskeyError, RelyingParty};
use crate::sign_in::assurance::Basis;
use crate::{Cx, Fault};

/// The method.
pub static PASSKEY: PasskeyMethod = PasskeyMethod;

/// See the module.
#[derive(Debug)]
pub struct PasskeyMethod;

/// Bound to a device, and synchronised (RFC 8176 2: `hwk`, `swk`); somebody was there in either case (`user`).
const BOUND: &[&str] = &["hwk", "user"];
const SYNCED: &[&str] = &["swk", "user"];

impl PasskeyMethod {
    /// What a passkey is worth that was just used.
    pub(crate) const fn worth(user_verified: bool, is_synced: bool) -> Worth {
        Worth {
            amr: if is_synced { SYNCED } else { BOUND },
            is_multi: user_verified,
            resists_phishing: true,
        }
    }
}

impl Method for PasskeyMethod {
    fn id(&self) -> &'static str {
        "passkey"
    }

    fn basis(&self) -> Basis {
        Basis::Passkey
    }

    fn roles(&self, cx: &Cx) -> Roles {
        let is_offered = RelyingParty::of(&cx.tenant).is_some();
        Roles {
            first: is_offered,
            second: is_offered,
        }
    }

    fn is_set_up<'a>(&'a self, cx: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>> {
        passkeys::has_other_than(cx, user.id, None).boxed()
    }

    fn begin<'a>(&'a self, _: &'a mut Cx, _: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>> {
        // The page's script fetches a challenge when it needs one: `sign_in/passkey.rs`.
        std::future::ready(Ok(Begun::Inline)).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        verify(cx, answer).boxed()
    }
}

async fn verify(cx: &mut Cx, answer: Answer<'_>) -> Result<Proof, Fault> {
    let Some(sign_in) = answer.sign_in else {
        return Ok(Proof::Wrong { user: None });
    };
    let proven = match passkeys::prove(cx, sign_in.id.as_uuid(), answer.user, answer.secret).await {
        Ok(proven) => proven,
        Err((PasskeyError::Fault(fault), _)) => return Err(fault),
        Err((error, user)) => {
            tracing::info!(%error, "a passkey was not accepted");
            return Ok(Proof::Wrong { user });
        }
    };
    let user = identities::find_user_within(cx, proven.user).await?;
    if !user.is_some_and(|user| user.is_active()) {
        return Ok(Proof::Disabled { user: proven.user });
    }
    Ok(Proof::Right {
        user: proven.user,
        worth: PasskeyMethod::worth(proven.user_verified, proven.is_synced),
    })
}
