//! The second stage: everything but `client_id` and `redirect_uri`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    ClaimsParameterError, ClaimsRequest, Display, Prompt, PromptError, ResolvedTarget, ResponseMode,
};
use crate::error::OAuthErrorCode;
use crate::form::{FormError, Params};
use crate::pkce::{CodeChallenge, PkceError};
use crate::resource::{ResourceError, parse_resources};
use crate::scope::{ScopeError, ScopeSet};

/// Longest `state`, in bytes.
pub const MAX_STATE_BYTES: usize = 4096;
const MAX_NONCE_BYTES: usize = 1024;
const MAX_LOGIN_HINT_BYTES: usize = 512;
const MAX_HINT_BYTES: usize = 255;
const MAX_ID_TOKEN_HINT_BYTES: usize = 12 * 1024;
const MAX_LOCALES: usize = 16;
const MAX_ACR_VALUES: usize = 16;
const MAX_ACR_BYTES: usize = 256;

/// Why a request with a proven redirect URI was refused: these go to the client (RFC 6749 4.1.2.1, OIDC Core 3.1.2.6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// A parameter is repeated.
    #[error(transparent)]
    Form(#[from] FormError),
    /// `request` (OIDC Core 6.1).
    #[error("`request` is not supported: send the parameters themselves")]
    RequestNotSupported,
    /// `request_uri` (OIDC Core 6.2).
    #[error("`request_uri` is not supported: send the parameters themselves")]
    RequestUriNotSupported,
    /// `registration` (OIDC Core 7.2.1).
    #[error("`registration` is not supported")]
    RegistrationNotSupported,
    /// `response_type` is missing.
    #[error("`response_type` is missing")]
    MissingResponseType,
    /// `response_type` is not `code`.
    #[error("`response_type` must be `code`")]
    UnsupportedResponseType,
    /// `response_mode` is unknown.
    #[error("`response_mode` must be `query`, `fragment` or `form_post`")]
    ResponseMode,
    /// An OIDC request without `redirect_uri` (OIDC Core 3.1.2.1).
    #[error("`redirect_uri` is required with the scope `openid`")]
    MissingRedirectUri,
    /// `scope` is malformed.
    #[error("`scope` is malformed: {0}")]
    Scope(#[from] ScopeError),
    /// A text parameter is too long or holds control characters.
    #[error("`{name}` is too long or holds control characters")]
    Text {
        /// Which one.
        name: &'static str,
    },
    /// `prompt` is malformed.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// `max_age` is not a number of seconds.
    #[error("`max_age` must be a number of seconds")]
    MaxAge,
    /// PKCE parameters are malformed.
    #[error(transparent)]
    Pkce(#[from] PkceError),
    /// The client must use PKCE and did not (RFC 7636 4.4.1).
    #[error("`code_challenge` is required for this client")]
    PkceRequired,
    /// `claims` is malformed.
    #[error(transparent)]
    Claims(#[from] ClaimsParameterError),
    /// `resource` is malformed.
    #[error(transparent)]
    Resource(#[from] ResourceError),
}

impl AuthorizationError {
    /// The OAuth code to redirect with.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::RequestNotSupported => OAuthErrorCode::RequestNotSupported,
            Self::RequestUriNotSupported => OAuthErrorCode::RequestUriNotSupported,
            Self::RegistrationNotSupported => OAuthErrorCode::RegistrationNotSupported,
            Self::UnsupportedResponseType => OAuthErrorCode::UnsupportedResponseType,
            Self::Scope(_) => OAuthErrorCode::InvalidScope,
            Self::Resource(error) => error.code(),
            _ => OAuthErrorCode::InvalidRequest,
        }
    }
}

/// An authorization request whose every parameter is typed and within bounds. `response_type` is `code`.
///
/// Serialises to JSON for the row that carries it through a sign-in. `Debug` leaves out what may identify a person.
///
/// # Security
/// Syntax and the redirect URI are checked. Not checked here: whether the client may have the scope, the resources and the
/// grant type, whether it must use PKCE ([`Self::require_pkce`]), and the signature of `id_token_hint`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Client and proven redirect URI.
    #[serde(flatten)]
    pub target: ResolvedTarget,
    /// `response_mode`, `query` when absent.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// `scope`; absent means the client's default (RFC 6749 3.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// `state`, echoed as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `nonce`, copied into the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// `prompt`.
    #[serde(default, skip_serializing_if = "Prompt::is_empty")]
    pub prompt: Prompt,
    /// `max_age`, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// `login_hint`: what the user might type as identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// `connection`: the short name of the provider to sign in with. Ours, as are the next two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// `organization`: whose members sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// `domain_hint`: the e-mail domain of who signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_hint: Option<String>,
    /// `id_token_hint`, unverified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<String>,
    /// `ui_locales`, best first; ill-formed tags are left out (OIDC Core 3.1.2.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales: Vec<String>,
    /// `claims_locales`, best first (OIDC Core 5.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_locales: Vec<String>,
    /// `acr_values`, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// `display`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<Display>,
    /// `code_challenge` with method S256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// `claims`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ClaimsRequest>,
    /// `resource`, in order, without repeats (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
}

impl AuthorizationRequest {
    /// Reads a request whose answer is handed to the client itself and redirected nowhere (OAuth First-Party Apps 5.1): a
    /// `redirect_uri` is needed for nothing, but where one is sent the code is bound to it as ever.
    pub fn parse_direct(target: ResolvedTarget, params: &Params<'_>) -> Result<Self, AuthorizationError> {
        let redirect_uri_sent = target.redirect_uri_sent;
        let as_if = ResolvedTarget {
            redirect_uri_sent: true,
            ..target
        };
        let mut request = Self::parse(as_if, params)?;
        request.target.redirect_uri_sent = redirect_uri_sent;
        Ok(request)
    }

    /// Reads everything else once the redirect URI is proven. Unknown parameters are ignored (RFC 6749 3.1).
    pub fn parse(target: ResolvedTarget, params: &Params<'_>) -> Result<Self, AuthorizationError> {
        refuse_unsupported(params)?;
        match params.unique("response_type")? {
            None => return Err(AuthorizationError::MissingResponseType),
            Some("code") => {}
            Some(_) => return Err(AuthorizationError::UnsupportedResponseType),
        }
        let response_mode = match params.unique("response_mode")? {
            None => ResponseMode::Query,
            Some(mode) => mode.parse().map_err(|_| AuthorizationError::ResponseMode)?,
        };
        let scope = params
            .unique("scope")?
            .map(ScopeSet::parse)
            .transpose()?
            .filter(|s| !s.is_empty());
        if !target.redirect_uri_sent && scope.as_ref().is_some_and(|s| s.contains("openid")) {
            return Err(AuthorizationError::MissingRedirectUri);
        }
        Ok(Self {
            target,
            response_mode,
            scope,
            state: text(params, "state", MAX_STATE_BYTES)?,
            nonce: text(params, "nonce", MAX_NONCE_BYTES)?,
            prompt: params
                .unique("prompt")?
                .map(Prompt::parse)
                .transpose()?
                .unwrap_or_default(),
            max_age: params.unique("max_age")?.map(max_age).transpose()?,
            login_hint: text(params, "login_hint", MAX_LOGIN_HINT_BYTES)?,
            connection: hint(params, "connection"),
            organization: hint(params, "organization"),
            domain_hint: hint(params, "domain_hint"),
            id_token_hint: text(params, "id_token_hint", MAX_ID_TOKEN_HINT_BYTES)?,
            ui_locales: locales(params.unique("ui_locales")?),
            claims_locales: locales(params.unique("claims_locales")?),
            acr_values: acr_values(params.unique("acr_values")?)?,
            display: params.unique("display")?.and_then(Display::parse),
            code_challenge: CodeChallenge::from_request(
                params.unique("code_challenge")?,
                params.unique("code_challenge_method")?,
            )?,
            claims: params
                .unique("claims")?
                .map(ClaimsRequest::parse)
                .transpose()?
                .filter(|c| !c.is_empty()),
            resources: parse_resources(params)?,
        })
    }

    /// Refuses the request when it has no code challenge: the rule of public clients and of the default (RFC 9700 2.1.1).
    pub fn require_pkce(&self) -> Result<(), AuthorizationError> {
        self.code_challenge
            .as_ref()
            .map(|_| ())
            .ok_or(AuthorizationError::PkceRequired)
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("target", &self.target)
            .field("response_mode", &self.response_mode)
            .field("scope", &self.scope)
            .field("prompt", &self.prompt)
            .field("resources", &self.resources)
            .finish_non_exhaustive()
    }
}

fn refuse_unsupported(params: &Params<'_>) -> Result<(), AuthorizationError> {
    for (name, error) in [
        ("request", AuthorizationError::RequestNotSupported),
        ("request_uri", AuthorizationError::RequestUriNotSupported),
        ("registration", AuthorizationError::RegistrationNotSupported),
    ] {
        if params.unique(name)?.is_some() {
            return Err(error);
        }
    }
    Ok(())
}

pub(super) fn is_state(text: &str) -> bool {
    text.len() <= MAX_STATE_BYTES && !text.chars().any(char::is_control)
}

/// An opaque text: capped, without control characters, otherwise kept as it came.
fn text(params: &Params<'_>, name: &'static str, max: usize) -> Result<Option<String>, AuthorizationError> {
    let Some(text) = params.unique(name)? else {
        return Ok(None);
    };
    if text.len() > max || text.chars().any(char::is_control) {
        return Err(AuthorizationError::Text { name });
    }
    Ok(Some(text.to_owned()))
}

/// A parameter of ours, which other servers may mean otherwise: what does not fit is ignored (RFC 6749 3.1).
fn hint(params: &Params<'_>, name: &'static str) -> Option<String> {
    let value = params.unique(name).ok().flatten()?;
    (value.len() <= MAX_HINT_BYTES && !value.chars().any(char::is_control)).then(|| value.to_owned())
}

fn max_age(text: &str) -> Result<u32, AuthorizationError> {
    // `parse` alone would take a leading plus sign.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or(AuthorizationError::MaxAge)
}

/// Language tags by their outer syntax (RFC 5646 2.1); a tag that is not one is no error (OIDC Core 3.1.2.1).
pub(crate) fn locales(text: Option<&str>) -> Vec<String> {
    let is_tag = |t: &&str| {
        t.len() <= 35
            && t.split('-')
                .all(|s| matches!(s.len(), 1..=8) && s.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    text.unwrap_or_default()
        .split(' ')
        .filter(is_tag)
        .take(MAX_LOCALES)
        .map(str::to_owned)
        .collect()
}

fn acr_values(text: Option<&str>) -> Result<Vec<String>, AuthorizationError> {
    let values: Vec<&str> = text
        .unwrap_or_default()
        .split(' ')
        .filter(|v| !v.is_empty())
        .collect();
    let good = |v: &&str| v.len() <= MAX_ACR_BYTES && v.bytes().all(|b| b.is_ascii_graphic());
    if values.len() > MAX_ACR_VALUES || !values.iter().all(good) {
        return Err(AuthorizationError::Text { name: "acr_values" });
    }
    Ok(values.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::OAuthError;
    use crate::form::FormLimits;

    fn target(redirect_uri_sent: bool) -> ResolvedTarget {
        ResolvedTarget {
            client_id: "c".into(),
            redirect_uri: "https://a.example/cb".into(),
            redirect_uri_sent,
        }
    }

    fn parse(query: &str) -> Result<AuthorizationRequest, AuthorizationError> {
        let params = Params::parse(query.as_bytes(), FormLimits::QUERY).unwrap();
        AuthorizationRequest::parse(target(true), &params)
    }

    fn code_of(query: &str) -> &'static str {
        OAuthError::from(parse(query).unwrap_err()).code().as_str()
    }

    #[test]
    fn full_request_is_typed_and_survives_storage() {
        let request = parse(concat!(
            "response_type=code&response_mode=form_post&scope=openid+email&state=s%22%C3%A9&nonce=n&prompt=login+consent",
            "&max_age=0&login_hint=a%40b.example&id_token_hint=x.y.z&ui_locales=fr-CA+fr+*+en&claims_locales=de",
            "&acr_values=1+2&display=popup&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "&code_challenge_method=S256&claims=%7B%22id_token%22%3A%7B%22acr%22%3Anull%7D%7D",
            "&resource=urn%3Aa&resource=urn%3Ab&unknown=1&unknown=2",
        ))
        .unwrap();
        assert_eq!(request.response_mode, ResponseMode::FormPost);
        assert_eq!(request.scope.as_ref().unwrap().to_string(), "openid email");
        assert_eq!(request.state.as_deref(), Some("s\"\u{e9}"));
        assert_eq!(request.max_age, Some(0));
        assert_eq!(request.ui_locales, ["fr-CA", "fr", "en"]);
        assert_eq!(request.acr_values, ["1", "2"]);
        assert_eq!(request.resources, ["urn:a", "urn:b"]);
        assert_eq!(request.require_pkce(), Ok(()));
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(
            serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(),
            request
        );
        assert!(!format!("{request:?}").contains("b.example"));
    }

    #[test]
    fn minimal_request_is_enough() {
        let request = parse("response_type=code").unwrap();
        assert_eq!(request.scope, None);
        assert_eq!(request.response_mode, ResponseMode::Query);
        assert_eq!(request.require_pkce(), Err(AuthorizationError::PkceRequired));
    }

    #[test]
    fn refusals_have_the_registered_codes() {
        for (query, code) in [
            ("", "invalid_request"),
            ("response_type=token", "unsupported_response_type"),
            ("response_type=code+id_token", "unsupported_response_type"),
            ("response_type=Code", "unsupported_response_type"),
            ("response_type=code&response_type=code", "invalid_request"),
            ("response_type=code&request=a.b.c", "request_not_supported"),
            (
                "response_type=code&request_uri=https://evil.example",
                "request_uri_not_supported",
            ),
            (
                "response_type=code&registration=%7B%7D",
                "registration_not_supported",
            ),
            ("response_type=code&response_mode=web_message", "invalid_request"),
            ("response_type=code&scope=a%22", "invalid_scope"),
            ("response_type=code&scope=a&scope=b", "invalid_request"),
            ("response_type=code&state=a%0ab", "invalid_request"),
            ("response_type=code&prompt=none+login", "invalid_request"),
            ("response_type=code&prompt=odd", "invalid_request"),
            ("response_type=code&max_age=-1", "invalid_request"),
            ("response_type=code&max_age=%2B1", "invalid_request"),
            ("response_type=code&max_age=4294967296", "invalid_request"),
            (
                "response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                "invalid_request",
            ),
            (
                "response_type=code&code_challenge=x&code_challenge_method=S256",
                "invalid_request",
            ),
            ("response_type=code&code_challenge_method=S256", "invalid_request"),
            ("response_type=code&claims=x", "invalid_request"),
            ("response_type=code&resource=x", "invalid_target"),
            (
                "response_type=code&resource=https://a.example/%23f",
                "invalid_target",
            ),
        ] {
            assert_eq!(code_of(query), code, "{query}");
        }
    }

    #[test]
    fn caps_hold_at_their_boundary() {
        let state = |n: usize| format!("response_type=code&state={}", "a".repeat(n));
        assert!(parse(&state(MAX_STATE_BYTES)).is_ok());
        assert_eq!(
            parse(&state(MAX_STATE_BYTES + 1)).unwrap_err(),
            AuthorizationError::Text { name: "state" }
        );
    }

    #[test]
    fn openid_request_must_send_its_redirect_uri() {
        let params = Params::parse(b"response_type=code&scope=openid", FormLimits::QUERY).unwrap();
        let error = AuthorizationRequest::parse(target(false), &params).unwrap_err();
        assert_eq!(error, AuthorizationError::MissingRedirectUri);
        let params = Params::parse(b"response_type=code&scope=read", FormLimits::QUERY).unwrap();
        assert!(AuthorizationRequest::parse(target(false), &params).is_ok());
    }

    proptest! {
        #[test]
        fn arbitrary_values_never_panic_and_survive_storage(
            names in proptest::collection::vec(proptest::sample::select(vec![
                "response_mode", "scope", "state", "nonce", "prompt", "max_age", "login_hint", "id_token_hint", "ui_locales",
                "acr_values", "display", "code_challenge", "code_challenge_method", "claims", "resource", "x",
            ]), 0..6),
            values in proptest::collection::vec("[ -~\u{e9}]{0,30}", 6),
        ) {
            let params: Params<'_> = std::iter::once(("response_type", "code"))
                .chain(names.iter().copied().zip(values.iter().map(String::as_str)))
                .collect();
            if let Ok(request) = AuthorizationRequest::parse(target(true), &params) {
                let stored = serde_json::to_string(&request).unwrap();
                prop_assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
            }
        }
    }
}
