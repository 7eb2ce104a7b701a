//! A link by mail: single use, a quarter of an hour, for one sign-in.
//!
//! ```text
//!  begin ──mail──▶ link opened (GET changes nothing) ──button──▶ same browser: signed in
//!                                                        └─────▶ another browser: a code to type where it began
//! ```
//!
//! A link that is opened elsewhere never signs that browser in: whoever tricks a reader into opening a mail would
//! otherwise be handed the reader's session, and a reader would find themselves in a stranger's.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Answer, Begun, Method, Proof, Roles, Whom, Worth};
use crate::challenges::{self, Answered, NewChallenge};
use crate::identities::{self, IdentifierKind, User};
use crate::mail::{self, LINK_TTL, LinkPurpose, Mail, OpenLink};
use crate::sign_in::assurance::Basis;
use crate::sign_in::budget;
use crate::sign_in::model::SignIn;
use crate::{Cx, Fault};

/// The method.
pub static MAGIC_LINK: MagicLinkMethod = MagicLinkMethod;

const PURPOSE: &str = "magic_link";
/// How many tries the code stands that another browser shows.
const TRIES: u32 = 5;

/// See the module.
#[derive(Debug)]
pub struct MagicLinkMethod;

impl Method for MagicLinkMethod {
    fn id(&self) -> &'static str {
        PURPOSE
    }

    fn basis(&self) -> Basis {
        Basis::Mailbox
    }

    fn roles(&self, cx: &Cx) -> Roles {
        let can_send = mail::can_send(cx);
        Roles {
            first: cx.tenant.settings.methods.magic_link && can_send,
            second: false,
        }
    }

    fn is_set_up<'a>(&'a self, _: &'a mut Cx, user: &'a User) -> BoxFuture<'a, Result<bool, Fault>> {
        std::future::ready(Ok(user.primary(IdentifierKind::Email).is_some())).boxed()
    }

    fn begin<'a>(&'a self, cx: &'a mut Cx, whom: Whom<'a>) -> BoxFuture<'a, Result<Begun, Fault>> {
        begin(cx, whom).boxed()
    }

    fn verify<'a>(&'a self, cx: &'a mut Cx, answer: Answer<'a>) -> BoxFuture<'a, Result<Proof, Fault>> {
        verify(cx, answer).boxed()
    }
}

async fn begin(cx: &mut Cx, whom: Whom<'_>) -> Result<Begun, Fault> {
    let typed = whom
        .identifier
        .map(|typed| typed.normalized().to_owned())
        .unwrap_or_default();
    if !budget::may_send(cx, whom.budget(), &typed) {
        return Ok(Begun::Limited);
    }
    let user = whom.user.filter(|user| user.is_active());
    let own = user.and_then(|user| user.way_in(IdentifierKind::Email, Some(&typed)));
    let subject = whom.sign_in.id.as_uuid();
    let token = mail::issue_link(cx, LinkPurpose::SignIn, subject).await?;
    let data = own.map(|own| own.id.to_string()).unwrap_or_default();
    let key = mail::link_key(&token);
    let new = NewChallenge {
        subject,
        purpose: PURPOSE,
        user: own.and(user).map(|user| user.id),
        answer: key.as_bytes(),
        data: &data,
        tries: TRIES,
        ttl: LINK_TTL,
    };
    challenges::put(cx, new).await?;
    let mail = Mail::MagicLink {
        code: None,
        // SECURITY: the stored issuer, never a Host header.
        url: cx.tenant.url(&format!("/sign-in/link?token={}", token.expose())),
        expires_minutes: LINK_TTL.as_secs() / 60,
    };
    let to = own.map(|own| own.value.as_str());
    mail::queue_for(cx, to, whom.locale, mail).await?;
    Ok(Begun::Sent)
}

/// The link was opened in a browser that did not begin the sign-in: gives the code that is typed where it began.
/// `None` if the link is used up, or replaced by a newer one.
pub(in crate::sign_in) async fn hand_over(
    cx: &mut Cx,
    sign_in: &SignIn,
    link: &OpenLink,
) -> Result<Option<String>, Fault> {
    if !mail::consume_link(cx, link).await? {
        return Ok(None);
    }
    let subject = sign_in.id.as_uuid();
    let Answered::Right { user, data } =
        challenges::answer(cx, subject, PURPOSE, link.key().as_bytes()).await?
    else {
        return Ok(None);
    };
    let code = challenges::six_digits(cx);
    let new = NewChallenge {
        subject,
        purpose: PURPOSE,
        user,
        answer: code.as_bytes(),
        data: &data,
        tries: TRIES,
        ttl: LINK_TTL,
    };
    challenges::put(cx, new).await?;
    Ok(Some(code))
}

/// `answer.secret` is the link's secret, or the code that another browser showed for it.
async fn verify(cx: &mut Cx, answer: Answer<'_>) -> Result<Proof, Fault> {
    let Some(sign_in) = answer.sign_in else {
        return Ok(Proof::Wrong { user: None });
    };
    let subject = sign_in.id.as_uuid();
    let given = match mail::find_link(cx, answer.secret).await? {
        Some(link) if link.purpose == LinkPurpose::SignIn && link.subject == subject => {
            if !mail::consume_link(cx, &link).await? {
                return Ok(Proof::Wrong { user: None });
            }
            link.key()
        }
        Some(_) => return Ok(Proof::Wrong { user: None }),
        None => answer
            .secret
            .chars()
            .filter(char::is_ascii_digit)
            .take(12)
            .collect(),
    };
    let (user, sent_to) = match challenges::answer(cx, subject, PURPOSE, given.as_bytes()).await? {
        Answered::Right {
            user: Some(user),
            data,
        } => (user, data),
        Answered::Right { user, .. } | Answered::Wrong { user } => return Ok(Proof::Wrong { user }),
        Answered::Closed => return Ok(Proof::Wrong { user: None }),
    };
    let found = identities::find_user_within(cx, user).await?;
    if !found.is_some_and(|user| user.is_active()) {
        return Ok(Proof::Disabled { user });
    }
    let is_theirs = match sent_to.parse() {
        Ok(identifier) => identities::prove_mailbox(cx, user, identifier).await?,
        Err(_) => false,
    };
    if !is_theirs {
        return Ok(Proof::Wrong { user: Some(user) });
    }
    Ok(Proof::Right {
        user,
        worth: Worth::single(&["otp"]),
    })
}
