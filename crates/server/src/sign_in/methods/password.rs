//! A password (NIST SP 800-63B 5.1.1). Imported hashes are verified once and replaced by our own.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, UsedCredential};
use crate::identities::{self, IdentifierValue, UserStatus};
use crate::passwords::{Password, Verification};
use crate::tenants::Tenant;
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

    fn amr(&self) -> &'static str {
        "pwd"
    }

    fn is_available(&self, _: &Tenant) -> bool {
        true
    }

    fn begin<'a>(
        &'a self,
        _: &'a mut Cx,
        _: Option<&'a IdentifierValue>,
    ) -> BoxFuture<'a, Result<Begun, Fault>> {
        std::future::ready(Ok(Begun::Inline)).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        verify(cx, answer).boxed()
    }
}

async fn verify(cx: &Cx, answer: Answer<'_>) -> Result<Proof, Fault> {
    let password = Password::from(answer.secret);
    let record = match answer.identifier {
        Some(identifier) => identities::find_password(cx, identifier).await?,
        None => None,
    };
    let user = record.as_ref().map(|record| record.user_id);
    let Some((record, credential)) =
        record.and_then(|record| record.credential.clone().map(|credential| (record, credential)))
    else {
        // SECURITY: nobody, or somebody without a password, costs what a wrong password costs.
        cx.app.passwords.dummy_verify(&password).await?;
        return Ok(Proof::Wrong { user });
    };
    let Verification::Match { needs_upgrade } = cx.app.passwords.verify(&password, &credential.1).await?
    else {
        return Ok(Proof::Wrong { user });
    };
    if record.status == UserStatus::Disabled {
        return Ok(Proof::Disabled { user: record.user_id });
    }
    let upgraded = if needs_upgrade {
        // A full pool is no reason to refuse a right password: it is upgraded the next time.
        cx.app.passwords.rehash(&password).await.ok()
    } else {
        None
    };
    Ok(Proof::Right {
        user: record.user_id,
        used: Some(UsedCredential { credential, upgraded }),
    })
}
