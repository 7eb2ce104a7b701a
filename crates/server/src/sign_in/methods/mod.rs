//! Ways to prove who one is. Each is one file that implements [`Method`]; the registry is [`ALL`].
//!
//! A method says whether a proof is right and nothing else: limits, sessions, events and cookies are the same for all
//! and live in `sign_in::prove`.

mod password;

use authflow_types::{CredentialId, UserId};
use futures_util::future::BoxFuture;

use crate::identities::IdentifierValue;
use crate::tenants::Tenant;
use crate::{Cx, Fault};

pub use password::PASSWORD;

/// Every method there is, in the order shown.
pub static ALL: &[&dyn Method] = &[&PASSWORD];

/// The method with `id`.
pub fn find(id: &str) -> Option<&'static dyn Method> {
    ALL.iter().copied().find(|method| method.id() == id)
}

/// What the person gave.
pub struct Answer<'a> {
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
        /// The credential that was used, as it was read, and what replaces it if it was of an older kind.
        used: Option<UsedCredential>,
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

/// A credential that a proof rests on.
pub struct UsedCredential {
    /// Its id and the stored form that was verified.
    pub credential: (CredentialId, String),
    /// The form that replaces it.
    pub upgraded: Option<String>,
}

impl std::fmt::Debug for UsedCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UsedCredential({})", self.credential.0)
    }
}

/// What has to happen before a proof can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the answer is asked for on the sign-in page itself.
    Inline,
    /// A challenge was made and kept; the answer is asked for on the page at this path.
    Challenge(&'static str),
}

/// One way to prove who one is.
pub trait Method: Send + Sync {
    /// The value of the form field `method`; also recorded with the factor.
    fn id(&self) -> &'static str;

    /// What ID tokens say in `amr` (RFC 8176).
    fn amr(&self) -> &'static str;

    /// Whether the tenant offers it.
    fn is_available(&self, tenant: &Tenant) -> bool;

    /// Makes the challenge, if there is one.
    fn begin<'a>(
        &'a self,
        cx: &'a mut Cx,
        identifier: Option<&'a IdentifierValue>,
    ) -> BoxFuture<'a, Result<Begun, Fault>>;

    /// Whether the answer is right.
    ///
    /// # Security
    /// Must cost the same for unknown users as for known ones, and must write nothing: the caller decides what
    /// becomes of it.
    fn verify<'a>(&'a self, cx: &'a Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>>;
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
