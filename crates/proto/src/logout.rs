//! Logout: RP-initiated requests (OIDC RP-Initiated Logout 1.0) and back-channel tokens (OIDC Back-Channel Logout 1.0).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::authorize::{MAX_STATE_BYTES, is_client_id, locales};
use crate::authorize_response::append_fields;
use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::form::{FormError, Params};
use crate::redirect_uri::MAX_REDIRECT_URI_BYTES;
use crate::secret::SecretText;

/// The member of `events` that makes a token a logout token (Back-Channel Logout 2.4).
pub const BACKCHANNEL_LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const MAX_HINT_BYTES: usize = 12 * 1024;

/// Why a logout request was refused. Shown to the user: there is nothing to redirect to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogoutError {
    /// A parameter is repeated.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A parameter is too long or holds control characters.
    #[error("`{name}` is malformed")]
    Malformed {
        /// Which one.
        name: &'static str,
    },
}

impl LogoutError {
    /// The OAuth code: `invalid_request`.
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidRequest
    }
}

into_oauth_error!(LogoutError);

/// A logout request (RP-Initiated Logout 2). Nothing is verified.
///
/// # Security
/// Redirect to `post_logout_redirect_uri` only after the client is known (a verified hint, or `client_id`) and has it
/// registered; without a verified hint for the current session, ask the user first (RP-Initiated Logout 2, 6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndSessionRequest {
    /// `id_token_hint`, unverified.
    pub id_token_hint: Option<SecretText>,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `post_logout_redirect_uri`, unproven.
    pub post_logout_redirect_uri: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `logout_hint`.
    pub logout_hint: Option<String>,
    /// `ui_locales`, best first.
    pub ui_locales: Vec<String>,
}

impl EndSessionRequest {
    /// Parses query or body.
    pub fn parse(params: &Params<'_>) -> Result<Self, LogoutError> {
        let client_id = params.unique("client_id")?;
        if client_id.is_some_and(|id| !is_client_id(id)) {
            return Err(LogoutError::Malformed { name: "client_id" });
        }
        Ok(Self {
            id_token_hint: text(params, "id_token_hint", MAX_HINT_BYTES)?.map(SecretText::new),
            client_id: client_id.map(str::to_owned),
            post_logout_redirect_uri: text(params, "post_logout_redirect_uri", MAX_REDIRECT_URI_BYTES)?,
            state: text(params, "state", MAX_STATE_BYTES)?,
            logout_hint: text(params, "logout_hint", 512)?,
            ui_locales: locales(params.unique("ui_locales")?),
        })
    }
}

fn text(params: &Params<'_>, name: &'static str, max: usize) -> Result<Option<String>, LogoutError> {
    let Some(text) = params.unique(name)? else {
        return Ok(None);
    };
    if text.len() > max || text.chars().any(char::is_control) {
        return Err(LogoutError::Malformed { name });
    }
    Ok(Some(text.to_owned()))
}

/// The `Location` after logout: the registered URI, with `state` if it came (RP-Initiated Logout 3).
pub fn post_logout_location(registered_uri: &str, state: Option<&str>) -> String {
    match state {
        Some(state) => append_fields(registered_uri, '?', std::iter::once(("state", state))),
        None => registered_uri.to_owned(),
    }
}

/// The claims of a logout token (Back-Channel Logout 2.4), signed as [`crate::jose::TokenType::LogoutToken`].
///
/// INVARIANT: it names a subject, a session, or both, and never has a `nonce`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutTokenClaims {
    iss: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    events: Map<String, Value>,
}

/// Whose sessions a logout token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedOut<'a> {
    /// One session, with its subject.
    Session {
        /// `sid`.
        sid: &'a str,
        /// `sub` as the client knows it.
        sub: &'a str,
    },
    /// Every session of the subject.
    Subject(&'a str),
}

impl LogoutTokenClaims {
    /// How long a logout token is good, seconds (Back-Channel Logout 4 suggests at most two minutes).
    pub const LIFETIME_S: i64 = 120;

    /// A logout token for one client, issued at `now` (Unix seconds) under a fresh `jti`.
    pub fn new(issuer: &str, client_id: &str, who: LoggedOut<'_>, jti: impl Into<String>, now: i64) -> Self {
        let (sub, sid) = match who {
            LoggedOut::Session { sid, sub } => (sub, Some(sid.to_owned())),
            LoggedOut::Subject(sub) => (sub, None),
        };
        let event = (BACKCHANNEL_LOGOUT_EVENT.to_owned(), Value::Object(Map::new()));
        Self {
            iss: issuer.to_owned(),
            sub: Some(sub.to_owned()),
            aud: client_id.to_owned(),
            iat: now,
            exp: now.saturating_add(Self::LIFETIME_S),
            jti: jti.into(),
            sid,
            events: std::iter::once(event).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<EndSessionRequest, LogoutError> {
        EndSessionRequest::parse(&pairs.iter().copied().collect())
    }

    #[test]
    fn request_is_read_and_everything_is_optional() {
        assert_eq!(parse(&[]), Ok(EndSessionRequest::default()));
        let request = parse(&[
            ("post_logout_redirect_uri", "https://a.example/bye"),
            ("state", "s"),
            ("ui_locales", "fr de"),
        ])
        .unwrap();
        assert_eq!(
            request.post_logout_redirect_uri.as_deref(),
            Some("https://a.example/bye")
        );
        assert_eq!(request.ui_locales, ["fr", "de"]);
        assert!(parse(&[("state", "a"), ("state", "b")]).is_err());
        assert_eq!(
            parse(&[("state", "a\r\nb")]),
            Err(LogoutError::Malformed { name: "state" })
        );
        assert_eq!(
            parse(&[("client_id", "a\0")]),
            Err(LogoutError::Malformed { name: "client_id" })
        );
    }

    #[test]
    fn state_is_appended_to_what_is_registered() {
        assert_eq!(
            post_logout_location("https://a.example/bye", None),
            "https://a.example/bye"
        );
        assert_eq!(
            post_logout_location("https://a.example/bye?x=1", Some("a b")),
            "https://a.example/bye?x=1&state=a%20b"
        );
    }

    #[test]
    fn logout_token_has_the_event_and_no_nonce() {
        let who = LoggedOut::Session {
            sid: "ses_1",
            sub: "alice",
        };
        let claims = LogoutTokenClaims::new("https://id.example", "c", who, "j", 100);
        assert_eq!(
            serde_json::to_value(&claims).unwrap(),
            json!({"iss": "https://id.example", "sub": "alice", "aud": "c", "iat": 100, "exp": 220, "jti": "j", "sid": "ses_1",
                "events": {"http://schemas.openid.net/event/backchannel-logout": {}}})
        );
        let all = LogoutTokenClaims::new("https://id.example", "c", LoggedOut::Subject("alice"), "j", 100);
        assert!(serde_json::to_value(&all).unwrap().get("sid").is_none());
    }

    proptest! {
        #[test]
        fn arbitrary_values_never_panic(hint in ".*", uri in ".*", state in ".*") {
            let _ = parse(&[("id_token_hint", &hint), ("post_logout_redirect_uri", &uri), ("state", &state)]);
        }
    }
}
