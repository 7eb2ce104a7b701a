//! A password (NIST SP 800-63B 5.1.1). Imported hashes are verified once and replaced by our own.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, Roles, Whom, Worth};
use crate::identities::{self, User, UserStatus};
use crate::passwords::{Password, Verification};
use crate::sign_in::assurance::Basis;
use crate::{Cx, Fault};

/// The method.
pub static PASSWORD: PasswordMethod = PasswordMethod;

/// See the module.
#[derive(Debug)]
pub struct PasswordMethod;

impl Method for PasswordMethod {
    fn id(&self) -> &'static str {
        "password"
    }

    fn basis(&self) -> Basis {
        Basis::Password
    }

    fn roles(&self, cx: &Cx) -> Roles {
        let offered = cx.tenant.settings.methods.password;
        Roles {
            first: offered,
            second: offered,
        }
    }

    fn is_set_up<'a>(&'a self, cx: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>> {
        async move {
            let record = identities::password_of(cx, user.id).await?;
            Ok(record.is_some_and(|record| record.credential.is_some()))
        }
        .boxed()
    }

    fn begin<'a>(&'a self, _: &'a mut Cx, _: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>> {
        std::future::ready(Ok(Begun::Inline)).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        verify(cx, answer).boxed()
    }
}

async fn verify(cx: &mut Cx, answer: Answer<'_>) -> Result<Proof, Fault> {
    let password = Password::from(answer.secret);
    let record = match (answer.user, answer.identifier) {
        (Some(user), _) => identities::password_of(cx, user).await?,
        (None, Some(identifier)) => identities::find_password(cx, identifier).await?,
        (None, None) => None,
    };
    let user = record.as_ref().map(|record| record.user_id);
    let Some(record) = record.filter(|record| record.credential.is_some()) else {
        // SECURITY: nobody, or somebody without a password, costs what a wrong password costs.
        cx.app.passwords.dummy_verify(&password).await?;
        return Ok(Proof::Wrong { user });
    };
    let hash = record.credential.as_ref().map_or("", |(_, hash)| hash);
    let Verification::Match { needs_upgrade } = cx.app.passwords.verify(&password, hash).await? else {
        return Ok(Proof::Wrong { user });
    };
    if record.status == UserStatus::Disabled {
        return Ok(Proof::Disabled { user: record.user_id });
    }
    let upgraded = if needs_upgrade {
        // A full pool is no reason to refuse a right password: it is upgraded the next time.
        cx.app.passwords.hash(&password).await.ok()
    } else {
        None
    };
    // SECURITY: replaced while it was verified, so it is the old one: a reset ends what came of it.
    if !identities::record_password_use(cx, &record, upgraded.as_deref()).await? {
        return Ok(Proof::Wrong { user });
    }
    Ok(Proof::Right {
        user: record.user_id,
        worth: Worth::single(&["pwd"]),
    })
}
