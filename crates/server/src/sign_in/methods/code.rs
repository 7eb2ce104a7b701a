//! A code of six digits, sent by mail or by SMS: good for ten minutes and five tries.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, Roles, Whom, Worth};
use crate::challenges::{self, Answered, NewChallenge};
use crate::identities::{self, Identifier, IdentifierKind, IdentifierValue, User};
use crate::mail::{self, Mail};
use crate::pages::Locale;
use crate::sign_in::assurance::Basis;
use crate::sign_in::budget::{self, Budget};
use crate::sign_in::recover;
use crate::sms::{self, SmsError};
use crate::{Cx, Fault};

/// How long a code counts.
pub(crate) const CODE_TTL: Duration = Duration::from_mins(10);
/// How many tries a code stands.
pub(crate) const TRIES: u32 = 5;

/// By mail.
pub static EMAIL_CODE: CodeMethod = CodeMethod {
    id: "email_code",
    basis: Basis::Mailbox,
    kind: IdentifierKind::Email,
    worth: Worth::single(&["otp"]),
    sets_password: false,
};

/// By SMS.
pub static SMS_CODE: CodeMethod = CodeMethod {
    id: "sms_code",
    basis: Basis::Phone,
    kind: IdentifierKind::Phone,
    worth: Worth::single(&["sms", "otp"]),
    sets_password: false,
};

/// By mail, for a new password: offered nowhere but where one was forgotten, so not one of `ALL`.
///
/// # Security
/// Another purpose than [`EMAIL_CODE`]: a code for signing in sets no password, and the mail says what this one is for.
pub static RESET_CODE: CodeMethod = CodeMethod {
    id: "reset_code",
    basis: Basis::Mailbox,
    kind: IdentifierKind::Email,
    worth: Worth::single(&["otp"]),
    sets_password: true,
};

/// See the module.
#[derive(Debug)]
pub struct CodeMethod {
    id: &'static str,
    basis: Basis,
    /// The kind of identifier that the code is sent to.
    kind: IdentifierKind,
    worth: Worth,
    /// Whether a new password follows.
    sets_password: bool,
}

impl Method for CodeMethod {
    fn id(&self) -> &'static str {
        self.id
    }

    fn basis(&self) -> Basis {
        self.basis
    }

    fn roles(&self, cx: &Cx) -> Roles {
        if self.sets_password {
            return Roles {
                first: recover::is_available(cx),
                second: false,
            };
        }
        let methods = &cx.tenant.settings.methods;
        let (first, second, can_send) = match self.basis {
            Basis::Phone => (
                methods.sms_code,
                methods.sms_code_as_second_factor,
                cx.app.sms.is_on(),
            ),
            _ => (
                methods.email_code,
                methods.email_code_as_second_factor,
                mail::can_send(cx),
            ),
        };
        Roles {
            first: first && can_send,
            second: second && can_send,
        }
    }

    fn is_set_up<'a>(&'a self, _: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>> {
        let is_proven = user
            .primary(self.kind)
            .is_some_and(|found| found.verified_at.is_some());
        std::future::ready(Ok(is_proven)).boxed()
    }

    fn begin<'a>(&'a self, cx: &'a mut Cx, whom: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>> {
        begin(self, cx, whom).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        verify(self, cx, answer).boxed()
    }
}

/// Where a code for `whom` goes: to the identifier that was typed, else to the user's own.
fn addressee<'a>(method: &CodeMethod, whom: &Whom<'a>) -> Option<&'a Identifier> {
    let user = whom.user.filter(|user| user.is_active())?;
    user.way_in(method.kind, whom.identifier.map(IdentifierValue::normalized))
}

async fn begin(method: &CodeMethod, cx: &mut Cx, whom: Whom<'_>) -> Result<Begun, Fault> {
    let to = addressee(method, &whom);
    // SECURITY: counted by what was typed, so that the limit tells nothing about who has an account.
    let counted = whom.identifier.map_or_else(
        || to.map(|to| to.normalized.clone()).unwrap_or_default(),
        |typed| typed.normalized().to_owned(),
    );
    let budget = if method.sets_password {
        Budget::Recovery
    } else {
        whom.budget()
    };
    if !budget::may_send(cx, budget, &counted) {
        return Ok(Begun::Limited);
    }
    let code = challenges::six_digits(cx);
    let data = to.map(|to| to.id.to_string()).unwrap_or_default();
    let new = NewChallenge {
        subject: whom.sign_in.id.as_uuid(),
        purpose: method.id,
        user: to.and(whom.user).map(|user| user.id),
        answer: code.as_bytes(),
        data: &data,
        tries: TRIES,
        ttl: CODE_TTL,
    };
    challenges::put(cx, new).await?;
    send(method, cx, to, (code, whom.locale)).await?;
    Ok(Begun::Sent)
}

/// SECURITY: what is queued for nobody costs the same, and is thrown away.
async fn send(
    method: &CodeMethod,
    cx: &mut Cx,
    to: Option<&Identifier>,
    (code, locale): (String, Locale),
) -> Result<(), Fault> {
    let expires_minutes = CODE_TTL.as_secs() / 60;
    if method.kind == IdentifierKind::Email {
        let mail = if method.sets_password {
            Mail::PasswordResetCode {
                code,
                expires_minutes,
            }
        } else {
            Mail::EmailCode {
                code,
                expires_minutes,
            }
        };
        let to = to.map(|to| to.value.as_str());
        return mail::queue_for(cx, to, locale, mail).await;
    }
    let sms = sms::code_of(&cx.tenant, code, CODE_TTL);
    let Some(to) = to else {
        return sms::queue_for_nobody(cx, locale, sms).await;
    };
    match sms::queue(cx, &to.normalized, locale, sms).await {
        Err(SmsError::Fault(fault)) => Err(fault),
        // SECURITY: the visitor sees the same page as after a success; what was refused, and why, is the operator's.
        Err(refused) => {
            tracing::info!(%refused, "a code was not sent by SMS");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

async fn verify(method: &CodeMethod, cx: &mut Cx, answer: Answer<'_>) -> Result<Proof, Fault> {
    let Some(sign_in) = answer.sign_in else {
        return Ok(Proof::Wrong { user: None });
    };
    let typed: String = answer
        .secret
        .chars()
        .filter(char::is_ascii_digit)
        .take(12)
        .collect();
    let answered = challenges::answer(cx, sign_in.id.as_uuid(), method.id, typed.as_bytes()).await?;
    let (user, sent_to) = match answered {
        Answered::Right {
            user: Some(user),
            data,
        } => (user, data),
        Answered::Right { user, .. } | Answered::Wrong { user } => return Ok(Proof::Wrong { user }),
        Answered::Closed => return Ok(Proof::Wrong { user: answer.user }),
    };
    if answer.user.is_some_and(|expected| expected != user) {
        return Ok(Proof::Wrong { user: Some(user) });
    }
    let is_active = identities::find_user_within(cx, user)
        .await?
        .is_some_and(|user| user.is_active());
    if !is_active {
        return Ok(Proof::Disabled { user });
    }
    // Who reads the code has the mailbox or the phone.
    let is_theirs = match sent_to.parse() {
        Ok(identifier) => identities::prove_mailbox(cx, user, identifier).await?,
        Err(_) => false,
    };
    if !is_theirs {
        return Ok(Proof::Wrong { user: Some(user) });
    }
    Ok(Proof::Right {
        user,
        worth: method.worth,
    })
}
