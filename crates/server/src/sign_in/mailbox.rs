//! Proof of a mailbox that no account has yet: a code of six digits, good for ten minutes and five tries.

use std::time::Duration;

use uuid::Uuid;

use super::budget::{self, Budget};
use crate::challenges::{self, Answered, NewChallenge};
use crate::identities::IdentifierValue;
use crate::mail::{self, Mail};
use crate::pages::Locale;
use crate::{Cx, Fault};

const CODE_TTL: Duration = Duration::from_mins(10);
const TRIES: u32 = 5;

/// Mails a code to `email`, whether or not an account has it; `false` if its reader got too many. In the context's
/// transaction.
pub(super) async fn send_code(
    cx: &mut Cx,
    (subject, purpose): (Uuid, &'static str),
    email: &IdentifierValue,
    locale: Locale,
) -> Result<bool, Fault> {
    if !budget::may_send(cx, Budget::Confirmation, email.normalized()) {
        return Ok(false);
    }
    let code = challenges::six_digits(cx);
    let new = NewChallenge {
        subject,
        purpose,
        user: None,
        answer: code.as_bytes(),
        data: email.normalized(),
        tries: TRIES,
        ttl: CODE_TTL,
    };
    challenges::put(cx, new).await?;
    let mail = Mail::EmailCode {
        code,
        expires_minutes: CODE_TTL.as_secs() / 60,
    };
    mail::queue(cx, email.value(), locale, mail).await?;
    Ok(true)
}

/// Whether `typed` is the code that was mailed to `email`; uses it up. In the context's transaction.
///
/// # Security
/// A code proves the mailbox that it was sent to, not one that was typed later. The caller commits whatever came of it,
/// or a wrong code is not counted.
pub(super) async fn is_proven(
    cx: &mut Cx,
    (subject, purpose): (Uuid, &'static str),
    email: &IdentifierValue,
    typed: &str,
) -> Result<bool, Fault> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(12).collect();
    let answered = challenges::answer(cx, subject, purpose, digits.as_bytes()).await?;
    Ok(matches!(answered, Answered::Right { data, .. } if data == email.normalized()))
}
