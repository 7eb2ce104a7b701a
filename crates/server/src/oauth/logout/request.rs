//! Every check of a logout request, in order. What fails is shown to the user and redirected nowhere.

use std::sync::Arc;
use std::time::Duration;

use authflow_proto::id_token::{HintError, IdTokenClaims};
use authflow_proto::jose::{self, JwtError};
use authflow_proto::logout::{EndSessionRequest, LogoutError, post_logout_location};
use authflow_types::ClientId;

use crate::clients::{self, Client};
use crate::sessions::Session;
use crate::{Cx, Fault, keys};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub(super) enum LogoutRefusal {
    /// A parameter is malformed or repeated.
    #[error(transparent)]
    Request(#[from] LogoutError),
    /// The hint's signature or form is not ours.
    #[error("`id_token_hint` was not issued here")]
    Signature(#[source] JwtError),
    /// The hint is ours and still not good.
    #[error("`id_token_hint`: {0}")]
    Hint(#[from] HintError),
    /// The tenant has no such client.
    #[error("the client is unknown")]
    Client,
    /// A place to return to was named, and not whose it is.
    #[error("`post_logout_redirect_uri` needs `id_token_hint` or `client_id`")]
    NoClient,
    /// The client did not register this place to return to.
    #[error("`post_logout_redirect_uri` is not registered for this client")]
    RedirectUri,
    /// The installation failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A request whose every claim is proven.
pub(super) struct Checked {
    pub(super) client: Option<Arc<Client>>,
    /// The subject, as the client knows it, whom the hint proves to have signed in.
    pub(super) hinted_sub: Option<String>,
    /// Registered for the client.
    pub(super) redirect_uri: Option<String>,
    pub(super) state: Option<String>,
}

impl Checked {
    /// Where the browser goes when all is done.
    pub(super) fn location(&self) -> Option<String> {
        let uri = self.redirect_uri.as_deref()?;
        Some(post_logout_location(uri, self.state.as_deref()))
    }

    /// Whether the hint proves that the client means this session's user.
    pub(super) fn names(&self, cx: &Cx, session: &Session) -> Result<bool, Fault> {
        let (Some(client), Some(sub)) = (&self.client, &self.hinted_sub) else {
            return Ok(false);
        };
        Ok(crate::oauth::tokens::subject(cx, client, session.user_id)? == *sub)
    }
}

/// Checks hint, client and place to return to (RP-Initiated Logout 2, 3).
pub(super) async fn check(cx: &Cx, request: &EndSessionRequest) -> Result<Checked, LogoutRefusal> {
    let hint = match &request.id_token_hint {
        Some(hint) => verify_hint(cx, hint.expose(), request.client_id.as_deref()).await?,
        None => None,
    };
    let client_id = match &hint {
        Some(claims) => claims.aud.iter().next(),
        None => request.client_id.as_deref(),
    };
    let client = match client_id {
        Some(id) => Some(find_client(cx, id).await?),
        None => None,
    };
    let redirect_uri = request.post_logout_redirect_uri.clone();
    check_redirect(client.as_deref(), redirect_uri.as_deref())?;
    Ok(Checked {
        client,
        hinted_sub: hint.map(|claims| claims.sub),
        redirect_uri,
        state: request.state.clone(),
    })
}

/// Our signature, our issuer, this client; an expired hint is good (RP-Initiated Logout 2).
///
/// `None` for a hint whose key was retired so long ago that it is no longer published: it proves nothing, and it is
/// nobody's fault.
async fn verify_hint(
    cx: &Cx,
    hint: &str,
    client_id: Option<&str>,
) -> Result<Option<IdTokenClaims>, LogoutRefusal> {
    let ring = keys::ring(&cx.app, &cx.tenant).await?;
    match ring.verifying.verify(hint) {
        Ok(token) => Ok(Some(IdTokenClaims::check_hint(
            token,
            &cx.tenant.issuer,
            client_id,
        )?)),
        Err(JwtError::UnknownKey) if is_of_old_key(cx, hint) => Ok(None),
        Err(error) => Err(LogoutRefusal::Signature(error)),
    }
}

/// Whether the hint may have been signed by a key that was deleted since: it names one of our form, us, and a time
/// before any key that is still published could have been forgotten.
fn is_of_old_key(cx: &Cx, hint: &str) -> bool {
    const SHORTEST_OVERLAP: Duration = Duration::from_hours(24);
    let Ok(unproven) = jose::peek(hint) else {
        return false;
    };
    let is_our_kid = unproven
        .header
        .kid
        .is_some_and(|kid| kid.parse::<authflow_types::SigningKeyId>().is_ok());
    let is_our_issuer =
        unproven.claims.get("iss").and_then(|iss| iss.as_str()) == Some(cx.tenant.issuer.as_str());
    let issued_at = unproven.claims.get("iat").and_then(serde_json::Value::as_i64);
    let is_old = issued_at.is_some_and(|at| at < (cx.now - SHORTEST_OVERLAP).as_secs());
    is_our_kid && is_our_issuer && is_old
}

async fn find_client(cx: &Cx, id: &str) -> Result<Arc<Client>, LogoutRefusal> {
    let id: ClientId = id.parse().map_err(|_| LogoutRefusal::Client)?;
    let client = clients::find(&cx.app, cx.tenant_id(), id).await?;
    client
        .filter(|client| client.is_active())
        .ok_or(LogoutRefusal::Client)
}

/// Exact match with what this very client registered (RP-Initiated Logout 3); no client, no redirect.
fn check_redirect(client: Option<&Client>, uri: Option<&str>) -> Result<(), LogoutRefusal> {
    match (client, uri) {
        (_, None) => Ok(()),
        (None, Some(_)) => Err(LogoutRefusal::NoClient),
        (Some(client), Some(uri)) => {
            let registered = &client.metadata.post_logout_redirect_uris;
            if registered.iter().any(|known| known == uri) {
                Ok(())
            } else {
                Err(LogoutRefusal::RedirectUri)
            }
        }
    }
}
