//! The error every OAuth endpoint answers with: a registered code and a public description.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal;)*) => {
        /// A registered OAuth error code (RFC 6749 11.4 and its extensions).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum OAuthErrorCode { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl OAuthErrorCode {
            /// Every code, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status of a direct answer (RFC 6749 5.2, RFC 6750 3.1); redirected errors have none.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }
        }
    };
}

codes! {
    /// Missing, repeated or malformed parameter (RFC 6749 4.1.2.1, 5.2).
    InvalidRequest = "invalid_request", 400;
    /// Client authentication failed (RFC 6749 5.2).
    InvalidClient = "invalid_client", 401;
    /// Code, refresh token or redirect URI is not good (RFC 6749 5.2).
    InvalidGrant = "invalid_grant", 400;
    /// The client may not do this (RFC 6749 4.1.2.1, 5.2).
    UnauthorizedClient = "unauthorized_client", 400;
    /// Unknown grant type (RFC 6749 5.2).
    UnsupportedGrantType = "unsupported_grant_type", 400;
    /// Unknown or excessive scope (RFC 6749 4.1.2.1, 5.2).
    InvalidScope = "invalid_scope", 400;
    /// The user or the server said no (RFC 6749 4.1.2.1).
    AccessDenied = "access_denied", 400;
    /// Only `code` is served (RFC 6749 4.1.2.1).
    UnsupportedResponseType = "unsupported_response_type", 400;
    /// Our fault (RFC 6749 4.1.2.1).
    ServerError = "server_error", 500;
    /// Overloaded or in maintenance (RFC 6749 4.1.2.1).
    TemporarilyUnavailable = "temporarily_unavailable", 503;
    /// `prompt=none` without a session (OIDC Core 3.1.2.6).
    LoginRequired = "login_required", 400;
    /// `prompt=none` where a page is needed (OIDC Core 3.1.2.6).
    InteractionRequired = "interaction_required", 400;
    /// `prompt=none` with several accounts (OIDC Core 3.1.2.6).
    AccountSelectionRequired = "account_selection_required", 400;
    /// `prompt=none` without consent (OIDC Core 3.1.2.6).
    ConsentRequired = "consent_required", 400;
    /// An essential `acr` cannot be met (OIDC Unmet Authentication Requirements 1.0).
    UnmetAuthenticationRequirements = "unmet_authentication_requirements", 400;
    /// The access token rests on too weak or too old an authentication (RFC 9470 3).
    InsufficientUserAuthentication = "insufficient_user_authentication", 401;
    /// The `auth_session` is unknown, used up or expired (OAuth First-Party Apps 5.2.2.1).
    InvalidSession = "invalid_session", 400;
    /// More is needed before there is a code: another step, or a right answer (OAuth First-Party Apps 5.2.2.1).
    InsufficientAuthorization = "insufficient_authorization", 400;
    /// Only a browser gets any further (OAuth First-Party Apps 5.2.2.1).
    RedirectToWeb = "redirect_to_web", 400;
    /// `request` is not served (OIDC Core 6.1).
    RequestNotSupported = "request_not_supported", 400;
    /// `request_uri` is not served (OIDC Core 6.2).
    RequestUriNotSupported = "request_uri_not_supported", 400;
    /// `registration` is not served (OIDC Core 7.2.1).
    RegistrationNotSupported = "registration_not_supported", 400;
    /// `resource` is malformed or unknown (RFC 8707 2).
    InvalidTarget = "invalid_target", 400;
    /// The token type cannot be revoked (RFC 7009 2.2.1).
    UnsupportedTokenType = "unsupported_token_type", 400;
    /// The bearer token is not good (RFC 6750 3.1).
    InvalidToken = "invalid_token", 401;
    /// The bearer token reaches too little (RFC 6750 3.1).
    InsufficientScope = "insufficient_scope", 403;
    /// A redirect URI at registration is not acceptable (RFC 7591 3.2.2).
    InvalidRedirectUri = "invalid_redirect_uri", 400;
    /// Another registration field is not acceptable (RFC 7591 3.2.2).
    InvalidClientMetadata = "invalid_client_metadata", 400;
}

impl fmt::Display for OAuthErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An OAuth error answer. The description is public: it is sent to the client as it stands.
///
/// INVARIANT: the description holds only the characters of RFC 6749 4.1.2.1 (`%x20-21 / %x23-5B / %x5D-7E`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    code: OAuthErrorCode,
    description: Cow<'static, str>,
}

/// What the JSON body of [`OAuthError`] looks like (RFC 6749 5.2).
#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
}

impl OAuthError {
    /// Longest description kept, in bytes.
    const MAX_DESCRIPTION: usize = 512;

    /// An error with a description; characters outside RFC 6749 4.1.2.1 are replaced, not sent.
    pub fn new(code: OAuthErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let mut description = description.into();
        if description.len() > Self::MAX_DESCRIPTION || !description.bytes().all(is_description_byte) {
            description = Cow::Owned(sanitized(&description));
        }
        Self { code, description }
    }

    /// The OAuth code.
    pub fn code(&self) -> OAuthErrorCode {
        self.code
    }

    /// The public description.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The HTTP status of a direct answer.
    pub fn status(&self) -> u16 {
        self.code.status()
    }

    /// The JSON body of a direct answer (RFC 6749 5.2).
    pub fn to_json(&self) -> String {
        let body = Body {
            error: self.code.as_str(),
            error_description: &self.description,
        };
        // Two strings cannot fail to serialise; the fallback is there so that nothing can panic.
        serde_json::to_string(&body).unwrap_or_else(|_| String::from(r#"{"error":"server_error"}"#))
    }
}

const fn is_description_byte(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn sanitized(text: &str) -> String {
    text.chars()
        .take(OAuthError::MAX_DESCRIPTION)
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            c if u8::try_from(c).is_ok_and(is_description_byte) => c,
            _ => '?',
        })
        .collect()
}

/// Implements `From<$error> for OAuthError` for an enum that has `code()` and a public `Display`.
macro_rules! into_oauth_error {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for $crate::error::OAuthError {
            fn from(error: $error) -> Self {
                Self::new(error.code(), error.to_string())
            }
        }
    )*};
}
pub(crate) use into_oauth_error;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_distinct_and_have_an_error_status() {
        let mut seen = std::collections::BTreeSet::new();
        for code in OAuthErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert!((400..600).contains(&code.status()));
        }
    }

    #[test]
    fn json_body_has_the_rfc_6749_members() {
        let error = OAuthError::new(OAuthErrorCode::InvalidGrant, "the code is `\"used\"`");
        assert_eq!(
            error.to_json(),
            r#"{"error":"invalid_grant","error_description":"the code is `'used'`"}"#
        );
        assert_eq!(error.status(), 400);
    }

    proptest! {
        #[test]
        fn description_stays_in_the_rfc_6749_charset(text in ".*") {
            let error = OAuthError::new(OAuthErrorCode::InvalidRequest, text);
            prop_assert!(error.description().bytes().all(is_description_byte));
            prop_assert!(error.description().len() <= OAuthError::MAX_DESCRIPTION);
        }
    }
}
