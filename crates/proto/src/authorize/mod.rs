//! The authorization request (RFC 6749 4.1.1, OIDC Core 3.1.2.1), read in the order that decides who sees an error.
//!
//! ```text
//! Params ──AuthorizationTarget::parse──▶ client_id, redirect_uri    errors: shown to the user, never redirected
//!   (the caller finds the client)
//!        ──target.resolve──────────────▶ ResolvedTarget             errors: shown to the user, never redirected
//!        ──ReplyTo::of─────────────────▶ state, response_mode       cannot fail: how to send what follows
//!        ──AuthorizationRequest::parse─▶ AuthorizationRequest       errors: redirected with `iss` and `state`
//! ```
//!
//! Reading order: `mod.rs` (stages), `request.rs` (the typed request), `values.rs` (prompt, display, response mode),
//! `claims_parameter.rs` (OIDC Core 5.5).

mod claims_parameter;
mod request;
mod values;

use serde::{Deserialize, Serialize};

pub use claims_parameter::{ClaimRequest, ClaimsParameterError, ClaimsRequest};
pub(crate) use request::locales;
pub use request::{AuthorizationError, AuthorizationRequest, MAX_STATE_BYTES};
pub use values::{Display, Prompt, PromptError, ResponseMode, UnknownValue};

use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::form::{FormError, Params};
use crate::redirect_uri::{self, ApplicationType};

/// Longest `client_id`, in bytes.
pub const MAX_CLIENT_ID_BYTES: usize = 256;

/// Why a request cannot even be answered to its client.
///
/// # Security
/// Show these to the user; nothing about the redirect URI is proven yet (RFC 6749 4.1.2.1, RFC 9700 4.11).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// `client_id` or `redirect_uri` is repeated.
    #[error(transparent)]
    Form(#[from] FormError),
    /// `client_id` is missing.
    #[error("`client_id` is missing")]
    MissingClientId,
    /// `client_id` is too long or not visible ASCII (RFC 6749 A.1).
    #[error("`client_id` is malformed")]
    ClientId,
    /// `redirect_uri` is missing and the client has none or several.
    #[error("`redirect_uri` is missing")]
    MissingRedirectUri,
    /// `redirect_uri` is not one of the client's.
    #[error("`redirect_uri` is not registered for this client")]
    UnknownRedirectUri,
}

impl TargetError {
    /// The OAuth code: `invalid_request`.
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidRequest
    }
}

into_oauth_error!(TargetError, AuthorizationError);

/// Who asks and where the answer should go, both unproven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationTarget {
    /// `client_id` as sent.
    pub client_id: String,
    /// `redirect_uri` as sent.
    pub redirect_uri: Option<String>,
}

/// A client's own redirect URI, proven by [`AuthorizationTarget::resolve`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedTarget {
    /// `client_id` as sent; the caller has found its client.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Whether the request named it: then the token request must name it too (RFC 6749 4.1.3).
    pub redirect_uri_sent: bool,
}

impl AuthorizationTarget {
    /// Reads `client_id` and `redirect_uri` and nothing else.
    pub fn parse(params: &Params<'_>) -> Result<Self, TargetError> {
        let client_id = params.unique("client_id")?.ok_or(TargetError::MissingClientId)?;
        if !is_client_id(client_id) {
            return Err(TargetError::ClientId);
        }
        let redirect_uri = params.unique("redirect_uri")?;
        if redirect_uri.is_some_and(|u| u.len() > redirect_uri::MAX_REDIRECT_URI_BYTES) {
            return Err(TargetError::UnknownRedirectUri);
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.map(str::to_owned),
        })
    }

    /// Finds the redirect URI among the client's registered ones (RFC 6749 3.1.2.3, RFC 9700 2.1).
    ///
    /// It may be left out only when exactly one is registered; OIDC requests must send it, which
    /// [`AuthorizationRequest::parse`] checks.
    pub fn resolve<S: AsRef<str>>(
        self,
        registered: &[S],
        application_type: ApplicationType,
    ) -> Result<ResolvedTarget, TargetError> {
        let redirect_uri_sent = self.redirect_uri.is_some();
        let redirect_uri = match (self.redirect_uri, registered) {
            (Some(uri), _) => registered
                .iter()
                .any(|r| redirect_uri::matches(r.as_ref(), &uri, application_type))
                .then_some(uri)
                .ok_or(TargetError::UnknownRedirectUri)?,
            (None, [only]) => only.as_ref().to_owned(),
            (None, _) => return Err(TargetError::MissingRedirectUri),
        };
        Ok(ResolvedTarget {
            client_id: self.client_id,
            redirect_uri,
            redirect_uri_sent,
        })
    }
}

/// Visible ASCII and spaces (RFC 6749 A.1), capped.
pub(crate) fn is_client_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_CLIENT_ID_BYTES && text.bytes().all(|b| matches!(b, 0x20..=0x7e))
}

/// How to send an answer, read so that even a refused request is answered properly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplyTo {
    /// `state`, when it was sent once and well formed.
    pub state: Option<String>,
    /// `response_mode`, when it was sent once and is known; else `query` (OAuth Multiple Response Types 2.1).
    pub response_mode: ResponseMode,
}

impl ReplyTo {
    /// Reads what it can and never fails.
    pub fn of(params: &Params<'_>) -> Self {
        let single = |name| params.unique(name).ok().flatten();
        Self {
            state: single("state")
                .filter(|s| request::is_state(s))
                .map(str::to_owned),
            response_mode: single("response_mode")
                .and_then(|m| m.parse().ok())
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params<'a>(pairs: &[(&'a str, &'a str)]) -> Params<'a> {
        pairs.iter().copied().collect()
    }

    fn target(pairs: &[(&str, &str)]) -> Result<AuthorizationTarget, TargetError> {
        AuthorizationTarget::parse(&params(pairs))
    }

    #[test]
    fn client_id_must_be_there_once_and_plain() {
        assert_eq!(target(&[]), Err(TargetError::MissingClientId));
        assert_eq!(target(&[("client_id", "")]), Err(TargetError::MissingClientId));
        assert_eq!(target(&[("client_id", "a\nb")]), Err(TargetError::ClientId));
        assert_eq!(
            target(&[("client_id", &"a".repeat(257))]),
            Err(TargetError::ClientId)
        );
        let twice = target(&[("client_id", "a"), ("client_id", "a")]);
        assert_eq!(
            twice,
            Err(TargetError::Form(FormError::Repeated { name: "client_id" }))
        );
        let twice = target(&[("client_id", "a"), ("redirect_uri", "x"), ("redirect_uri", "x")]);
        assert_eq!(
            twice,
            Err(TargetError::Form(FormError::Repeated { name: "redirect_uri" }))
        );
    }

    #[test]
    fn redirect_uri_is_found_by_exact_match() {
        let registered = ["https://a.example/cb", "https://a.example/cb2"];
        let sent = target(&[("client_id", "c"), ("redirect_uri", "https://a.example/cb2")]).unwrap();
        let resolved = sent.resolve(&registered, ApplicationType::Web).unwrap();
        assert_eq!(resolved.redirect_uri, "https://a.example/cb2");
        assert!(resolved.redirect_uri_sent);
        let foreign = target(&[("client_id", "c"), ("redirect_uri", "https://a.example/cb3")]).unwrap();
        assert_eq!(
            foreign.resolve(&registered, ApplicationType::Web),
            Err(TargetError::UnknownRedirectUri)
        );
    }

    #[test]
    fn redirect_uri_may_be_left_out_only_when_there_is_one() {
        let absent = || target(&[("client_id", "c")]).unwrap();
        let resolved = absent()
            .resolve(&["https://a.example/cb"], ApplicationType::Web)
            .unwrap();
        assert!(!resolved.redirect_uri_sent);
        let two = ["https://a.example/cb", "https://a.example/cb2"];
        assert_eq!(
            absent().resolve(&two, ApplicationType::Web),
            Err(TargetError::MissingRedirectUri)
        );
        assert_eq!(
            absent().resolve::<&str>(&[], ApplicationType::Web),
            Err(TargetError::MissingRedirectUri)
        );
    }

    #[test]
    fn reply_survives_a_broken_request() {
        let reply = ReplyTo::of(&params(&[("state", "s"), ("response_mode", "form_post")]));
        assert_eq!(
            reply,
            ReplyTo {
                state: Some("s".into()),
                response_mode: ResponseMode::FormPost
            }
        );
        let reply = ReplyTo::of(&params(&[
            ("state", "s"),
            ("state", "t"),
            ("response_mode", "odd"),
        ]));
        assert_eq!(reply, ReplyTo::default());
    }
}
