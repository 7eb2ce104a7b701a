//! ID tokens (OIDC Core 2, 3.1.3.6).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::access_token::Audience;
use crate::jose::{Algorithm, JwtError, TokenType, VerifiedJwt};

/// Claims that [`IdTokenClaims::insert`] does not let anyone overwrite.
const PROTOCOL_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "events",
    "cnf",
];

/// Why an `id_token_hint` with a good signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HintError {
    /// An access token, a logout token or something else with a `typ` of its own.
    #[error("the hint is not an ID token")]
    Type,
    /// A required claim is missing or has the wrong type.
    #[error("the hint lacks a required claim")]
    Claims,
    /// Another issuer.
    #[error("the hint has another issuer")]
    Issuer,
    /// Another client.
    #[error("the hint was issued to another client")]
    Audience,
}

/// The claims of an ID token. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Issuer.
    pub iss: String,
    /// Subject, pairwise where the client asked for it.
    pub sub: String,
    /// The client.
    pub aud: Audience,
    /// Expiry.
    pub exp: i64,
    /// Issue time.
    pub iat: i64,
    /// When the user authenticated: sent with `max_age` or when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The request's `nonce`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How strongly the user authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Authorized party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// Half hash of the access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Half hash of the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The session (OIDC Front-Channel Logout 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl IdTokenClaims {
    /// The five required claims (OIDC Core 2); set the others on the fields.
    pub fn new(iss: impl Into<String>, sub: impl Into<String>, client_id: &str, iat: i64, exp: i64) -> Self {
        Self {
            iss: iss.into(),
            sub: sub.into(),
            aud: client_id.into(),
            exp,
            iat,
            auth_time: None,
            nonce: None,
            acr: None,
            amr: Vec::new(),
            azp: None,
            at_hash: None,
            c_hash: None,
            sid: None,
            extra: Map::new(),
        }
    }

    /// Binds the token to an access token and a code of the same answer (OIDC Core 3.1.3.6, 3.3.2.11).
    #[must_use]
    pub fn bind(mut self, alg: Algorithm, access_token: Option<&str>, code: Option<&str>) -> Self {
        self.at_hash = access_token.map(|t| alg.half_hash(t));
        self.c_hash = code.map(|c| alg.half_hash(c));
        self
    }

    /// Adds a claim about the user; false, and nothing changed, when the name belongs to the protocol.
    pub fn insert(&mut self, name: &str, value: Value) -> bool {
        let free = !PROTOCOL_CLAIMS.contains(&name);
        if free {
            self.extra.insert(name.to_owned(), value);
        }
        free
    }

    /// Checks a verified `id_token_hint`: ours, an ID token, and this client's when the client is known.
    ///
    /// An expired hint is good: it says who was there, not who is (OIDC Core 3.1.2.1, RP-Initiated Logout 2).
    pub fn check_hint(token: VerifiedJwt, issuer: &str, client_id: Option<&str>) -> Result<Self, HintError> {
        if !token.header.typ.as_deref().is_none_or(|t| TokenType::Jwt.is(t))
            || token.claims.contains_key("events")
        {
            return Err(HintError::Type);
        }
        let claims: Self = token.into_claims().map_err(|_: JwtError| HintError::Claims)?;
        if claims.iss != issuer {
            return Err(HintError::Issuer);
        }
        if client_id.is_some_and(|id| !claims.aud.contains(id)) {
            return Err(HintError::Audience);
        }
        Ok(claims)
    }

    /// The claims about the user.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_about_the_user_never_overwrite_the_protocols() {
        let mut claims = IdTokenClaims::new("https://id.example", "alice", "c", 1, 2);
        assert!(!claims.insert("sub", json!("mallory")));
        assert!(!claims.insert("nonce", json!("x")));
        assert!(claims.insert("email", json!("a@b.example")));
        let value = serde_json::to_value(&claims).unwrap();
        assert_eq!(
            value,
            json!({"iss": "https://id.example", "sub": "alice", "aud": "c", "iat": 1, "exp": 2, "email": "a@b.example"})
        );
        assert_eq!(serde_json::from_value::<IdTokenClaims>(value).unwrap(), claims);
    }

    #[test]
    fn hint_is_taken_when_expired_but_never_from_others() {
        let key = crate::jose::SigningKey::generate(Algorithm::EdDSA).unwrap();
        let keys: crate::jose::JwkSet = key.verifying_key().into_iter().collect();
        let claims = IdTokenClaims::new("https://id.example", "alice", "c", 1, 2);
        let hint = keys.verify(&key.sign(TokenType::Jwt, &claims).unwrap()).unwrap();
        let check = |issuer, client| IdTokenClaims::check_hint(hint.clone(), issuer, client);
        assert_eq!(check("https://id.example", Some("c")).unwrap().sub, "alice");
        assert!(check("https://id.example", None).is_ok());
        assert_eq!(check("https://id.example", Some("d")), Err(HintError::Audience));
        assert_eq!(check("https://other.example", Some("c")), Err(HintError::Issuer));
        let access = keys
            .verify(&key.sign(TokenType::AccessToken, &claims).unwrap())
            .unwrap();
        assert_eq!(
            IdTokenClaims::check_hint(access, "https://id.example", None),
            Err(HintError::Type)
        );
    }

    #[test]
    fn binding_uses_the_algorithms_own_hash() {
        let bind = |alg| {
            IdTokenClaims::new("i", "s", "c", 1, 2).bind(
                alg,
                Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
                None,
            )
        };
        assert_eq!(
            bind(Algorithm::RS256).at_hash.as_deref(),
            Some("77QmUPtjPfzWtF2AnpK9RQ")
        );
        assert_eq!(bind(Algorithm::ES256).at_hash, bind(Algorithm::PS256).at_hash);
        assert_ne!(bind(Algorithm::EdDSA).at_hash, bind(Algorithm::RS256).at_hash);
        assert_eq!(bind(Algorithm::RS256).c_hash, None);
    }
}
