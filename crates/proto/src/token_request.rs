//! The token request (RFC 6749 4.1.3, 4.4.2, 6; RFC 7636 4.5; RFC 8707 2.2).

use serde::{Deserialize, Serialize};

use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::form::{FormError, Params};
use crate::pkce::{CodeVerifier, PkceError};
use crate::redirect_uri::MAX_REDIRECT_URI_BYTES;
use crate::resource::{ResourceError, parse_resources};
use crate::scope::{ScopeError, ScopeSet};
use crate::secret::SecretText;

/// Longest code, refresh token or token, in bytes.
pub const MAX_OPAQUE_BYTES: usize = 16 * 1024;

/// A grant type that the token endpoint serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 4.1.
    AuthorizationCode,
    /// RFC 6749 6.
    RefreshToken,
    /// RFC 6749 4.4.
    ClientCredentials,
}

impl GrantType {
    /// Every grant type.
    pub const ALL: &'static [Self] = &[
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant type of this name, if it is served.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|g| g.as_str() == text)
    }
}

/// Why a token request was refused before anything was looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRequestError {
    /// A parameter is repeated.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A required parameter is missing.
    #[error("`{name}` is missing")]
    Missing {
        /// Which one.
        name: &'static str,
    },
    /// A parameter is too long or malformed.
    #[error("`{name}` is malformed")]
    Malformed {
        /// Which one.
        name: &'static str,
    },
    /// The grant type is not served.
    #[error("`grant_type` must be authorization_code, refresh_token or client_credentials")]
    UnsupportedGrantType,
    /// `code_verifier` is malformed.
    #[error(transparent)]
    Pkce(#[from] PkceError),
    /// `scope` is malformed.
    #[error("`scope` is malformed: {0}")]
    Scope(#[from] ScopeError),
    /// `resource` is malformed.
    #[error(transparent)]
    Resource(#[from] ResourceError),
}

impl TokenRequestError {
    /// The OAuth code.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::UnsupportedGrantType => OAuthErrorCode::UnsupportedGrantType,
            Self::Scope(_) => OAuthErrorCode::InvalidScope,
            Self::Resource(error) => error.code(),
            _ => OAuthErrorCode::InvalidRequest,
        }
    }
}

into_oauth_error!(TokenRequestError);

/// A token request by grant type. Client authentication is read apart, by [`crate::client_auth`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// RFC 6749 4.1.3.
    AuthorizationCode {
        /// The code.
        code: SecretText,
        /// Must equal the authorization request's, when that had one.
        redirect_uri: Option<String>,
        /// RFC 7636 4.5.
        code_verifier: Option<CodeVerifier>,
        /// Narrowing of the granted resources (RFC 8707 2.2).
        resources: Vec<String>,
    },
    /// RFC 6749 6.
    RefreshToken {
        /// The refresh token.
        refresh_token: SecretText,
        /// Narrowing of the granted scope.
        scope: Option<ScopeSet>,
        /// Narrowing of the granted resources.
        resources: Vec<String>,
    },
    /// RFC 6749 4.4.2.
    ClientCredentials {
        /// The scope asked for.
        scope: Option<ScopeSet>,
        /// The resources asked for.
        resources: Vec<String>,
    },
}

impl TokenRequest {
    /// Parses the body. Parameters of other grant types are ignored (RFC 6749 3.2).
    pub fn parse(params: &Params<'_>) -> Result<Self, TokenRequestError> {
        let grant_type = params
            .unique("grant_type")?
            .ok_or(TokenRequestError::Missing { name: "grant_type" })?;
        let grant_type = GrantType::parse(grant_type).ok_or(TokenRequestError::UnsupportedGrantType)?;
        let scope = || -> Result<Option<ScopeSet>, TokenRequestError> {
            Ok(params
                .unique("scope")?
                .map(ScopeSet::parse)
                .transpose()?
                .filter(|s| !s.is_empty()))
        };
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::AuthorizationCode {
                code: opaque(params, "code")?,
                redirect_uri: redirect_uri(params)?,
                code_verifier: params
                    .unique("code_verifier")?
                    .map(CodeVerifier::parse)
                    .transpose()?,
                resources: parse_resources(params)?,
            },
            GrantType::RefreshToken => Self::RefreshToken {
                refresh_token: opaque(params, "refresh_token")?,
                scope: scope()?,
                resources: parse_resources(params)?,
            },
            GrantType::ClientCredentials => Self::ClientCredentials {
                scope: scope()?,
                resources: parse_resources(params)?,
            },
        })
    }

    /// Which grant type it is.
    pub fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }
}

fn redirect_uri(params: &Params<'_>) -> Result<Option<String>, TokenRequestError> {
    let uri = params.unique("redirect_uri")?;
    if uri.is_some_and(|u| u.len() > MAX_REDIRECT_URI_BYTES) {
        return Err(TokenRequestError::Malformed { name: "redirect_uri" });
    }
    Ok(uri.map(str::to_owned))
}

/// A required secret of visible ASCII (RFC 6749 A.11, A.17).
pub(crate) fn opaque(params: &Params<'_>, name: &'static str) -> Result<SecretText, TokenRequestError> {
    let text = params.unique(name)?.ok_or(TokenRequestError::Missing { name })?;
    if text.len() > MAX_OPAQUE_BYTES || !text.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
        return Err(TokenRequestError::Malformed { name });
    }
    Ok(SecretText::new(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::form::FormLimits;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn parse(body: &str) -> Result<TokenRequest, TokenRequestError> {
        TokenRequest::parse(&Params::parse(body.as_bytes(), FormLimits::BODY).unwrap())
    }

    #[test]
    fn each_grant_type_is_read() {
        let body = format!(
            "grant_type=authorization_code&code=abc&redirect_uri=https%3A%2F%2Fa.example&code_verifier={VERIFIER}&x=1"
        );
        let expected = TokenRequest::AuthorizationCode {
            code: SecretText::new("abc"),
            redirect_uri: Some("https://a.example".into()),
            code_verifier: Some(CodeVerifier::parse(VERIFIER).unwrap()),
            resources: vec![],
        };
        let request = parse(&body).unwrap();
        assert_eq!(request, expected);
        assert!(!format!("{request:?}").contains("abc"));
        let request = parse("grant_type=refresh_token&refresh_token=r&scope=a+b&resource=urn:x").unwrap();
        assert_eq!(request.grant_type(), GrantType::RefreshToken);
        let request = parse("grant_type=client_credentials&scope=").unwrap();
        assert_eq!(
            request,
            TokenRequest::ClientCredentials {
                scope: None,
                resources: vec![]
            }
        );
    }

    #[test]
    fn refusals_have_the_registered_codes() {
        for (body, code) in [
            ("", "invalid_request"),
            ("grant_type=", "invalid_request"),
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=Authorization_Code", "unsupported_grant_type"),
            (
                "grant_type=client_credentials&grant_type=client_credentials",
                "invalid_request",
            ),
            ("grant_type=authorization_code", "invalid_request"),
            ("grant_type=authorization_code&code=a&code=a", "invalid_request"),
            ("grant_type=authorization_code&code=%C3%A9", "invalid_request"),
            (
                "grant_type=authorization_code&code=a&code_verifier=short",
                "invalid_request",
            ),
            ("grant_type=refresh_token", "invalid_request"),
            (
                "grant_type=refresh_token&refresh_token=a&scope=%22",
                "invalid_scope",
            ),
            ("grant_type=client_credentials&resource=x", "invalid_target"),
        ] {
            assert_eq!(parse(body).unwrap_err().code().as_str(), code, "{body}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bodies_never_panic(tail in "[a-z_]{0,14}=[ -~]{0,40}&scope=[ -~]{0,20}") {
            for grant in GrantType::ALL {
                let body = format!("grant_type={}&{tail}", grant.as_str());
                if let Ok(params) = Params::parse(body.as_bytes(), FormLimits::BODY) {
                    let _ = TokenRequest::parse(&params);
                }
            }
        }
    }
}
