//! Ways to prove who one is. Each is one file that implements [`Method`]; the registry is [`ALL`].
//!
//! A method says whether a proof is right and nothing else: limits, sessions, events and cookies are the same for all
//! and live in `sign_in::prove`; what is asked when, in `sign_in::policy`.

mod authenticator;
mod code;
mod magic_link;
mod passkey;
mod password;

use authflow_types::UserId;
use futures_util::future::BoxFuture;

use super::assurance::{Basis, Factor};
use super::budget::Budget;
use super::model::SignIn;
use super::policy;
use crate::identities::{IdentifierValue, User};
use crate::pages::Locale;
use crate::{Cx, Fault};

pub use authenticator::{RECOVERY_CODE, TOTP};
pub(crate) use code::{CODE_TTL, TRIES as CODE_TRIES};
pub use code::{EMAIL_CODE, RESET_CODE, SMS_CODE};
pub use magic_link::MAGIC_LINK;
pub(super) use magic_link::hand_over;
pub use passkey::{PASSKEY, PasskeyMethod};
pub use password::PASSWORD;

/// Every method there is, in the order shown.
pub static ALL: &[&dyn Method] = &[
    &PASSWORD,
    &PASSKEY,
    &TOTP,
    &EMAIL_CODE,
    &MAGIC_LINK,
    &SMS_CODE,
    &RECOVERY_CODE,
];

/// The method with `id`.
pub fn find(id: &str) -> Option<&'static dyn Method> {
    ALL.iter().copied().find(|method| method.id() == id)
}

/// What the person gave.
pub struct Answer<'a> {
    /// The sign-in that it is for; `None` where somebody who is signed in confirms a change.
    pub sign_in: Option<&'a SignIn>,
    /// Who must be proven: whoever gave the factor before; `None` for a first factor.
    pub user: Option<UserId>,
    /// Whom they say they are; `None` if it is no identifier at all.
    pub identifier: Option<&'a IdentifierValue>,
    /// The password, code or assertion.
    pub secret: &'a str,
}

/// What a proof came to.
#[derive(Debug)]
pub enum Proof {
    /// Right.
    Right {
        /// Whose it is.
        user: UserId,
        /// What it is worth.
        worth: Worth,
    },
    /// Right, but the user may not sign in.
    Disabled {
        /// Whose it is.
        user: UserId,
    },
    /// Wrong, or nobody's.
    Wrong {
        /// Whose account was tried, for the event; never for the answer.
        user: Option<UserId>,
    },
}

/// What a right proof is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// What ID tokens say (RFC 8176).
    pub amr: &'static [&'static str],
    /// Whether it is two factors by itself.
    pub is_multi: bool,
    /// Whether it cannot be given to a false page.
    pub resists_phishing: bool,
}

impl Worth {
    /// One factor that a false page could ask for.
    pub const fn single(amr: &'static [&'static str]) -> Self {
        Self {
            amr,
            is_multi: false,
            resists_phishing: false,
        }
    }
}

/// Whom a challenge is for.
pub struct Whom<'a> {
    /// The sign-in that it is for.
    pub sign_in: &'a SignIn,
    /// The user, if there is one; a challenge for nobody looks and costs the same.
    pub user: Option<&'a User>,
    /// The identifier that was typed, for a first factor.
    pub identifier: Option<&'a IdentifierValue>,
    /// Whether this browser signed in to the user's account before.
    pub is_known: bool,
    /// The language of what is sent.
    pub locale: Locale,
}

impl Whom<'_> {
    /// What the message is counted as.
    pub(super) fn budget(&self) -> Budget {
        match (self.identifier, self.is_known) {
            (None, _) => Budget::Second,
            (Some(_), true) => Budget::KnownBrowser,
            (Some(_), false) => Budget::SignIn,
        }
    }
}

/// What has to happen before a proof can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the answer can be given at once.
    Inline,
    /// A challenge was made and is on its way.
    Sent,
    /// Too many were sent already: try again later.
    Limited,
}

/// Where in a sign-in a method may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// As the first factor.
    pub first: bool,
    /// As a second factor.
    pub second: bool,
}

/// One way to prove who one is.
pub trait Method: Send + Sync {
    /// The value of the form field `method`; also recorded with the factor.
    fn id(&self) -> &'static str;

    /// What it rests on.
    fn basis(&self) -> Basis;

    /// Where it may be used at this tenant, as switched and as far as the installation can deliver it.
    fn roles(&self, cx: &Cx) -> Roles;

    /// What tries without a typed identifier are counted by.
    ///
    /// # Security
    /// Not the same for everybody, or a stranger could use up everybody's tries.
    fn counted_by(&self, sign_in: &SignIn, _secret: &str) -> Vec<u8> {
        sign_in.id.as_bytes().to_vec()
    }

    /// Whether the user can use it as a second factor.
    fn is_set_up<'a>(&'a self, cx: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>>;

    /// Makes the challenge and queues its delivery, if there is one, in the context's transaction.
    ///
    /// # Security
    /// Must answer the same for unknown users as for known ones.
    fn begin<'a>(&'a self, cx: &'a mut Cx, whom: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>>;

    /// Whether the answer is right.
    ///
    /// # Security
    /// Must cost the same for unknown users as for known ones. What it writes in the context's transaction is
    /// committed whatever came of it: what is good once is used up here. Must hold no transaction while it hashes.
    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>>;
}

/// The methods with which `user` can give a second factor after `factors`.
pub(crate) async fn seconds(
    cx: &mut Cx,
    user: &User,
    factors: &[Factor],
) -> Result<Vec<&'static dyn Method>, Fault> {
    let independence = policy::independence(cx, user);
    let mut usable = Vec::new();
    for &method in ALL {
        let is_given = factors.iter().any(|factor| factor.basis == method.basis());
        let adds = factors
            .iter()
            .any(|factor| independence.adds(factor.basis, method.basis()));
        if adds && !is_given && method.roles(cx).second && method.is_set_up(cx, user).await? {
            usable.push(method);
        }
    }
    Ok(usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_found_by_their_ids_and_no_two_share_one() {
        let mut ids: Vec<&str> = ALL.iter().map(|method| method.id()).collect();
        assert!(
            ids.iter()
                .all(|id| find(id).is_some_and(|method| method.id() == *id))
        );
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        assert!(find("").is_none() && find("Password").is_none());
    }
}
