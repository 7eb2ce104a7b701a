//! The two proofs: a solved challenge, and a code that was mailed. Each is good for one request of one purpose in one
//! sign-in.

use std::time::Duration;

use authflow_db::exec;
use authflow_proto::altcha::{self, Challenge};
use authflow_types::Timestamp;

use super::{Asked, Purpose};
use crate::challenges::{self, Answered, NewChallenge};
use crate::identities::{self, IdentifierKind, IdentifierValue};
use crate::mail::{self, Mail};
use crate::pages::Locale;
use crate::sign_in::budget::{self, Budget};
use crate::{Cx, Fault};

/// How long a challenge may be solved.
const CHALLENGE_TTL: Duration = Duration::from_mins(5);
/// How long a code counts.
pub(super) const CODE_TTL: Duration = Duration::from_mins(10);
/// How many tries a code stands.
const TRIES: u32 = 5;

const KEY_LABEL: &str = "proof-of-work";
const CODE_PURPOSE: &str = "proof_by_code";

/// A fresh challenge, as hard as the tenant asks for.
pub(super) fn issue(cx: &Cx, asked: Asked<'_>) -> Result<Challenge, Fault> {
    let key = key(cx, asked)?;
    let maxnumber = cx.tenant.settings.abuse.proof_of_work_difficulty;
    // 2^64 is so much larger than any difficulty that no number is noticeably likelier than another.
    let number = u64::from_be_bytes(cx.rng().bytes()) % (u64::from(maxnumber) + 1);
    let number = u32::try_from(number).unwrap_or(maxnumber);
    let expires = (cx.now + CHALLENGE_TTL).as_secs();
    Ok(Challenge::issue(
        &key,
        cx.rng().bytes(),
        (number, maxnumber),
        expires,
    ))
}

/// Whether `payload` solves a challenge that was issued for this and was not used before. Uses it up and commits: of two
/// requests at once, one gets it.
pub(super) async fn use_solution(cx: &mut Cx, asked: Asked<'_>, payload: &str) -> Result<bool, Fault> {
    let key = key(cx, asked)?;
    let solved = match altcha::verify(&key, payload, cx.now.as_secs()) {
        Ok(solved) => solved,
        Err(error) => {
            tracing::info!(%error, "a proof of work was not accepted");
            return Ok(false);
        }
    };
    let tenant = cx.tenant_id();
    let inserted = exec!(
        cx.tx().await?,
        "INSERT INTO used_proofs_of_work (tenant_id, digest, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        tenant,
        &solved.id[..],
        Timestamp::from_secs(solved.expires_secs)
    )?;
    cx.commit().await?;
    if inserted == 0 {
        tracing::info!("a proof of work was used before");
    }
    Ok(inserted == 1)
}

/// The key of everything that a solution counts for.
fn key(cx: &Cx, asked: Asked<'_>) -> Result<[u8; 32], Fault> {
    let key = cx.tenant.data_key.derive(KEY_LABEL)?;
    Ok(key.mac(&[asked.purpose.as_str().as_bytes(), asked.sign_in.as_bytes()]))
}

/// Mails a code to whoever has the identifier; to the address itself where an account is yet to be made. `false` if too
/// many were sent. The caller commits.
///
/// # Security
/// For nobody the same is done and queued, save that nobody gets it.
pub(super) async fn send_code(cx: &mut Cx, asked: Asked<'_>, locale: Locale) -> Result<bool, Fault> {
    let identifier = IdentifierValue::guess(asked.typed);
    let counted = identifier
        .as_ref()
        .map_or_else(|| asked.typed.to_lowercase(), |one| one.normalized().to_owned());
    if !budget::may_send(cx, Budget::Confirmation, &counted) {
        return Ok(false);
    }
    let user = identities::find_by_identifier_evenly(cx, asked.typed).await?;
    let own = match asked.purpose {
        Purpose::SignUp => IdentifierValue::email(asked.typed)
            .ok()
            .map(|one| one.value().to_owned()),
        _ => user
            .as_deref()
            .filter(|user| user.is_active())
            .and_then(|user| user.way_in(IdentifierKind::Email, Some(&counted)))
            .map(|own| own.value.clone()),
    };
    let code = challenges::six_digits(cx);
    let new = NewChallenge {
        subject: asked.sign_in.as_uuid(),
        purpose: CODE_PURPOSE,
        user: None,
        answer: &answer(asked, &code),
        data: "",
        tries: TRIES,
        ttl: CODE_TTL,
    };
    challenges::put(cx, new).await?;
    let expires_minutes = CODE_TTL.as_secs() / 60;
    let mail = Mail::EmailCode {
        code,
        expires_minutes,
    };
    mail::queue_for(cx, own.as_deref(), locale, mail).await?;
    Ok(true)
}

/// Whether `typed` is the code that was mailed for this. Commits, right or wrong.
pub(super) async fn use_code(cx: &mut Cx, asked: Asked<'_>, typed: &str) -> Result<bool, Fault> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(12).collect();
    let given = answer(asked, &digits);
    let answered = challenges::answer(cx, asked.sign_in.as_uuid(), CODE_PURPOSE, &given).await?;
    cx.commit().await?;
    Ok(matches!(answered, Answered::Right { .. }))
}

/// A code counts for what it was asked for: one's own mailbox does not help with somebody else's account.
fn answer(asked: Asked<'_>, code: &str) -> Vec<u8> {
    let account = asked.account();
    [
        code.as_bytes(),
        b"\0",
        asked.purpose.as_str().as_bytes(),
        b"\0",
        &account,
    ]
    .concat()
}
