//! Proof that a browser, or a person, stands behind a request: what is cheap for one visitor and dear for a thousand guesses.
//!
//! ```text
//!                   nothing presses, or a browser that the account knows
//!   form ──┬────────────────────────────────────────────────────────────▶ goes on
//!          │ else                                          ▲           ▲
//!          ├──▶ held ──▶ challenge, solved by a script ────┘           │
//!          └──▶ held ──▶ code by mail, typed by a person ──────────────┘
//! ```
//!
//! A challenge (ALTCHA) is signed under a key of the tenant, the purpose and the sign-in, and kept nowhere; what is kept is
//! which were used, so that each is good for one request. It comes on top of the delays of `limits`, never in their place:
//! who comes too early is told to wait, and asked for nothing.
//! Nothing here depends on whether there is an account: who asks for a code for nobody sees the same page.
//!
//! Read `proof` (challenges and codes), `held` (a form on its way through a page), `pages`.

mod held;
mod pages;
mod proof;

use std::net::{IpAddr, Ipv4Addr};

use authflow_proto::altcha::Challenge;
use authflow_types::SignInId;
use axum::http::HeaderMap;

pub(super) use self::held::unpack;
pub(super) use self::pages::{hold, routes};
use super::prove;
use crate::identities::IdentifierValue;
use crate::limits::{AddressPrefix, Decision, GuessKey};
use crate::tenants::ProofOfWork;
use crate::{Cx, Fault};

/// What is asked for. A proof for one is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A password is tried.
    SignIn,
    /// An account is made.
    SignUp,
    /// A new password is asked for.
    Recover,
    /// A code or link is sent.
    Send,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignUp => "sign_up",
            Self::Recover => "recover",
            Self::Send => "send",
        }
    }
}

/// Who asks for what.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) sign_in: SignInId,
    /// What was typed as identifier.
    pub(crate) typed: &'a str,
}

impl Asked<'_> {
    /// The same for every spelling, and for what is nobody's.
    fn account(&self) -> Vec<u8> {
        prove::account_key(self.typed, IdentifierValue::guess(self.typed).as_ref())
    }
}

/// What came along as proof; empty where nothing did.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    /// The payload of a solved challenge.
    pub(crate) solution: &'a str,
    /// A code that was mailed instead.
    pub(crate) code: &'a str,
}

/// What comes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It goes on.
    Pass,
    /// A proof is needed; none came.
    Needed,
    /// The solution is wrong, used, too old, or was for something else.
    WrongSolution,
    /// So is the code.
    WrongCode,
}

/// Whether the request goes on. Uses up the proof that came along, and commits that; no transaction is left open.
///
/// # Security
/// Called before anything is written or hashed for the request.
pub(crate) async fn check(
    cx: &mut Cx,
    headers: &HeaderMap,
    asked: Asked<'_>,
    given: Given<'_>,
) -> Result<Outcome, Fault> {
    let mode = cx.tenant.settings.abuse.proof_of_work;
    if mode == ProofOfWork::Never {
        return Ok(Outcome::Pass);
    }
    let account = asked.account();
    let device = prove::known_device(cx, headers, &account).await?;
    if device.is_some() || (asked.purpose == Purpose::SignIn && has_to_wait(cx, &account)) {
        return Ok(Outcome::Pass);
    }
    let wrong = if !given.solution.is_empty() {
        if proof::use_solution(cx, asked, given.solution).await? {
            return Ok(Outcome::Pass);
        }
        Outcome::WrongSolution
    } else if !given.code.is_empty() {
        if proof::use_code(cx, asked, given.code).await? {
            return Ok(Outcome::Pass);
        }
        Outcome::WrongCode
    } else {
        Outcome::Needed
    };
    let is_needed = mode == ProofOfWork::Always || is_pressed(cx, asked.purpose, &account);
    Ok(if is_needed { wrong } else { Outcome::Pass })
}

/// Whether the attempt comes too early: it is refused for that, and no proof is spent on it.
fn has_to_wait(cx: &Cx, account: &[u8]) -> bool {
    cx.app.guessing.check(cx.now, &guess(cx, account)) != Decision::Allow
}

fn guess<'a>(cx: &Cx, account: &'a [u8]) -> GuessKey<'a> {
    GuessKey {
        tenant: cx.tenant_id(),
        account,
        address: cx.request.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        device: None,
    }
}

/// Whether so much came from this source, or so many failures stand against this account, that a proof is asked for.
fn is_pressed(cx: &Cx, purpose: Purpose, account: &[u8]) -> bool {
    if cx.app.guessing.is_slowed(cx.now, &guess(cx, account)) {
        return true;
    }
    // Passwords have their own count.
    let unproven = cx.app.unproven.as_ref().filter(|_| purpose != Purpose::SignIn);
    unproven.is_some_and(|unproven| {
        let prefix = cx.request.ip.map(|ip| AddressPrefix::of(ip, cx.app.prefixes));
        !unproven
            .check(cx.now, &(cx.tenant_id().as_uuid(), prefix))
            .allowed
    })
}

/// A challenge for a client that solves it itself.
pub(crate) fn challenge(cx: &Cx, asked: Asked<'_>) -> Result<Challenge, Fault> {
    proof::issue(cx, asked)
}
