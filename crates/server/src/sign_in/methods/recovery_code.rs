//! A recovery code, as second factor where the usual one is out of reach.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, Roles, Whom, Worth};
use crate::identities::User;
use crate::sign_in::assurance::Basis;
use crate::{Cx, Fault, factors};

/// The method.
pub static RECOVERY_CODE: RecoveryCodeMethod = RecoveryCodeMethod;

/// See the module.
#[derive(Debug)]
pub struct RecoveryCodeMethod;

impl Method for RecoveryCodeMethod {
    fn id(&self) -> &'static str {
        "recovery_code"
    }

    fn basis(&self) -> Basis {
        Basis::Authenticator
    }

    fn roles(&self, _: &Cx) -> Roles {
        Roles {
            first: false,
            second: true,
        }
    }

    fn is_set_up<'a>(&'a self, cx: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>> {
        async move { Ok(factors::recovery_codes_left(cx, user.id).await? > 0) }.boxed()
    }

    fn begin<'a>(&'a self, _: &'a mut Cx, _: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>> {
        std::future::ready(Ok(Begun::Inline)).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        async move {
            let Some(user) = answer.user else {
                return Ok(Proof::Wrong { user: None });
            };
            Ok(if factors::use_code(cx, user, answer.secret).await? {
                Proof::Right {
                    user,
                    worth: Worth::single(&["otp"]),
                }
            } else {
                Proof::Wrong { user: Some(user) }
            })
        }
        .boxed()
    }
}
