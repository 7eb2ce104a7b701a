//! What the parameters of one request do to the sign-in. Read this file, then `sign_in` (every method), `set_up` (a second
//! factor on the way in), `sign_up`, `recover`.

mod recover;
mod set_up;
mod sign_in;
mod sign_up;

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::Params;
use authflow_types::SessionId;
use axum::http::StatusCode;

use super::reply::{Code, More, Reply, Stage, Web};
use super::request::{Opened, invalid_session, redirect_to_web};
use crate::http::reply::OAuthRefusal;
use crate::http::visit::PageRefusal;
use crate::oauth::authorize::{self, Directly};
use crate::pages::{Field, FormError, Message};
use crate::sign_in::prove::Next;
use crate::sign_in::{AttemptError, Basis, Refused, explain};
use crate::{Cx, Fault, connections, sessions};

/// Takes the step that the request asks for. Once a first factor was given, what is missing beside it is asked for,
/// whatever `action` says.
pub(super) async fn take(
    cx: &mut Cx,
    mut opened: Opened,
    params: &Params<'_>,
) -> Result<Reply, OAuthRefusal> {
    authorize::check_directly(cx, &opened.checked).await?;
    let given = Given::of(params)?;
    let is_proven = opened.sign_in.candidate().is_some();
    match unique(params, "action")? {
        Some("sign_up") if !is_proven => sign_up::take(cx, &mut opened, &given).await,
        Some("recover") if !is_proven => recover::take(cx, &mut opened, &given).await,
        None | Some("sign_in" | "sign_up" | "recover") => sign_in::take(cx, &mut opened, &given).await,
        Some(_) => Err(invalid("`action` is `sign_in`, `sign_up` or `recover`").into()),
    }
}

/// What a request gives, as far as it is about the user.
struct Given<'a> {
    method: Option<&'a str>,
    username: Option<&'a str>,
    password: Option<&'a str>,
    code: Option<&'a str>,
    assertion: Option<&'a str>,
    new_password: Option<&'a str>,
    name: Option<&'a str>,
    email: Option<&'a str>,
    altcha: Option<&'a str>,
}

impl<'a> Given<'a> {
    fn of(params: &'a Params<'_>) -> Result<Self, OAuthError> {
        let trimmed = |name| {
            let text = unique(params, name)?;
            Ok::<_, OAuthError>(text.map(str::trim).filter(|text| !text.is_empty()))
        };
        Ok(Self {
            method: unique(params, "method")?,
            username: trimmed("username")?,
            password: unique(params, "password")?,
            code: trimmed("code")?,
            assertion: unique(params, "assertion")?,
            new_password: unique(params, "new_password")?,
            name: trimmed("name")?,
            email: trimmed("email")?,
            altcha: trimmed("altcha")?,
        })
    }

    /// The method that is named, or that what is given is an answer to.
    fn method(&self) -> Option<&'a str> {
        let by_password = self.password.map(|_| "password");
        let by_assertion = self.assertion.map(|_| "passkey");
        self.method.or(by_password).or(by_assertion)
    }

    /// What is given for a method that rests on `basis`.
    fn secret(&self, basis: Basis) -> Option<&'a str> {
        match basis {
            Basis::Password => self.password,
            Basis::Passkey => self.assertion,
            _ => self.code,
        }
    }
}

/// A parameter, once; missing where it is empty.
fn unique<'a>(params: &'a Params<'_>, name: &'static str) -> Result<Option<&'a str>, OAuthError> {
    Ok(params.unique(name)?.filter(|text| !text.is_empty()))
}

fn invalid(text: &'static str) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidRequest, text)
}

/// The beginning of an answer that asks for more.
fn more(cx: &Cx, opened: &Opened, stage: Stage) -> More {
    let lives_for = opened.sign_in.expires_at.since(cx.now);
    More::new(opened.next.clone(), lives_for, stage)
}

/// Where the owner of what was typed signs in, if that is with another provider.
///
/// # Security
/// Where a domain's owners sign in is no matter of which face they use, nor of what they forgot.
async fn elsewhere(cx: &Cx, typed: &str) -> Result<Option<Reply>, Fault> {
    let connection = connections::of_typed(cx, typed).await?;
    Ok(connection.map(|found| Reply::Web(Web::connection(found.slug, Some(typed.to_owned())))))
}

/// What follows a factor.
async fn follow(cx: &mut Cx, opened: &mut Opened, next: Next) -> Result<Reply, OAuthRefusal> {
    match next {
        Next::SignedIn { session, .. } => finish(cx, opened, session).await,
        Next::SecondFactor | Next::SetUp | Next::OutOfReach => sign_in::ask(cx, opened).await,
    }
}

/// The user is signed in: the code, if the request asks for nothing that only a page can give.
async fn finish(cx: &mut Cx, opened: &Opened, session: SessionId) -> Result<Reply, OAuthRefusal> {
    let session = sessions::find(cx, session)
        .await?
        .and_then(sessions::SessionState::live);
    let session = session.ok_or_else(invalid_session)?;
    match authorize::issue_directly(cx, &opened.checked, &session, &opened.sign_in).await? {
        Directly::Code(code) => Ok(Reply::Code(Code {
            authorization_code: code.expose().to_owned(),
            iss: cx.tenant.issuer.clone(),
            state: opened.checked.request.state.clone(),
            recovery_codes: Vec::new(),
        })),
        Directly::Page => Err(redirect_to_web("the user has to answer a page").into()),
    }
}

/// Unknown user and wrong proof look the same, as on the pages.
fn refused(more: More, basis: Basis, error: AttemptError) -> Result<Reply, OAuthRefusal> {
    if matches!(error, AttemptError::Wrong) {
        let wrong = match basis {
            Basis::Password => FormError::form(Message::CredentialsWrong),
            Basis::Passkey => FormError::form(Message::PasskeyWrong),
            _ => FormError::fields([(Field::Code, Message::CodeWrong)]),
        };
        return Ok(more.because(&wrong).into());
    }
    let (status, message, wait) = explain(error).map_err(page_refusal)?;
    if wait.is_none() && status == StatusCode::FORBIDDEN {
        let text = "the account is disabled";
        return Err(OAuthError::new(OAuthErrorCode::AccessDenied, text).into());
    }
    Ok(not_accepted(more, &FormError::form(message), (status, wait)))
}

/// The same step again, with why.
fn again(more: More, refused: &Refused) -> Reply {
    not_accepted(more, &refused.error, (refused.status, refused.wait))
}

fn not_accepted(
    more: More,
    error: &FormError,
    (status, wait): (StatusCode, Option<std::time::Duration>),
) -> Reply {
    let more = more.because(error);
    match wait {
        Some(after) => more.wait(after, status).into(),
        None => more.into(),
    }
}

fn page_refusal(refusal: PageRefusal) -> OAuthRefusal {
    match refusal {
        PageRefusal::Fault(fault) => fault.into(),
        PageRefusal::UnknownSignIn => invalid_session().into(),
        _ => invalid("the request is malformed").into(),
    }
}
