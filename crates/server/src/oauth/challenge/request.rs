//! Who may use the endpoint, and the request that a step belongs to.

use std::sync::Arc;

use authflow_proto::authorize::{AuthorizationRequest, AuthorizationTarget, ResolvedTarget};
use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::form::Params;
use authflow_proto::pkce::CodeChallenge;
use authflow_types::{SignInId, Token, TokenKind};
use axum::http::{HeaderMap, header};

use crate::Cx;
use crate::clients::Client;
use crate::http::reply::OAuthRefusal;
use crate::oauth::authorize::{Checked, Refusal};
use crate::sign_in::{SignIn, SignInError, StartedBy, direct};

/// A sign-in under way, with the `auth_session` for its next step.
pub(super) struct Opened {
    pub(super) sign_in: SignIn,
    pub(super) checked: Checked,
    pub(super) next: String,
    /// Whether this is its first step.
    pub(super) is_new: bool,
}

impl From<Refusal> for OAuthRefusal {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ToUser(error) | Refusal::ToClient { error, .. } => error.into(),
            Refusal::Body | Refusal::UnknownSignIn => invalid_session().into(),
            Refusal::Fault(fault) => fault.into(),
        }
    }
}

impl From<SignInError> for OAuthRefusal {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Unknown | SignInError::OtherBrowser => invalid_session().into(),
            SignInError::Fault(fault) => fault.into(),
        }
    }
}

/// The token is good for nothing any more.
pub(super) fn invalid_session() -> OAuthError {
    OAuthError::new(
        OAuthErrorCode::InvalidSession,
        "the auth_session is unknown, used or expired; begin again",
    )
}

/// A browser has to take over.
pub(super) fn redirect_to_web(text: &'static str) -> OAuthError {
    OAuthError::new(OAuthErrorCode::RedirectToWeb, text)
}

/// The tenant's own clients only: whoever else asks for a password is phishing (OAuth First-Party Apps 9.1).
pub(super) fn check_client(client: &Client) -> Result<(), OAuthError> {
    if client.policy.first_party {
        return Ok(());
    }
    Err(redirect_to_web(
        "only clients marked as first-party may sign users in directly",
    ))
}

/// A page may call only for a client that registered its origin. Callers that are no browsers send none.
pub(super) fn check_origin(cx: &Cx, client: &Client, headers: &HeaderMap) -> Result<(), OAuthError> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let everywhere = &cx.app.config.http.cors.allowed_origins;
    let is_known = origin.to_str().is_ok_and(|origin| {
        client.origins().iter().any(|own| own == origin)
            || everywhere.iter().any(|allowed| allowed.as_str() == origin)
    });
    if client.is_public() && is_known {
        return Ok(());
    }
    Err(OAuthError::new(
        OAuthErrorCode::UnauthorizedClient,
        "the client did not register the origin of this page",
    ))
}

/// The sign-in that the request goes on with, or a new one. The presented `auth_session` is used up from here on.
pub(super) async fn open(
    cx: &mut Cx,
    client: &Arc<Client>,
    params: &Params<'_>,
) -> Result<Opened, OAuthRefusal> {
    let session = params.unique("auth_session").map_err(OAuthError::from)?;
    let (sign_in, checked, token) = match session {
        Some(presented) => go_on(cx, client, presented, params).await?,
        None => begin(cx, client, params).await?,
    };
    let next = format!("{}.{}", sign_in.id, token.expose());
    Ok(Opened {
        sign_in,
        checked,
        next,
        is_new: session.is_none(),
    })
}

async fn begin(
    cx: &mut Cx,
    client: &Arc<Client>,
    params: &Params<'_>,
) -> Result<(SignIn, Checked, Token), OAuthRefusal> {
    let request = parse(client, params)?;
    let checked = Checked::of(cx, client.clone(), request).await?;
    checked.require_pkce()?;
    let started_by = StartedBy::Authorization {
        client_id: client.id,
        request: Box::new(checked.request.clone()),
    };
    let (sign_in, token) = direct::start(cx, started_by).await?;
    cx.commit().await?;
    Ok((sign_in, checked, token))
}

/// `redirect_uri` may be left out whatever is registered; one that is sent is checked, and the code is bound to it.
fn parse(client: &Client, params: &Params<'_>) -> Result<AuthorizationRequest, OAuthError> {
    let client_id = client.id.to_string();
    let redirect_uri = params.unique("redirect_uri")?.map(str::to_owned);
    let target = if redirect_uri.is_some() {
        let target = AuthorizationTarget {
            client_id,
            redirect_uri,
        };
        let metadata = &client.metadata;
        target.resolve(&metadata.redirect_uris, metadata.application_type)?
    } else {
        ResolvedTarget {
            client_id,
            redirect_uri: String::new(),
            redirect_uri_sent: false,
        }
    };
    Ok(AuthorizationRequest::parse_direct(target, params)?)
}

async fn go_on(
    cx: &mut Cx,
    client: &Arc<Client>,
    presented: &str,
    params: &Params<'_>,
) -> Result<(SignIn, Checked, Token), OAuthRefusal> {
    let (id, token) = presented.split_once('.').ok_or_else(invalid_session)?;
    let id: SignInId = id.parse().map_err(|_| invalid_session())?;
    let token = Token::parse(TokenKind::AuthSession, token).map_err(|_| invalid_session())?;
    let (sign_in, token) = direct::take(cx, id, &token, client.id).await?;
    cx.commit().await?;
    let request = sign_in.request().ok_or_else(invalid_session)?.clone();
    check_same_challenge(&request, params)?;
    let checked = Checked::of(cx, client.clone(), request).await?;
    Ok((sign_in, checked, token))
}

/// The challenge of the first request counts; another one belongs to another request (RFC 7636 4.4).
fn check_same_challenge(request: &AuthorizationRequest, params: &Params<'_>) -> Result<(), OAuthError> {
    let repeated = params.unique("code_challenge")?;
    let kept = request.code_challenge.as_ref().map(CodeChallenge::as_str);
    if repeated.is_none() || repeated == kept {
        return Ok(());
    }
    Err(OAuthError::new(
        OAuthErrorCode::InvalidRequest,
        "`code_challenge` differs from the one that the auth_session began with",
    ))
}
