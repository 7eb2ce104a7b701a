//! Client assertions: `private_key_jwt` and `client_secret_jwt` (RFC 7523 3, OIDC Core 9).

use serde_json::{Map, Value};

use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::jose::{Algorithm, JwkSet, JwtError, VerifiedJwt, VerifyingKey};

/// Longest `jti`, in bytes.
pub const MAX_JTI_BYTES: usize = 256;
/// Longest time from now to `exp`, seconds.
pub const MAX_LIFETIME_S: i64 = 3600;
/// Clock difference granted to clients, seconds.
pub const SKEW_S: i64 = 60;

/// Why an assertion was refused. Always `invalid_client`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientAssertionError {
    /// The token itself.
    #[error("the client assertion is not good: {0}")]
    Token(#[from] JwtError),
    /// Another algorithm than the registered one (OIDC Registration 2, `token_endpoint_auth_signing_alg`).
    #[error("the client assertion must use the registered algorithm")]
    Algorithm,
    /// The client's secret is too short for HS256 (RFC 7518 3.2).
    #[error("the client secret is too short for HS256")]
    Secret,
    /// `iss` and `sub` are not the client (RFC 7523 3).
    #[error("`iss` and `sub` of the client assertion must be the client id")]
    Identity,
    /// `aud` names neither the issuer nor the token endpoint (RFC 7523 3), or a stranger beside them.
    #[error("`aud` of the client assertion must be the issuer or the token endpoint")]
    Audience,
    /// `exp` is missing, past, or too far ahead (RFC 7523 3).
    #[error("`exp` of the client assertion must lie ahead, by at most one hour")]
    Expiry,
    /// `nbf` or `iat` lies ahead, or has the wrong type.
    #[error("the client assertion is not valid yet")]
    NotYet,
    /// `jti` is missing or too long: the assertion could be replayed.
    #[error("`jti` of the client assertion must have 1 to {MAX_JTI_BYTES} bytes")]
    Jti,
}

impl ClientAssertionError {
    /// The OAuth code: `invalid_client` (RFC 7521 4.2.1).
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidClient
    }
}

into_oauth_error!(ClientAssertionError);

/// What an assertion is held against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The client it must come from.
    pub client_id: &'a str,
    /// The issuer and the token endpoint: one of them must be the audience.
    pub audiences: &'a [&'a str],
    /// The algorithm the client registered, if it did.
    pub alg: Option<Algorithm>,
    /// Now, Unix seconds.
    pub now: i64,
}

/// A good assertion. Remember `jti` for the client until `exp` plus [`SKEW_S`] and refuse it a second time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedAssertion {
    /// Its id.
    pub jti: String,
    /// Its expiry, Unix seconds.
    pub exp: i64,
}

/// Verifies `private_key_jwt` with the client's public keys.
pub fn verify_private_key_jwt(
    assertion: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<AcceptedAssertion, ClientAssertionError> {
    check(&keys.verify(assertion)?, expected)
}

/// Verifies `client_secret_jwt` with the client's secret.
pub fn verify_client_secret_jwt(
    assertion: &str,
    secret: &str,
    expected: &Expected<'_>,
) -> Result<AcceptedAssertion, ClientAssertionError> {
    let key = VerifyingKey::hs256(secret.as_bytes()).ok_or(ClientAssertionError::Secret)?;
    check(&key.verify_token(assertion)?, expected)
}

/// Checks the claims of an assertion whose signature is good (RFC 7523 3).
pub fn check(
    token: &VerifiedJwt,
    expected: &Expected<'_>,
) -> Result<AcceptedAssertion, ClientAssertionError> {
    if expected.alg.is_some_and(|alg| alg != token.header.alg) {
        return Err(ClientAssertionError::Algorithm);
    }
    let claims = &token.claims;
    let text = |name| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.client_id) || text("sub") != Some(expected.client_id) {
        return Err(ClientAssertionError::Identity);
    }
    if !is_for_us(claims, expected.audiences) {
        return Err(ClientAssertionError::Audience);
    }
    let exp = time(claims, "exp")
        .ok()
        .flatten()
        .ok_or(ClientAssertionError::Expiry)?;
    let now = expected.now;
    if exp <= now.saturating_sub(SKEW_S) || exp > now.saturating_add(MAX_LIFETIME_S + SKEW_S) {
        return Err(ClientAssertionError::Expiry);
    }
    for name in ["nbf", "iat"] {
        let at = time(claims, name).map_err(|NotADate| ClientAssertionError::NotYet)?;
        if at.is_some_and(|at| at > now.saturating_add(SKEW_S)) {
            return Err(ClientAssertionError::NotYet);
        }
    }
    let jti = text("jti")
        .filter(|j| (1..=MAX_JTI_BYTES).contains(&j.len()))
        .ok_or(ClientAssertionError::Jti)?;
    Ok(AcceptedAssertion {
        jti: jti.to_owned(),
        exp,
    })
}

/// Whether the assertion is for us (RFC 7523 3) and for nobody else.
///
/// SECURITY: with a stranger beside us in `aud`, the stranger could present the assertion here. Other addresses of ours
/// are no strangers: some clients list every endpoint they know.
fn is_for_us(claims: &Map<String, Value>, ours: &[&str]) -> bool {
    let below = |aud: &str| {
        ours.iter()
            .any(|o| aud.strip_prefix(o).is_some_and(|rest| rest.starts_with('/')))
    };
    match claims.get("aud") {
        Some(Value::String(one)) => ours.contains(&one.as_str()),
        Some(Value::Array(many)) => {
            let known = |a: &Value| a.as_str().is_some_and(|a| ours.contains(&a) || below(a));
            many.iter().all(known) && many.iter().any(|a| a.as_str().is_some_and(|a| ours.contains(&a)))
        }
        _ => false,
    }
}

/// A `NumericDate`, absent or present; fractions are cut off (RFC 7519 2).
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, NotADate> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    if let Some(seconds) = value.as_i64() {
        return Ok(Some(seconds));
    }
    let fraction = value
        .as_f64()
        .filter(|f| (0.0..4e12).contains(f))
        .ok_or(NotADate)?;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked above")]
    Ok(Some(fraction as i64))
}

/// The claim is there but is no number of seconds.
struct NotADate;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::jose::{SigningKey, TokenType};

    const NOW: i64 = 1_000_000;

    fn expected<'a>() -> Expected<'a> {
        Expected {
            client_id: "c",
            audiences: &["https://id.example", "https://id.example/oauth2/token"],
            alg: None,
            now: NOW,
        }
    }

    fn good() -> Value {
        json!({"iss": "c", "sub": "c", "aud": "https://id.example", "exp": NOW + 60, "iat": NOW, "jti": "j1"})
    }

    fn verify(claims: &Value) -> Result<AcceptedAssertion, ClientAssertionError> {
        let key = SigningKey::generate(Algorithm::ES256).unwrap();
        let keys: JwkSet = key.verifying_key().into_iter().collect();
        verify_private_key_jwt(&key.sign(TokenType::Jwt, claims).unwrap(), &keys, &expected())
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        claims
    }

    #[test]
    fn good_assertion_yields_what_the_replay_store_needs() {
        assert_eq!(
            verify(&good()),
            Ok(AcceptedAssertion {
                jti: "j1".into(),
                exp: NOW + 60
            })
        );
        let array = with(
            "aud",
            json!([
                "https://id.example/oauth2/introspect",
                "https://id.example/oauth2/token"
            ]),
        );
        assert!(verify(&array).is_ok());
        assert!(verify(&with("exp", json!(1_000_060.5))).is_ok());
    }

    #[test]
    fn each_claim_is_checked() {
        use ClientAssertionError as E;
        for (name, value, error) in [
            ("iss", json!("d"), E::Identity),
            ("sub", json!("d"), E::Identity),
            ("sub", Value::Null, E::Identity),
            ("aud", json!("https://id.example/"), E::Audience),
            ("aud", json!(["https://other.example"]), E::Audience),
            (
                "aud",
                json!(["https://id.example", "https://other.example"]),
                E::Audience,
            ),
            (
                "aud",
                json!(["https://id.example", "https://id.example.evil"]),
                E::Audience,
            ),
            (
                "aud",
                json!(["https://id.example/oauth2/introspect"]),
                E::Audience,
            ),
            ("aud", json!(["https://id.example", 1]), E::Audience),
            ("aud", json!([]), E::Audience),
            ("aud", Value::Null, E::Audience),
            ("exp", Value::Null, E::Expiry),
            ("exp", json!("soon"), E::Expiry),
            ("exp", json!(NOW - SKEW_S), E::Expiry),
            ("exp", json!(NOW + MAX_LIFETIME_S + SKEW_S + 1), E::Expiry),
            ("exp", json!(1e300), E::Expiry),
            ("nbf", json!(NOW + SKEW_S + 1), E::NotYet),
            ("iat", json!(NOW + SKEW_S + 1), E::NotYet),
            ("iat", json!("x"), E::NotYet),
            ("jti", Value::Null, E::Jti),
            ("jti", json!(""), E::Jti),
            ("jti", json!("j".repeat(MAX_JTI_BYTES + 1)), E::Jti),
        ] {
            assert_eq!(verify(&with(name, value.clone())), Err(error), "{name} {value}");
        }
    }

    #[test]
    fn times_hold_at_their_boundary() {
        assert!(verify(&with("exp", json!(NOW - SKEW_S + 1))).is_ok());
        assert!(verify(&with("exp", json!(NOW + MAX_LIFETIME_S + SKEW_S))).is_ok());
        assert!(verify(&with("nbf", json!(NOW + SKEW_S))).is_ok());
    }

    #[test]
    fn secret_and_key_assertions_are_not_interchangeable() {
        let secret = "s".repeat(43);
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        let encoding = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        let signed = jsonwebtoken::encode(&header, &good(), &encoding).unwrap();
        assert!(verify_client_secret_jwt(&signed, &secret, &expected()).is_ok());
        let wrong = verify_client_secret_jwt(&signed, &"t".repeat(43), &expected());
        assert_eq!(wrong, Err(ClientAssertionError::Token(JwtError::Signature)));
        let keys: JwkSet = SigningKey::generate(Algorithm::ES256)
            .unwrap()
            .verifying_key()
            .into_iter()
            .collect();
        let crossed = verify_private_key_jwt(&signed, &keys, &expected());
        assert_eq!(crossed, Err(ClientAssertionError::Token(JwtError::UnknownKey)));
        assert_eq!(
            verify_client_secret_jwt(&signed, "short", &expected()),
            Err(ClientAssertionError::Secret)
        );
        let pinned = Expected {
            alg: Some(Algorithm::ES256),
            ..expected()
        };
        assert_eq!(
            verify_client_secret_jwt(&signed, &secret, &pinned),
            Err(ClientAssertionError::Algorithm)
        );
    }

    proptest! {
        #[test]
        fn arbitrary_claims_never_panic_and_never_outlive_the_limit(
            name in proptest::sample::select(vec!["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]),
            number in any::<i64>(),
            fraction in any::<f64>(),
            text in ".{0,20}",
        ) {
            let header = crate::jose::Header { alg: Algorithm::ES256, typ: None, kid: None };
            for value in [json!(number), json!(fraction), json!(text), json!([text, number]), json!({ "x": text })] {
                let claims = with(name, value).as_object().unwrap().clone();
                let token = VerifiedJwt { header: header.clone(), claims };
                if let Ok(accepted) = check(&token, &expected()) {
                    prop_assert!(accepted.exp > NOW - SKEW_S && accepted.exp <= NOW + MAX_LIFETIME_S + SKEW_S);
                    prop_assert!(!accepted.jti.is_empty());
                }
            }
        }
    }
}
