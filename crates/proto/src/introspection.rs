//! Token introspection (RFC 7662) and the request shape it shares with revocation (RFC 7009).

use serde::Serialize;

use crate::access_token::Audience;
use crate::form::Params;
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token_request::{TokenRequestError, opaque};

/// `token_type_hint`: where to look first (RFC 7009 2.1). Unknown hints are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenTypeHint {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
}

/// A request about one token: introspection (RFC 7662 2.1) or revocation (RFC 7009 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLookup {
    /// The token asked about.
    pub token: SecretText,
    /// Where to look first.
    pub hint: Option<TokenTypeHint>,
}

impl TokenLookup {
    /// Parses the body; the hint must not change the outcome, only the order of the search.
    pub fn parse(params: &Params<'_>) -> Result<Self, TokenRequestError> {
        let token = opaque(params, "token")?;
        let hint = match params.unique("token_type_hint")? {
            Some("access_token") => Some(TokenTypeHint::AccessToken),
            Some("refresh_token") => Some(TokenTypeHint::RefreshToken),
            _ => None,
        };
        Ok(Self { token, hint })
    }
}

/// The introspection answer (RFC 7662 2.2). An inactive token says nothing but `active: false`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct IntrospectionResponse {
    /// Whether the token is good for the caller, now.
    pub active: bool,
    /// Granted scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// The client it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The user's name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Bearer` for access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Expiry, Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Issue time, Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Not before, Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// Issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Token id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When the user authenticated, Unix seconds (RFC 9470 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How strongly (RFC 9470 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
}

impl IntrospectionResponse {
    /// The answer for every token that is not good, whatever the reason (RFC 7662 2.2).
    pub fn inactive() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<TokenLookup, TokenRequestError> {
        TokenLookup::parse(&pairs.iter().copied().collect())
    }

    #[test]
    fn token_is_required_once_and_unknown_hints_are_ignored() {
        assert_eq!(parse(&[]), Err(TokenRequestError::Missing { name: "token" }));
        assert!(parse(&[("token", "a"), ("token", "b")]).is_err());
        assert_eq!(
            parse(&[("token", "a"), ("token_type_hint", "odd")]).unwrap().hint,
            None
        );
        let hint = parse(&[("token", "a"), ("token_type_hint", "refresh_token")])
            .unwrap()
            .hint;
        assert_eq!(hint, Some(TokenTypeHint::RefreshToken));
    }

    #[test]
    fn inactive_answer_says_nothing_else() {
        assert_eq!(
            serde_json::to_string(&IntrospectionResponse::inactive()).unwrap(),
            r#"{"active":false}"#
        );
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_values_never_panic(token in ".*", hint in ".*") {
            if let Ok(lookup) = parse(&[("token", &token), ("token_type_hint", &hint)]) {
                proptest::prop_assert_eq!(lookup.token.expose(), token);
            }
        }
    }
}
