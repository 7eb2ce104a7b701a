//! What proofs answer: a nonce that is good for one answer, a code that is good for a few tries.
//!
//! ```text
//!   put ──▶ open ──right answer──▶ gone          put again: the old one is gone
//!            │ └─ wrong: tries left counts down, at none it stays closed
//!            ▼
//!         expired
//! ```
//!
//! One of a purpose for each subject: a sign-in, a session. Only a MAC of the answer is kept.

use std::time::Duration;

use authflow_db::{exec, q};
use authflow_types::UserId;
use uuid::Uuid;

use crate::{Cx, Fault};

const KEY_LABEL: &str = "challenges";

/// A challenge to be kept.
pub(crate) struct NewChallenge<'a> {
    /// The sign-in or session that it is for.
    pub(crate) subject: Uuid,
    /// What it is for.
    pub(crate) purpose: &'static str,
    /// Whom a right answer proves; `None` for nobody, so that an unknown user's looks like any other.
    pub(crate) user: Option<UserId>,
    /// The right answer.
    pub(crate) answer: &'a [u8],
    /// What is needed when it is answered; sealed by the caller where it is secret.
    pub(crate) data: &'a str,
    /// How many answers are looked at.
    pub(crate) tries: u32,
    /// For how long.
    pub(crate) ttl: Duration,
}

/// What an answer came to.
#[derive(Debug)]
pub(crate) enum Answered {
    /// It was right, and the challenge is gone.
    Right {
        /// Whom it proves.
        user: Option<UserId>,
        /// As given to [`put`].
        data: String,
    },
    /// It was wrong.
    Wrong {
        /// Whose challenge it was.
        user: Option<UserId>,
    },
    /// There is nothing to answer: none was made, it was answered, it is too old, or it was tried too often.
    Closed,
}

/// Keeps a challenge in the context's transaction.
pub(crate) async fn put(cx: &mut Cx, new: NewChallenge<'_>) -> Result<(), Fault> {
    let mac = mac(cx, new.subject, new.purpose, new.answer)?;
    let (tenant, now) = (cx.tenant_id(), cx.now);
    exec!(
        cx.tx().await?,
        "INSERT INTO challenges (tenant_id, subject_id, purpose, user_id, mac, data, tries_left, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (tenant_id, subject_id, purpose) DO UPDATE SET user_id = excluded.user_id, mac = excluded.mac, \
         data = excluded.data, tries_left = excluded.tries_left, created_at = excluded.created_at, \
         expires_at = excluded.expires_at",
        tenant,
        new.subject,
        new.purpose,
        new.user,
        &mac[..],
        new.data,
        i64::from(new.tries),
        now,
        now + new.ttl
    )?;
    Ok(())
}

/// The user and data of an open challenge, without answering it.
pub(crate) async fn peek(
    cx: &mut Cx,
    subject: Uuid,
    purpose: &'static str,
) -> Result<Option<(Option<UserId>, String)>, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let mut tx = cx.reading().await?;
    Ok(q!(
        tx,
        fetch_optional<(Option<UserId>, String)>,
        "SELECT user_id, data FROM challenges WHERE tenant_id = $1 AND subject_id = $2 AND purpose = $3 \
         AND tries_left > 0 AND expires_at > $4",
        tenant,
        subject,
        purpose,
        now
    )?)
}

/// Answers a challenge in the context's transaction: of two right answers at once, one counts.
///
/// # Security
/// The caller commits whatever came of it, or a wrong answer is not counted.
pub(crate) async fn answer(
    cx: &mut Cx,
    subject: Uuid,
    purpose: &'static str,
    answer: &[u8],
) -> Result<Answered, Fault> {
    let mac = mac(cx, subject, purpose, answer)?;
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let tx = cx.tx().await?;
    let right = q!(
        tx,
        fetch_optional<(Option<UserId>, String)>,
        "DELETE FROM challenges WHERE tenant_id = $1 AND subject_id = $2 AND purpose = $3 AND mac = $4 \
         AND tries_left > 0 AND expires_at > $5 RETURNING user_id, data",
        tenant,
        subject,
        purpose,
        &mac[..],
        now
    )?;
    if let Some((user, data)) = right {
        return Ok(Answered::Right { user, data });
    }
    let counted = q!(
        tx,
        fetch_optional<(Option<UserId>,)>,
        "UPDATE challenges SET tries_left = tries_left - 1 WHERE tenant_id = $1 AND subject_id = $2 \
         AND purpose = $3 AND tries_left > 0 AND expires_at > $4 RETURNING user_id",
        tenant,
        subject,
        purpose,
        now
    )?;
    Ok(counted.map_or(Answered::Closed, |(user,)| Answered::Wrong { user }))
}

/// A code of six digits.
pub(crate) fn six_digits(cx: &Cx) -> String {
    // 2^64 is so much larger than 10^6 that no code is noticeably likelier than another.
    let number = u64::from_be_bytes(cx.rng().bytes()) % 1_000_000;
    format!("{number:06}")
}

fn mac(cx: &Cx, subject: Uuid, purpose: &str, answer: &[u8]) -> Result<[u8; 32], Fault> {
    let key = cx.tenant.data_key.derive(KEY_LABEL)?;
    Ok(key.mac(&[subject.as_bytes(), purpose.as_bytes(), answer]))
}
