//! What an authenticator app shows (RFC 6238), and the recovery codes for when it is out of reach: second factors, typed.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, Roles, Whom, Worth};
use crate::identities::User;
use crate::sign_in::assurance::Basis;
use crate::{Cx, Fault, factors};

/// The code of an app: good once, for half a minute.
pub static TOTP: AuthenticatorMethod = AuthenticatorMethod {
    id: "totp",
    kind: Kind::App,
};

/// One of the codes that were shown when the first second factor was set up.
pub static RECOVERY_CODE: AuthenticatorMethod = AuthenticatorMethod {
    id: "recovery_code",
    kind: Kind::RecoveryCode,
};

/// See the module.
#[derive(Debug)]
pub struct AuthenticatorMethod {
    id: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    App,
    RecoveryCode,
}

impl Method for AuthenticatorMethod {
    fn id(&self) -> &'static str {
        self.id
    }

    fn basis(&self) -> Basis {
        Basis::Authenticator
    }

    fn roles(&self, cx: &Cx) -> Roles {
        Roles {
            first: false,
            second: match self.kind {
                Kind::App => cx.tenant.settings.methods.totp,
                Kind::RecoveryCode => true,
            },
        }
    }

    fn is_set_up<'a>(&'a self, cx: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>> {
        async move {
            Ok(match self.kind {
                Kind::App => !factors::list_totp(cx, user.id).await?.is_empty(),
                Kind::RecoveryCode => factors::recovery_codes_left(cx, user.id).await? > 0,
            })
        }
        .boxed()
    }

    fn begin<'a>(&'a self, _: &'a mut Cx, _: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>> {
        std::future::ready(Ok(Begun::Inline)).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        verify(self.kind, cx, answer).boxed()
    }
}

async fn verify(kind: Kind, cx: &mut Cx, answer: Answer<'_>) -> Result<Proof, Fault> {
    let Some(user) = answer.user else {
        return Ok(Proof::Wrong { user: None });
    };
    let is_right = match kind {
        Kind::App => factors::use_totp(cx, user, answer.secret).await?,
        Kind::RecoveryCode => factors::use_code(cx, user, answer.secret).await?,
    };
    Ok(if is_right {
        Proof::Right {
            user,
            worth: Worth::single(&["otp"]),
        }
    } else {
        Proof::Wrong { user: Some(user) }
    })
}
