//! JWT access tokens (RFC 9068).

use serde::{Deserialize, Serialize};

use crate::jose::{JwtError, TokenType, VerifiedJwt};
use crate::scope::ScopeSet;

/// One audience as a string, several as an array (RFC 7519 4.1.3). An empty array means nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `audience` is meant.
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|a| a == audience)
    }

    /// Every audience in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        };
        all.iter().map(String::as_str)
    }
}

impl From<&str> for Audience {
    fn from(audience: &str) -> Self {
        Self::One(audience.to_owned())
    }
}

impl From<Vec<String>> for Audience {
    fn from(mut audiences: Vec<String>) -> Self {
        match audiences.len() {
            1 => Self::One(audiences.swap_remove(0)),
            _ => Self::Many(audiences),
        }
    }
}

/// The claims of an access token (RFC 9068 2.2). Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Issuer.
    pub iss: String,
    /// Subject: the user, or the client for `client_credentials`.
    pub sub: String,
    /// The API resources.
    pub aud: Audience,
    /// Expiry.
    pub exp: i64,
    /// Issue time.
    pub iat: i64,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Token id.
    pub jti: String,
    /// The client.
    pub client_id: String,
    /// Granted scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// When the user authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How strongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Private claim: the grant, so that revoking it can be honoured at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<String>,
    /// Private claim: what was asked for at userinfo claim by claim (OIDC Core 5.5), so that userinfo knows it without a
    /// look into storage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uic: Vec<String>,
}

/// Why an access token with a good signature was refused (RFC 9068 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// `typ` is not `at+jwt`: an ID token or something else.
    #[error("the token is not an access token")]
    Type,
    /// A required claim is missing or has the wrong type.
    #[error("the token lacks a required claim")]
    Claims,
    /// Another issuer.
    #[error("the token has another issuer")]
    Issuer,
    /// Expired.
    #[error("the token has expired")]
    Expired,
    /// Not valid yet.
    #[error("the token is not valid yet")]
    NotYet,
}

impl AccessTokenClaims {
    /// Checks a verified token against its issuer and the time (Unix seconds). The audience is the caller's to check.
    ///
    /// A token is good while `now < exp`; clocks are our own, so there is no leeway.
    pub fn check(token: VerifiedJwt, issuer: &str, now: i64) -> Result<Self, AccessTokenError> {
        if !token
            .header
            .typ
            .as_deref()
            .is_some_and(|t| TokenType::AccessToken.is(t))
        {
            return Err(AccessTokenError::Type);
        }
        let claims: Self = token
            .into_claims()
            .map_err(|_: JwtError| AccessTokenError::Claims)?;
        if claims.iss != issuer {
            return Err(AccessTokenError::Issuer);
        }
        if now >= claims.exp {
            return Err(AccessTokenError::Expired);
        }
        if claims.nbf.is_some_and(|nbf| now < nbf) {
            return Err(AccessTokenError::NotYet);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::jose::{Algorithm, JwkSet, SigningKey};

    fn claims() -> AccessTokenClaims {
        AccessTokenClaims {
            iss: "https://id.example".into(),
            sub: "alice".into(),
            aud: "https://api.example".into(),
            exp: 1_000,
            iat: 100,
            nbf: Some(100),
            jti: "j".into(),
            client_id: "c".into(),
            scope: Some(ScopeSet::parse("read write").unwrap()),
            auth_time: None,
            acr: None,
            amr: vec![],
            sid: None,
            gid: Some("gra_1".into()),
            uic: vec![],
        }
    }

    fn verified(typ: TokenType, claims: &AccessTokenClaims) -> VerifiedJwt {
        let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let keys: JwkSet = key.verifying_key().into_iter().collect();
        keys.verify(&key.sign(typ, claims).unwrap()).unwrap()
    }

    #[test]
    fn token_is_good_from_nbf_until_exp() {
        let token = verified(TokenType::AccessToken, &claims());
        let check = |now| AccessTokenClaims::check(token.clone(), "https://id.example", now);
        assert_eq!(check(99), Err(AccessTokenError::NotYet));
        assert_eq!(check(100), Ok(claims()));
        assert_eq!(check(999), Ok(claims()));
        assert_eq!(check(1_000), Err(AccessTokenError::Expired));
    }

    #[test]
    fn other_token_types_and_issuers_are_refused() {
        let id_token = verified(TokenType::Jwt, &claims());
        assert_eq!(
            AccessTokenClaims::check(id_token, "https://id.example", 500),
            Err(AccessTokenError::Type)
        );
        let token = verified(TokenType::AccessToken, &claims());
        for issuer in ["https://id.example/", "https://id.example/t/acme", ""] {
            assert_eq!(
                AccessTokenClaims::check(token.clone(), issuer, 500),
                Err(AccessTokenError::Issuer)
            );
        }
        let mut lacking = token;
        lacking.claims.remove("jti");
        assert_eq!(
            AccessTokenClaims::check(lacking, "https://id.example", 500),
            Err(AccessTokenError::Claims)
        );
    }

    #[test]
    fn one_audience_is_a_string_and_several_an_array() {
        assert_eq!(
            serde_json::to_string(&Audience::from(vec!["a".to_owned()])).unwrap(),
            r#""a""#
        );
        let many = Audience::from(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(serde_json::to_string(&many).unwrap(), r#"["a","b"]"#);
        assert!(many.contains("b") && !many.contains("c"));
    }

    proptest! {
        #[test]
        fn arbitrary_claims_never_panic(
            name in proptest::sample::select(vec!["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "amr"]),
            number in any::<i64>(),
            text in ".{0,20}",
            now in any::<i64>(),
        ) {
            let header = crate::jose::Header { alg: Algorithm::ES256, typ: Some("at+jwt".into()), kid: None };
            for value in [json!(number), json!(text), json!([text, number]), json!([text]), json!(null)] {
                let serde_json::Value::Object(mut all) = serde_json::to_value(claims()).unwrap() else { panic!("no object") };
                all.insert(name.to_owned(), value);
                let token = VerifiedJwt { header: header.clone(), claims: all };
                if let Ok(read) = AccessTokenClaims::check(token, "https://id.example", now) {
                    prop_assert!(now < read.exp && read.nbf.is_none_or(|nbf| nbf <= now));
                    prop_assert_eq!(read.iss, "https://id.example");
                }
            }
        }
    }
}
