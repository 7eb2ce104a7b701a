//! The proof of work that a request needs first, where the tenant asks for one (docs/abuse.md).

use std::ops::ControlFlow;

use axum::http::HeaderMap;

use super::reply::More;
use super::request::Opened;
use crate::Cx;
use crate::http::reply::OAuthRefusal;
use crate::sign_in::gate::{self, Asked, Given, Outcome, Purpose};

/// Breaks with the challenge in `more` that has to be solved before `typed` is looked at, or goes on with `more` as it is.
/// The `solution` is the parameter `altcha` of the same request, sent again.
pub(super) async fn hold(
    cx: &mut Cx,
    opened: &Opened,
    (purpose, typed): (Purpose, &str),
    solution: Option<&str>,
    more: More,
) -> Result<ControlFlow<More, More>, OAuthRefusal> {
    let asked = Asked {
        purpose,
        sign_in: opened.sign_in.id,
        typed,
    };
    let given = Given {
        solution: solution.unwrap_or_default(),
        code: "",
    };
    // No cookie means anything here, also not one that makes a browser known.
    let reason = match gate::check(cx, &HeaderMap::new(), asked, given).await? {
        Outcome::Pass => return Ok(ControlFlow::Continue(more)),
        Outcome::Needed => "proof_of_work_needed",
        Outcome::WrongSolution | Outcome::WrongCode => "proof_of_work_wrong",
    };
    let challenge = gate::challenge(cx, asked)?;
    Ok(ControlFlow::Break(more.prove_work(challenge, reason)))
}
