//! What the parameters of one request do to the sign-in.

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::Params;
use authflow_types::SessionId;
use axum::http::StatusCode;

use super::reply::{Code, More, Offer, Reply, Stage};
use super::request::{Opened, invalid_session, redirect_to_web};
use crate::http::reply::OAuthRefusal;
use crate::http::visit::PageRefusal;
use crate::oauth::authorize::{self, Directly};
use crate::pages::{Field, FormError, Message};
use crate::sign_in::methods::{Begun, Method};
use crate::sign_in::prove::{Attempt, Next};
use crate::sign_in::{self, AttemptError, Usable};
use crate::{Cx, connections, sessions};

/// Takes the step that the request asks for.
pub(super) async fn take(
    cx: &mut Cx,
    mut opened: Opened,
    params: &Params<'_>,
) -> Result<Reply, OAuthRefusal> {
    authorize::check_directly(cx, &opened.checked).await?;
    match unique(params, "action")? {
        None | Some("sign_in") => sign_in(cx, &mut opened, params).await,
        Some("sign_up" | "recover") => Err(redirect_to_web(
            "this is done in a browser: send the user to the authorization endpoint",
        )
        .into()),
        Some(_) => {
            let text = "`action` is `sign_in`, `sign_up` or `recover`";
            Err(OAuthError::new(OAuthErrorCode::InvalidRequest, text).into())
        }
    }
}

/// A parameter, once; missing where it is empty.
fn unique<'a>(params: &'a Params<'_>, name: &'static str) -> Result<Option<&'a str>, OAuthError> {
    Ok(params.unique(name)?.filter(|text| !text.is_empty()))
}

/// The user proves who they are: by a first factor, or by a second one where that was not enough.
async fn sign_in(cx: &mut Cx, opened: &mut Opened, params: &Params<'_>) -> Result<Reply, OAuthRefusal> {
    let usable = sign_in::usable_direct(cx, &opened.sign_in).await?;
    let is_second = usable.candidate.is_some();
    let (password, code) = (unique(params, "password")?, unique(params, "code")?);
    let named = match (unique(params, "method")?, password) {
        (None, None) => return ask(cx, opened, &usable),
        (None, Some(_)) => "password",
        (Some(id), _) => id,
    };
    let method = find(&usable, named)?;
    let secret = if method.id() == "password" { password } else { code };
    let kept = opened.sign_in.identifier();
    let username = unique(params, "username")?
        .or(kept)
        .unwrap_or_default()
        .trim()
        .to_owned();
    if username.is_empty() && !is_second {
        return ask(cx, opened, &usable);
    }
    // SECURITY: where a domain's owners sign in is no matter of which face they use.
    if !is_second && connections::of_typed(cx, &username).await?.is_some() {
        return Err(redirect_to_web("the user signs in with another provider, in a browser").into());
    }
    let Some(secret) = secret else {
        return send(cx, opened, &usable, (method, &username)).await;
    };
    let attempt = Attempt {
        method,
        identifier: if is_second { "" } else { &username },
        secret: if method.id() == "password" {
            secret
        } else {
            secret.trim()
        },
    };
    match sign_in::prove_direct(cx, &mut opened.sign_in, attempt).await {
        Ok(Next::SignedIn { session, .. }) => finish(cx, opened, session).await,
        Ok(Next::SecondFactor) => {
            let usable = sign_in::usable_direct(cx, &opened.sign_in).await?;
            ask(cx, opened, &usable)
        }
        Ok(Next::SetUp) => {
            Err(redirect_to_web("the user has to set up a second factor, in a browser").into())
        }
        Ok(Next::OutOfReach) => {
            Err(redirect_to_web("a second factor is required that cannot be given here").into())
        }
        Err(error) => refused(cx, opened, &usable, (method, error)),
    }
}

fn find(usable: &Usable, id: &str) -> Result<&'static dyn Method, OAuthError> {
    let found = usable.methods.iter().copied().find(|method| method.id() == id);
    found.ok_or_else(|| {
        OAuthError::new(
            OAuthErrorCode::InvalidRequest,
            "`method` is none of those offered; see `methods` of an answer without it",
        )
    })
}

/// Sends what the user has to read, where the method sends something.
async fn send(
    cx: &mut Cx,
    opened: &mut Opened,
    usable: &Usable,
    (method, username): (&'static dyn Method, &str),
) -> Result<Reply, OAuthRefusal> {
    if matches!(method.id(), "password" | "totp" | "recovery_code") {
        return ask(cx, opened, usable);
    }
    let to = (usable.candidate.as_deref(), username);
    let begun = sign_in::send_direct(cx, &mut opened.sign_in, method, to).await?;
    let answer = more(cx, opened, usable).sent(method.id());
    Ok(Reply::More(Box::new(match begun {
        Begun::Limited => answer.because(&FormError::form(Message::TooManyMessages)),
        Begun::Inline | Begun::Sent => answer,
    })))
}

/// What may be given next.
fn ask(cx: &Cx, opened: &Opened, usable: &Usable) -> Result<Reply, OAuthRefusal> {
    if usable.methods.is_empty() {
        return Err(redirect_to_web("the user goes on in a browser").into());
    }
    Ok(Reply::More(Box::new(more(cx, opened, usable))))
}

fn more(cx: &Cx, opened: &Opened, usable: &Usable) -> More {
    let lives_for = opened.sign_in.expires_at.since(cx.now);
    let is_second = usable.candidate.is_some();
    let offer = |method: &&'static dyn Method| Offer {
        method: method.id(),
        parameters: match (method.id(), is_second) {
            ("password", _) => &["username", "password"],
            (_, true) => &["code"],
            (_, false) => &["username", "code"],
        },
    };
    let stage = if is_second {
        Stage::SecondFactor
    } else {
        Stage::FirstFactor
    };
    let offered = usable.methods.iter().map(offer).collect();
    More::new(opened.next.clone(), lives_for, stage).methods(offered)
}

/// Unknown user and wrong proof look the same, as on the pages.
fn refused(
    cx: &Cx,
    opened: &Opened,
    usable: &Usable,
    (method, error): (&dyn Method, AttemptError),
) -> Result<Reply, OAuthRefusal> {
    if matches!(error, AttemptError::Wrong) && method.id() != "password" {
        let wrong = FormError::fields([(Field::Code, Message::CodeWrong)]);
        return Ok(Reply::More(Box::new(more(cx, opened, usable).because(&wrong))));
    }
    let (status, message, wait) = sign_in::explain(error).map_err(|refusal| match refusal {
        PageRefusal::Fault(fault) => OAuthRefusal::from(fault),
        _ => OAuthRefusal::from(OAuthError::new(
            OAuthErrorCode::InvalidRequest,
            "the request is malformed",
        )),
    })?;
    let answer = more(cx, opened, usable).because(&FormError::form(message));
    let answer = match wait {
        Some(after) => answer.wait(after, status),
        None if status == StatusCode::FORBIDDEN => {
            let text = "the account is disabled";
            return Err(OAuthError::new(OAuthErrorCode::AccessDenied, text).into());
        }
        None => answer,
    };
    Ok(Reply::More(Box::new(answer)))
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
        })),
        Directly::Page => Err(redirect_to_web("the user has to answer a page").into()),
    }
}
