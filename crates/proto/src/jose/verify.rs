//! Verification of compact tokens (RFC 7515 5.2, RFC 8725 3).

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Algorithm, JwkSet, VerifyingKey, b64_decode};
use crate::json::{JsonLimits, parse_object};

/// Longest token read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Most keys tried for a token that names none.
const MAX_TRIES: usize = 8;
const HEADER_LIMITS: JsonLimits = JsonLimits {
    bytes: 4 * 1024,
    depth: 4,
    nodes: 64,
};
const CLAIMS_LIMITS: JsonLimits = JsonLimits {
    bytes: MAX_TOKEN_BYTES,
    depth: 12,
    nodes: 2048,
};

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is too long")]
    TooLarge,
    /// Not three parts of strict base64url, or JSON that is broken or repeats a member.
    #[error("the token is malformed")]
    Malformed,
    /// `none`, or an algorithm that is not served.
    #[error("the token's algorithm is not allowed")]
    Algorithm,
    /// A critical header, and none is understood (RFC 7515 4.1.11).
    #[error("the token has a critical header that is not understood")]
    Critical,
    /// No key for the token's `kid` and algorithm. The key set may be stale.
    #[error("no key fits the token")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the token's signature is not valid")]
    Signature,
}

/// The header members that count. `jku`, `x5u`, `jwk`, `x5c` are not even kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Algorithm.
    pub alg: Algorithm,
    /// Token type.
    pub typ: Option<String>,
    /// Key id.
    pub kid: Option<String>,
}

/// A token whose signature is good.
///
/// # Security
/// Only the signature is proven. Issuer, audience, type and times are the caller's next step.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedJwt {
    /// The header.
    pub header: Header,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl VerifiedJwt {
    /// Reads the claims into a type.
    pub fn into_claims<T: DeserializeOwned>(self) -> Result<T, JwtError> {
        serde_json::from_value(Value::Object(self.claims)).map_err(|_| JwtError::Malformed)
    }
}

/// The parts of a token before anything is proven.
struct Parts<'t> {
    header: Header,
    signed: &'t [u8],
    payload: &'t str,
    signature: Vec<u8>,
}

impl JwkSet {
    /// Verifies a compact token with the key that fits its `kid` and algorithm.
    ///
    /// The algorithm is the key's: a token that names another is refused, whatever it says.
    pub fn verify(&self, token: &str) -> Result<VerifiedJwt, JwtError> {
        let parts = split(token)?;
        let kid = parts.header.kid.as_deref();
        let mut candidates = self
            .keys()
            .iter()
            .filter(|k| k.serves(parts.header.alg) && (kid.is_none() || k.kid().is_none() || k.kid() == kid))
            .take(MAX_TRIES)
            .peekable();
        if candidates.peek().is_none() {
            return Err(JwtError::UnknownKey);
        }
        if !candidates.any(|k| k.verify(parts.header.alg, parts.signed, &parts.signature)) {
            return Err(JwtError::Signature);
        }
        parts.proven()
    }
}

impl VerifyingKey {
    /// Verifies a compact token with this very key; the token's `kid` is not looked at.
    pub fn verify_token(&self, token: &str) -> Result<VerifiedJwt, JwtError> {
        let parts = split(token)?;
        if !self.serves(parts.header.alg) {
            return Err(JwtError::UnknownKey);
        }
        if !self.verify(parts.header.alg, parts.signed, &parts.signature) {
            return Err(JwtError::Signature);
        }
        parts.proven()
    }
}

/// Reads a token without verifying it.
///
/// # Security
/// Nothing is proven: use it only to find which client's or tenant's keys to verify with.
pub fn peek(token: &str) -> Result<UnverifiedJwt, JwtError> {
    let parts = split(token)?;
    let claims = claims(parts.payload)?;
    Ok(UnverifiedJwt {
        header: parts.header,
        claims,
    })
}

/// What [`peek`] read.
#[derive(Debug, Clone, PartialEq)]
pub struct UnverifiedJwt {
    /// The header, unproven.
    pub header: Header,
    /// The claims, unproven.
    pub claims: Map<String, Value>,
}

impl Parts<'_> {
    fn proven(self) -> Result<VerifiedJwt, JwtError> {
        Ok(VerifiedJwt {
            claims: claims(self.payload)?,
            header: self.header,
        })
    }
}

fn claims(payload: &str) -> Result<Map<String, Value>, JwtError> {
    let json = b64_decode(payload).ok_or(JwtError::Malformed)?;
    parse_object(&json, CLAIMS_LIMITS).map_err(|_| JwtError::Malformed)
}

fn split(token: &str) -> Result<Parts<'_>, JwtError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(JwtError::TooLarge);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, payload) = signed
        .split_once('.')
        .filter(|(_, p)| !p.contains('.'))
        .ok_or(JwtError::Malformed)?;
    let header = parse_header(header)?;
    let signature = b64_decode(signature).ok_or(JwtError::Malformed)?;
    Ok(Parts {
        header,
        signed: signed.as_bytes(),
        payload,
        signature,
    })
}

fn parse_header(encoded: &str) -> Result<Header, JwtError> {
    let json = b64_decode(encoded).ok_or(JwtError::Malformed)?;
    let mut header = parse_object(&json, HEADER_LIMITS).map_err(|_| JwtError::Malformed)?;
    if header.contains_key("crit") || header.get("b64").is_some_and(|b| b != &Value::Bool(true)) {
        return Err(JwtError::Critical);
    }
    let mut text = |name| match header.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtError::Malformed),
    };
    let alg = text("alg")?
        .ok_or(JwtError::Malformed)?
        .parse()
        .map_err(|_| JwtError::Algorithm)?;
    Ok(Header {
        alg,
        typ: text("typ")?,
        kid: text("kid")?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Jwk, SigningKey, TokenType, b64_encode};
    use super::*;

    fn token(header: &Value, payload: &str, signature: &str) -> String {
        format!(
            "{}.{}.{signature}",
            b64_encode(header.to_string()),
            b64_encode(payload)
        )
    }

    fn jwk(value: Value) -> Jwk {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn rfc_7515_a_1_hs256_vector_verifies() {
        let secret = b64_decode(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        )
        .unwrap();
        let token = concat!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        let verified = VerifyingKey::hs256(&secret).unwrap().verify_token(token).unwrap();
        assert_eq!(verified.claims["iss"], "joe");
    }

    #[test]
    fn rfc_7515_a_3_es256_vector_verifies() {
        let key = jwk(json!({"kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}));
        let token = concat!(
            "eyJhbGciOiJFUzI1NiJ9.",
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        );
        let verified = VerifyingKey::from_jwk(&key).unwrap().verify_token(token).unwrap();
        assert_eq!(verified.claims["exp"], 1_300_819_380);
    }

    #[test]
    fn unsigned_and_downgraded_tokens_are_refused() {
        let signer = SigningKey::generate(Algorithm::ES256).unwrap();
        let keys: JwkSet = signer.verifying_key().into_iter().collect();
        let payload = r#"{"sub":"mallory"}"#;
        for alg in ["none", "None", "NONE", "nOnE", "HS512", "ES384", ""] {
            let forged = token(&json!({"alg": alg, "kid": signer.kid()}), payload, "");
            assert_eq!(keys.verify(&forged), Err(JwtError::Algorithm), "{alg}");
        }
        // The classic: HMAC with the public key as the secret.
        for alg in ["HS256", "RS256", "PS256", "EdDSA"] {
            let forged = token(
                &json!({"alg": alg, "kid": signer.kid()}),
                payload,
                &b64_encode([0; 64]),
            );
            assert_eq!(keys.verify(&forged), Err(JwtError::UnknownKey), "{alg}");
        }
    }

    #[test]
    fn critical_headers_and_unencoded_payloads_are_refused() {
        let keys: JwkSet = SigningKey::generate(Algorithm::EdDSA)
            .unwrap()
            .verifying_key()
            .into_iter()
            .collect();
        for header in [
            json!({"alg": "EdDSA", "crit": ["exp"], "exp": 1}),
            json!({"alg": "EdDSA", "crit": []}),
            json!({"alg": "EdDSA", "crit": ["b64"], "b64": false}),
            json!({"alg": "EdDSA", "b64": false}),
            json!({"alg": "EdDSA", "b64": "false"}),
        ] {
            assert_eq!(
                keys.verify(&token(&header, "{}", "AA")),
                Err(JwtError::Critical),
                "{header}"
            );
        }
    }

    #[test]
    fn keys_carried_by_the_token_are_ignored() {
        let (ours, theirs) = (
            SigningKey::generate(Algorithm::EdDSA).unwrap(),
            SigningKey::generate(Algorithm::EdDSA).unwrap(),
        );
        let keys: JwkSet = ours.verifying_key().into_iter().collect();
        let signed = theirs
            .with_kid(ours.kid())
            .sign(TokenType::Jwt, &json!({"sub": "mallory"}))
            .unwrap();
        assert_eq!(keys.verify(&signed), Err(JwtError::Signature));
        let header = json!({"alg": "EdDSA", "jwk": ours.public_jwk(), "jku": "https://evil.example", "x5u": "https://evil.example",
            "x5c": ["AA"], "kid": "../../etc/passwd"});
        assert_eq!(
            keys.verify(&token(&header, "{}", &b64_encode([0; 64]))),
            Err(JwtError::UnknownKey)
        );
    }

    #[test]
    fn encoding_is_strict() {
        let signer = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let keys: JwkSet = signer.verifying_key().into_iter().collect();
        let good = signer.sign(TokenType::Jwt, &json!({"sub": "a"})).unwrap();
        assert!(keys.verify(&good).is_ok());
        for bad in [
            format!("{good}="),
            format!("{good}\n"),
            format!(" {good}"),
            format!("{good}."),
            format!("{good}.x"),
            good.replace('.', ".."),
            good.rsplit_once('.').unwrap().0.to_owned(),
            String::new(),
            "...".into(),
            "a.b.c".into(),
        ] {
            assert_eq!(keys.verify(&bad), Err(JwtError::Malformed), "{bad}");
        }
        assert_eq!(
            keys.verify(&"a".repeat(MAX_TOKEN_BYTES + 1)),
            Err(JwtError::TooLarge)
        );
    }

    #[test]
    fn repeated_members_are_refused_in_header_and_claims() {
        let signer = SigningKey::generate(Algorithm::EdDSA).unwrap();
        let keys: JwkSet = signer.verifying_key().into_iter().collect();
        let token = signer
            .sign_bytes(TokenType::Jwt, br#"{"sub":"a","sub":"b"}"#)
            .unwrap();
        assert_eq!(keys.verify(&token), Err(JwtError::Malformed));
        let header = b64_encode(r#"{"alg":"EdDSA","alg":"none"}"#);
        assert_eq!(keys.verify(&format!("{header}.e30.AA")), Err(JwtError::Malformed));
        for payload in [&b"[]"[..], b"1", b"", b"\xff"] {
            let token = signer.sign_bytes(TokenType::Jwt, payload).unwrap();
            assert_eq!(keys.verify(&token), Err(JwtError::Malformed));
        }
    }

    #[test]
    fn kid_selects_the_key_and_its_absence_tries_all() {
        let (a, b) = (
            SigningKey::generate(Algorithm::EdDSA).unwrap(),
            SigningKey::generate(Algorithm::EdDSA).unwrap(),
        );
        let keys: JwkSet = [a.verifying_key(), b.verifying_key()]
            .into_iter()
            .flatten()
            .collect();
        assert!(keys.verify(&b.sign(TokenType::Jwt, &json!({})).unwrap()).is_ok());
        let unknown = b.with_kid("other").sign(TokenType::Jwt, &json!({})).unwrap();
        assert_eq!(keys.verify(&unknown), Err(JwtError::UnknownKey));
    }

    proptest! {
        #[test]
        fn arbitrary_tokens_never_panic(text in "[A-Za-z0-9_.={}-]{0,120}") {
            let key = VerifyingKey::hs256(&[7; 32]).unwrap();
            let _ = key.verify_token(&text);
            let _ = peek(&text);
        }

        #[test]
        fn any_changed_character_breaks_the_token(at in 0usize..200, to in "[A-Za-z0-9_-]") {
            let signer = SigningKey::generate(Algorithm::EdDSA).unwrap();
            let keys: JwkSet = signer.verifying_key().into_iter().collect();
            let good = signer.sign(TokenType::Jwt, &json!({"sub": "alice", "aud": "https://api.example"})).unwrap();
            let at = at % good.len();
            let mut bad = good.clone();
            bad.replace_range(at..=at, &to);
            prop_assume!(bad != good);
            prop_assert!(keys.verify(&bad).is_err());
        }
    }
}
