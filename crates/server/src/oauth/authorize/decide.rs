//! What an authorization request needs next. Pure: every fact is an input, every rule is on this page.

use authflow_proto::authorize::AuthorizationRequest;
use authflow_proto::error::OAuthErrorCode;
use authflow_types::{Timestamp, UserId};

/// What is known when the decision is taken.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
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
    /// The client's `default_max_age` (OIDC Registration 2).
    pub default_max_age: Option<u32>,
    /// The time now.
    pub now: Timestamp,
}

/// The session that counts.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts<'a> {
    /// Whose it is.
    pub user: UserId,
    /// When the user last proved who they are.
    pub auth_time: Timestamp,
    /// How strongly.
    pub acr: &'a str,
}

/// Whom the request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// This user.
    User(UserId),
    /// Somebody this tenant does not know.
    Nobody,
}

/// Steps taken in this transaction: what `prompt` asked for is asked once, not for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// The user proved who they are for this request.
    pub authenticated: bool,
    /// The user chose the account.
    pub selected: bool,
    /// The user said yes on the consent page.
    pub consented: bool,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The user must prove who they are.
    SignIn,
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
pub fn decide(facts: &Facts<'_>) -> Next {
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
    if let Some(refusal) = unmet_essential_acr(facts.request, session.acr) {
        return refusal;
    }
    let must_ask = prompt.consent() || !facts.consented;
    if must_ask && !facts.done.consented {
        return Next::Consent;
    }
    Next::Issue
}

/// `prompt=none`: answer now or say what would be needed (OIDC Core 3.1.2.6).
fn check_silent(facts: &Facts<'_>) -> Result<(), Next> {
    if !facts.request.prompt.none() {
        return Ok(());
    }
    if usable_session(facts).is_none() {
        return Err(Next::Refuse(
            OAuthErrorCode::LoginRequired,
            "the user must sign in",
        ));
    }
    if !facts.consented {
        return Err(Next::Refuse(
            OAuthErrorCode::ConsentRequired,
            "the user must allow the request",
        ));
    }
    Ok(())
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

/// An essential `acr` with values none of which was reached is a failed authentication (OIDC Core 5.5.1.1).
fn unmet_essential_acr(request: &AuthorizationRequest, acr: &str) -> Option<Next> {
    let asked = request.claims.as_ref()?.id_token.get("acr")?;
    let named: Vec<&str> = asked.texts().collect();
    if !asked.essential || named.is_empty() || named.contains(&acr) {
        return None;
    }
    Some(Next::Refuse(
        OAuthErrorCode::UnmetAuthenticationRequirements,
        "the requested authentication context class is not available",
    ))
}
