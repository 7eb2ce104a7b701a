//! Signing up, whatever face asked: the checks, the account, and what follows. ADR 0007 says what it tells about accounts
//! that exist.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};

use super::api::explain;
use super::budget::{self, Budget};
use super::error::{AttemptError, page_of};
use super::methods::{PASSWORD, Worth};
use super::model::{PendingSignUp, SignIn};
use super::prove::{self, Attempt, Next, Proven};
use super::sign_up::password_message;
use super::{mailbox, ops, verify};
use crate::http::visit::{PageRefusal, whole_seconds};
use crate::identities::{self, IdentifierValue, IdentityError, NewPassword, NewUser, Profile, User};
use crate::limits::AddressPrefix;
use crate::mail::{self, LinkPurpose};
use crate::pages::{Field, FormError, Locale, Message};
use crate::passwords::Password;
use crate::{Cx, Fault, sessions};

/// The purpose of the code that proves the address of a sign-up.
const CODE_PURPOSE: &str = "sign_up_code";
/// Most characters of a name.
const MAX_NAME: usize = 200;

/// What somebody gave.
#[derive(Clone, Copy)]
pub(crate) struct Application<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) password: &'a str,
    /// The language of the mail.
    pub(crate) locale: Locale,
    /// How the address is proven, where the tenant wants that first.
    pub(crate) proof: ProofBy,
}

/// What is mailed to an address that is to be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofBy {
    /// A link that completes the sign-up on a page.
    Link,
    /// A code that completes it where it began.
    Code,
}

/// What became of it; the transaction is open, the caller commits.
pub(crate) enum Registered {
    /// There is an account, new or theirs already, and its password was a factor.
    Proven(Next),
    /// There will be one when the link in a mail is followed, or its code is typed; `false` if no more mails are sent to
    /// the address for a while.
    AskedToVerify(bool),
    /// It was not accepted.
    Refused(Refused),
}

/// Why not.
pub(crate) struct Refused {
    pub(crate) error: FormError,
    pub(crate) status: StatusCode,
    pub(crate) wait: Option<Duration>,
}

impl Refused {
    pub(super) const fn new(error: FormError, status: StatusCode) -> Self {
        Self {
            error,
            status,
            wait: None,
        }
    }
}

/// Fields that are well-formed.
struct Wanted {
    name: String,
    email: IdentifierValue,
    hash: NewPassword,
}

/// Signs somebody up, if the tenant lets strangers.
pub(crate) async fn register(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    given: Application<'_>,
) -> Result<Registered, PageRefusal> {
    if !cx.tenant.settings.sign_up {
        return Ok(closed());
    }
    if let Some(retry_after) = too_many(cx) {
        let seconds = whole_seconds(retry_after);
        let error = FormError::form(Message::TooManyAttempts { seconds });
        return Ok(Registered::Refused(Refused {
            wait: Some(retry_after),
            ..Refused::new(error, StatusCode::TOO_MANY_REQUESTS)
        }));
    }
    let wanted = match check(cx, given).await? {
        Ok(wanted) => wanted,
        Err(error) => {
            let refused = Refused::new(error, StatusCode::UNPROCESSABLE_ENTITY);
            return Ok(Registered::Refused(refused));
        }
    };
    sign_in.state.identifier = Some(wanted.email.value().to_owned());
    if cx.tenant.settings.sign_up_requires_verification {
        return ask_to_verify(cx, sign_in, wanted, given).await;
    }
    match identities::find_by_identifier(cx, wanted.email.normalized()).await? {
        None => create(cx, headers, sign_in, wanted, given.locale).await,
        Some(_) => sign_in_instead(cx, headers, sign_in, given).await,
    }
}

/// How long this source must wait before it may sign somebody up again.
pub(super) fn too_many(cx: &Cx) -> Option<Duration> {
    let prefix = cx.request.ip.map(|ip| AddressPrefix::of(ip, cx.app.prefixes));
    let decision = cx
        .app
        .sign_ups
        .as_ref()?
        .check(cx.now, &("sign_up", cx.tenant_id().as_uuid(), prefix));
    (!decision.allowed).then_some(decision.retry_after)
}

/// The fields, each checked; the password judged and hashed. Says nothing about whether the address has an account.
async fn check(cx: &Cx, given: Application<'_>) -> Result<Result<Wanted, FormError>, PageRefusal> {
    let Application {
        name,
        email,
        password,
        ..
    } = given;
    let mut wrong = Vec::new();
    if name.is_empty() {
        wrong.push((Field::Name, Message::NameMissing));
    } else if name.chars().count() > MAX_NAME {
        wrong.push((Field::Name, Message::NameTooLong { max: MAX_NAME as u64 }));
    } else if Profile::named(name).check().is_err() {
        wrong.push((Field::Name, Message::TextInvalid));
    }
    let identifier = IdentifierValue::email(email);
    match &identifier {
        Err(_) if email.is_empty() => wrong.push((Field::Email, Message::EmailMissing)),
        Err(_) => wrong.push((Field::Email, Message::EmailInvalid)),
        Ok(email) if identities::is_refused_as_disposable(cx, email).await => {
            wrong.push((Field::Email, Message::EmailDisposable));
        }
        Ok(_) => {}
    }
    if password.is_empty() {
        wrong.push((Field::Password, Message::PasswordMissing));
    }
    let (Ok(email), true) = (identifier, wrong.is_empty()) else {
        return Ok(Err(FormError::fields(wrong)));
    };
    let password = Password::from(password);
    let about = vec![name.to_owned(), email.value().to_owned()];
    match identities::hash_password(cx, &password, about).await {
        Ok(hash) => Ok(Ok(Wanted {
            name: name.to_owned(),
            email,
            hash,
        })),
        Err(IdentityError::Password(problem)) => Ok(Err(FormError::fields([(
            Field::Password,
            password_message(problem),
        )]))),
        Err(error) => Err(page_of(error)),
    }
}

/// A fresh address: account, session and confirmation mail, all in one transaction.
async fn create(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    wanted: Wanted,
    locale: Locale,
) -> Result<Registered, PageRefusal> {
    let account = wanted.email.normalized().as_bytes().to_vec();
    let before = sessions::current(cx, headers).await?;
    let new = NewUser {
        profile: Profile::named(wanted.name),
        identifiers: vec![wanted.email],
        password: Some(wanted.hash),
        ..NewUser::default()
    };
    let user = match identities::create_user(cx, new).await {
        Ok(user) => user,
        // Somebody else was first with the address, by a moment.
        Err(IdentityError::IdentifierTaken { .. }) => return Ok(taken()),
        Err(error) => return Err(page_of(error)),
    };
    verify::send_verification(cx, &user, locale).await?;
    let proven = Proven {
        user: Arc::new(user),
        before,
        factor: Proven::factor(&PASSWORD, Worth::single(&["pwd"]), cx.now),
        account,
    };
    Ok(Registered::Proven(
        prove::advance(cx, headers, sign_in, proven).await?,
    ))
}

/// The address has an account. Its owner, who gives the right password, goes on; everybody else learns that it did not
/// work out.
async fn sign_in_instead(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    given: Application<'_>,
) -> Result<Registered, PageRefusal> {
    let attempt = Attempt {
        method: &PASSWORD,
        identifier: given.email,
        secret: given.password,
    };
    sign_in.forget_candidate();
    match prove::attempt(cx, headers, Some(sign_in), attempt).await {
        Ok(proven) => Ok(Registered::Proven(
            prove::advance(cx, headers, sign_in, proven).await?,
        )),
        Err(AttemptError::Wrong | AttemptError::Disabled) => Ok(taken()),
        Err(error) => {
            let (status, message, wait) = explain(error)?;
            let error = FormError::form(message);
            Ok(Registered::Refused(Refused { error, status, wait }))
        }
    }
}

fn closed() -> Registered {
    let error = FormError::form(Message::SignUpClosed);
    Registered::Refused(Refused::new(error, StatusCode::FORBIDDEN))
}

fn taken() -> Registered {
    let error = FormError::form(Message::SignUpRefused);
    Registered::Refused(Refused::new(error, StatusCode::UNPROCESSABLE_ENTITY))
}

/// The strict way: nothing is made before the link in a mail is followed. Whether the address has an account is not
/// even looked up, so that neither the answer nor its time can tell.
async fn ask_to_verify(
    cx: &mut Cx,
    sign_in: &mut SignIn,
    wanted: Wanted,
    given: Application<'_>,
) -> Result<Registered, PageRefusal> {
    let NewPassword::Hashed(password_hash) = wanted.hash else {
        return Err(PageRefusal::Body);
    };
    sign_in.state.pending = Some(PendingSignUp {
        name: wanted.name,
        email: wanted.email.value().to_owned(),
        password_hash,
        links: Vec::new(),
    });
    let is_sent = match given.proof {
        ProofBy::Link => {
            send_completion(cx, sign_in, given.locale).await?;
            true
        }
        ProofBy::Code => {
            let challenge = (sign_in.id.as_uuid(), CODE_PURPOSE);
            mailbox::send_code(cx, challenge, &wanted.email, given.locale).await?
        }
    };
    ops::save(cx, sign_in).await?;
    Ok(Registered::AskedToVerify(is_sent))
}

/// Makes the account that waits for the code which was mailed to its address. Only who reads that mailbox gets to know
/// whether there is an account with it already.
pub(crate) async fn complete_by_code(
    cx: &mut Cx,
    headers: &HeaderMap,
    sign_in: &mut SignIn,
    code: &str,
) -> Result<Registered, PageRefusal> {
    if !cx.tenant.settings.sign_up {
        return Ok(closed());
    }
    let wrong = || {
        let error = FormError::fields([(Field::Code, Message::CodeWrong)]);
        Registered::Refused(Refused::new(error, StatusCode::UNPROCESSABLE_ENTITY))
    };
    let Some(pending) = sign_in.state.pending.clone() else {
        return Ok(wrong());
    };
    let email = IdentifierValue::email(&pending.email).map_err(|_| PageRefusal::Body)?;
    let account = email.normalized().as_bytes().to_vec();
    let before = sessions::current(cx, headers).await?;
    let challenge = (sign_in.id.as_uuid(), CODE_PURPOSE);
    if !mailbox::is_proven(cx, challenge, &email, code).await? {
        return Ok(wrong());
    }
    let user = match create_proven(cx, pending, email).await {
        Ok(user) => user,
        Err(IdentityError::IdentifierTaken { .. }) => return Ok(taken()),
        Err(error) => return Err(page_of(error)),
    };
    let proven = Proven {
        user: Arc::new(user),
        before,
        factor: Proven::factor(&PASSWORD, Worth::single(&["pwd"]), cx.now),
        account,
    };
    Ok(Registered::Proven(
        prove::advance(cx, headers, sign_in, proven).await?,
    ))
}

/// Makes the account that waited for its address to be proven.
pub(super) async fn create_proven(
    cx: &mut Cx,
    pending: PendingSignUp,
    email: IdentifierValue,
) -> Result<User, IdentityError> {
    let new = NewUser {
        profile: Profile::named(pending.name),
        identifiers: vec![email],
        password: Some(NewPassword::Hashed(pending.password_hash)),
        verified: true,
        ..NewUser::default()
    };
    identities::create_user(cx, new).await
}

/// Queues the mail whose link completes the sign-up, if there is one to complete and the recipient is not flooded.
/// The caller saves the sign-in in the same transaction.
pub(super) async fn send_completion(cx: &mut Cx, sign_in: &mut SignIn, locale: Locale) -> Result<(), Fault> {
    let Some(pending) = &mut sign_in.state.pending else {
        return Ok(());
    };
    if !budget::may_send(cx, Budget::Confirmation, &pending.email) {
        return Ok(());
    }
    let token = mail::issue_link(cx, LinkPurpose::CompleteSignUp, sign_in.id.as_uuid()).await?;
    pending.mailed(mail::link_key(&token));
    verify::queue_link(cx, (&pending.email, Some(&pending.name)), &token, locale).await
}
