//! What the parameters of one request do to the sign-in.

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::Params;
use axum::http::StatusCode;

use super::reply::{Code, More, Offer, Reply, Stage};
use super::request::{Opened, invalid_session, redirect_to_web};
use crate::http::reply::OAuthRefusal;
use crate::http::visit::PageRefusal;
use crate::oauth::authorize::{self, Directly};
use crate::pages::FormError;
use crate::sign_in::methods::{self, Method};
use crate::sign_in::{self, AttemptError};
use crate::{Cx, sessions};

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

/// The user proves who they are.
async fn sign_in(cx: &mut Cx, opened: &mut Opened, params: &Params<'_>) -> Result<Reply, OAuthRefusal> {
    let method = match unique(params, "method")? {
        None if unique(params, "password")?.is_none() => return Ok(ask(cx, opened, Stage::FirstFactor)),
        None => &methods::PASSWORD as &dyn Method,
        Some(id) => find(cx, id)?,
    };
    let kept = opened.sign_in.identifier();
    let username = unique(params, "username")?
        .or(kept)
        .unwrap_or_default()
        .trim()
        .to_owned();
    let secret = unique(params, "password")?.unwrap_or_default();
    if username.is_empty() || secret.is_empty() {
        return Ok(ask(cx, opened, Stage::FirstFactor));
    }
    let proven = sign_in::prove_direct(cx, &mut opened.sign_in, method, (&username, secret)).await;
    match proven {
        Ok(session) => finish(cx, opened, session).await,
        Err(error) => refused(cx, opened, error),
    }
}

fn find(cx: &Cx, id: &str) -> Result<&'static dyn Method, OAuthError> {
    let found = methods::find(id).filter(|method| method.is_available(&cx.tenant));
    found.ok_or_else(|| {
        OAuthError::new(
            OAuthErrorCode::InvalidRequest,
            "`method` is none of those offered; see `methods` of an answer without it",
        )
    })
}

/// What may be given next.
fn ask(cx: &Cx, opened: &Opened, stage: Stage) -> Reply {
    Reply::More(Box::new(more(cx, opened, stage)))
}

fn more(cx: &Cx, opened: &Opened, stage: Stage) -> More {
    let lives_for = opened.sign_in.expires_at.since(cx.now);
    let offered = methods::ALL
        .iter()
        .filter(|method| method.is_available(&cx.tenant));
    let offered = offered.map(|method| Offer {
        method: method.id(),
        parameters: &["username", "password"],
    });
    More::new(opened.next.clone(), lives_for, stage).methods(offered.collect())
}

/// Unknown user and wrong proof look the same, as on the pages.
fn refused(cx: &Cx, opened: &Opened, error: AttemptError) -> Result<Reply, OAuthRefusal> {
    let (status, message, wait) = sign_in::explain(error).map_err(|refusal| match refusal {
        PageRefusal::Fault(fault) => OAuthRefusal::from(fault),
        _ => OAuthRefusal::from(OAuthError::new(
            OAuthErrorCode::InvalidRequest,
            "the request is malformed",
        )),
    })?;
    let answer = more(cx, opened, Stage::FirstFactor).because(&FormError::form(message));
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
async fn finish(
    cx: &mut Cx,
    opened: &Opened,
    session: authflow_types::SessionId,
) -> Result<Reply, OAuthRefusal> {
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
