//! What an authorization request needs next. Pure: every fact is an input, every rule is on this page.

use authflow_proto::authorize::AuthorizationRequest;
use authflow_proto::error::OAuthErrorCode;
use authflow_types::{Timestamp, UserId};

use crate::oauth::acr::{self, Standing};
use crate::sign_in::Assurance;

#[cfg(test)]
mod tests;

/// What is known when the decision is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The request.
    pub request: &'a AuthorizationRequest,
    /// The browser's live session.
    pub session: Option<SessionFacts<'a>>,
    /// Whom `id_token_hint` or a required `sub` claim names.
    pub hinted_user: Option<Hint>,
    /// What the user did since this very request began.
    pub done: Done,
    /// Whether the client may have what it asks for without asking the user.
    pub consented: bool,
    /// Whether anybody could pose as the client: a public client on a device (RFC 8252 8.6).
    pub unproven_client: bool,
    /// What tenant and client require of the session's user in this browser.
    pub required: Assurance,
    /// The client's `default_max_age` (OIDC Registration 2).
    pub default_max_age: Option<u32>,
    /// The contexts that the tenant's users can reach.
    pub supported_acr: &'a [&'a str],
    /// The time now.
    pub now: Timestamp,
}

/// The session that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct SessionFacts<'a> {
    /// Whose it is.
    pub user: UserId,
    /// When the user last proved who they are.
    pub auth_time: Timestamp,
    /// How strongly.
    pub acr: &'a str,
}

/// Whom the request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// This user.
    User(UserId),
    /// Somebody this tenant does not know.
    Nobody,
}

/// Steps taken in this transaction: what `prompt` asked for is asked once, not for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// The user proved who they are for this request.
    pub authenticated: bool,
    /// The user chose the account.
    pub selected: bool,
    /// The user said yes on the consent page.
    pub consented: bool,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The user must prove who they are.
    SignIn,
    /// The user is signed in and must give another factor.
    StepUp,
    /// The user wants a new account (Initiating User Registration 1.0).
    SignUp,
    /// The user must choose an account.
    SelectAccount,
    /// The user must allow it.
    Consent,
    /// The code may be issued.
    Issue,
    /// The client gets an error.
    Refuse(OAuthErrorCode, &'static str),
}

/// Decides, in the order of OIDC Core 3.1.2.1 to 3.1.2.4.
pub(super) fn decide(facts: &Facts<'_>) -> Next {
    let prompt = facts.request.prompt;
    if let Err(refusal) = check_silent(facts) {
        return refusal;
    }
    if prompt.create() && !facts.done.authenticated {
        return Next::SignUp;
    }
    let Some(session) = usable_session(facts) else {
        return Next::SignIn;
    };
    if prompt.select_account() && !facts.done.selected && !facts.done.authenticated {
        return Next::SelectAccount;
    }
    if is_too_weak(session, facts.required) {
        return Next::StepUp;
    }
    match acr_standing(facts, session) {
        Standing::Met => {}
        Standing::Reachable if !facts.done.authenticated => return Next::StepUp,
        // Whoever did all that was asked and still falls short will not get further (RFC 9470 5).
        Standing::Reachable | Standing::Unreachable => return UNMET,
    }
    let must_ask = prompt.consent() || !is_consented(facts);
    if must_ask && !facts.done.consented {
        return Next::Consent;
    }
    Next::Issue
}

/// Whether the answer may go out without asking. Whoever poses as a client must not get a code from a live session
/// without the user noticing: a remembered consent then counts only after they did something (RFC 8252 8.6).
fn is_consented(facts: &Facts<'_>) -> bool {
    let took_part = facts.done.authenticated || facts.done.selected;
    facts.consented && (took_part || !facts.unproven_client)
}

/// `prompt=none`: answer now or say what would be needed (OIDC Core 3.1.2.6).
fn check_silent(facts: &Facts<'_>) -> Result<(), Next> {
    if !facts.request.prompt.none() {
        return Ok(());
    }
    let must_sign_in = Next::Refuse(OAuthErrorCode::LoginRequired, "the user must sign in");
    let Some(session) = usable_session(facts) else {
        return Err(must_sign_in);
    };
    if is_too_weak(session, facts.required) {
        return Err(must_sign_in);
    }
    match acr_standing(facts, session) {
        Standing::Met => {}
        Standing::Reachable => return Err(must_sign_in),
        Standing::Unreachable => return Err(UNMET),
    }
    if !is_consented(facts) {
        return Err(Next::Refuse(
            OAuthErrorCode::ConsentRequired,
            "the user must allow the request",
        ));
    }
    Ok(())
}

/// A demanded context that is not reached is a failed authentication (OIDC Core 5.5.1.1, RFC 9470 5).
pub(super) const UNMET: Next = Next::Refuse(
    OAuthErrorCode::UnmetAuthenticationRequirements,
    "the requested authentication context class is not available",
);

fn acr_standing(facts: &Facts<'_>, session: SessionFacts<'_>) -> Standing {
    acr::standing(session.acr, &acr::demanded(facts.request), facts.supported_acr)
}

/// Whether the session rests on less than is required by now: one that began before a rule does not walk around it.
fn is_too_weak(session: SessionFacts<'_>, required: Assurance) -> bool {
    required > Assurance::Single && Assurance::from_acr(session.acr).is_none_or(|have| have < required)
}

/// The session, if it is of the user meant, fresh enough, and not ruled out by `prompt=login`.
fn usable_session<'a>(facts: &Facts<'a>) -> Option<SessionFacts<'a>> {
    let session = facts.session?;
    match facts.hinted_user {
        Some(Hint::User(user)) if user != session.user => return None,
        Some(Hint::Nobody) => return None,
        _ => {}
    }
    if facts.done.authenticated {
        return Some(session);
    }
    if facts.request.prompt.login() {
        return None;
    }
    let max_age = facts.request.max_age.or(facts.default_max_age);
    match max_age {
        Some(seconds) if facts.now.since(session.auth_time).as_secs() > u64::from(seconds) => None,
        // `max_age=0` is `prompt=login` (OIDC Core 3.1.2.1).
        Some(0) => None,
        _ => Some(session),
    }
}
