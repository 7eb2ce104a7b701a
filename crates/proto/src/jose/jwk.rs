//! Public keys: one JWK, a set of them, and the parsed form that verifies (RFC 7517, RFC 7518 6, RFC 8037 2).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use aws_lc_rs::{digest, hmac};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Algorithm, b64_decode, b64_encode};
use crate::json::{JsonLimits, parse_object};

/// Longest key set read, in bytes.
pub const MAX_JWK_SET_BYTES: usize = 128 * 1024;
/// Most keys of a set that are looked at.
const MAX_KEYS: usize = 64;
const MAX_KID_BYTES: usize = 256;
const LIMITS: JsonLimits = JsonLimits {
    bytes: MAX_JWK_SET_BYTES,
    depth: 6,
    nodes: 4096,
};

/// A public JSON Web Key as it is published (RFC 7517 4). It has no room for private members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Key type.
    pub kty: String,
    /// What the key is for: `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The algorithm it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// Key id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Curve of an EC or OKP key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// First coordinate, or the Ed25519 key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// RSA modulus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA exponent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}

impl Jwk {
    /// The SHA-256 thumbprint, base64url (RFC 7638 3); `None` for a key type that is not served.
    pub fn thumbprint(&self) -> Option<String> {
        let member = |name: &str, value: &Option<String>| {
            let value = value.as_deref()?;
            // Base64url and curve names need no JSON escape; anything else is no key of ours.
            let plain = value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            plain.then(|| format!("\"{name}\":\"{value}\""))
        };
        let (crv, x, y) = (
            member("crv", &self.crv),
            member("x", &self.x),
            member("y", &self.y),
        );
        let canonical = match self.kty.as_str() {
            "RSA" => format!(
                "{{{},\"kty\":\"RSA\",{}}}",
                member("e", &self.e)?,
                member("n", &self.n)?
            ),
            "EC" => format!("{{{},\"kty\":\"EC\",{},{}}}", crv?, x?, y?),
            "OKP" => format!("{{{},\"kty\":\"OKP\",{}}}", crv?, x?),
            _ => return None,
        };
        Some(b64_encode(digest::digest(&digest::SHA256, canonical.as_bytes())))
    }
}

/// A key that verifies, parsed once.
///
/// INVARIANT: it holds either public keys, each with its asymmetric algorithm, or one HMAC key: a public key can never be
/// used as an HMAC secret.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    kid: Option<String>,
    material: Vec<(Algorithm, Material)>,
}

#[derive(Debug, Clone)]
enum Material {
    Public(ParsedPublicKey),
    Hmac(Box<hmac::Key>),
}

impl VerifyingKey {
    /// Parses a public JWK; `None` when it is not usable for verification here.
    ///
    /// RSA of 2048 to 8192 bits, EC on P-256, OKP with Ed25519. An RSA key that names no `alg` serves RS256 and PS256.
    pub fn from_jwk(jwk: &Jwk) -> Option<Self> {
        if jwk.usage.as_deref().is_some_and(|u| u != "sig")
            || jwk.kid.as_ref().is_some_and(|k| k.len() > MAX_KID_BYTES)
        {
            return None;
        }
        let pinned = jwk.alg.as_deref().map(str::parse::<Algorithm>).transpose().ok()?;
        let mut material = Vec::new();
        for alg in Algorithm::ASYMMETRIC
            .iter()
            .copied()
            .filter(|a| pinned.is_none_or(|p| p == *a))
        {
            if let Some(key) = public_key(jwk, alg) {
                material.push((alg, Material::Public(key)));
            }
        }
        (!material.is_empty()).then(|| Self {
            kid: jwk.kid.clone(),
            material,
        })
    }

    /// An HS256 key for `client_secret_jwt`; `None` when the secret has fewer than 32 bytes (RFC 7518 3.2).
    pub fn hs256(secret: &[u8]) -> Option<Self> {
        (secret.len() >= 32).then(|| Self {
            kid: None,
            material: vec![(
                Algorithm::HS256,
                Material::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret))),
            )],
        })
    }

    /// The key's id.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the key may be used with this algorithm.
    pub fn serves(&self, alg: Algorithm) -> bool {
        self.material.iter().any(|(a, _)| *a == alg)
    }

    /// Whether `signature` is this key's over `message` under `alg`; false when the key is not for `alg`.
    pub fn verify(&self, alg: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.material
            .iter()
            .filter(|(a, _)| *a == alg)
            .any(|(_, material)| match material {
                Material::Public(key) => key.verify_sig(message, signature).is_ok(),
                Material::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            })
    }
}

fn public_key(jwk: &Jwk, alg: Algorithm) -> Option<ParsedPublicKey> {
    let field = |value: &Option<String>| value.as_deref().and_then(b64_decode);
    match (jwk.kty.as_str(), alg) {
        ("RSA", Algorithm::RS256 | Algorithm::PS256) => {
            let (n, e) = (field(&jwk.n)?, field(&jwk.e)?);
            let bits = n
                .len()
                .checked_mul(8)?
                .checked_sub(n.first()?.leading_zeros() as usize)?;
            if !(2048..=8192).contains(&bits) || e.len() > 4 || e.first() == Some(&0) || n.first() == Some(&0)
            {
                return None;
            }
            let params = if alg == Algorithm::RS256 {
                &RSA_PKCS1_2048_8192_SHA256
            } else {
                &RSA_PSS_2048_8192_SHA256
            };
            RsaPublicKeyComponents { n, e }.to_parsed_public_key(params).ok()
        }
        ("EC", Algorithm::ES256) if jwk.crv.as_deref() == Some("P-256") => {
            let (x, y) = (field(&jwk.x)?, field(&jwk.y)?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
        }
        ("OKP", Algorithm::EdDSA) if jwk.crv.as_deref() == Some("Ed25519") => {
            let x = field(&jwk.x)?;
            if x.len() != 32 {
                return None;
            }
            ParsedPublicKey::new(&ED25519, x).ok()
        }
        _ => None,
    }
}

/// Why a key set was refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not a JSON object with a `keys` array (RFC 7517 5), too long or too deep.
    #[error("the key set is not a JSON object with a `keys` array of at most {MAX_JWK_SET_BYTES} bytes")]
    Malformed,
    /// A key with private or symmetric material: it is compromised by being here.
    #[error("the key set holds private key material")]
    PrivateKey,
    /// No key that can verify here.
    #[error("the key set holds no usable signature key")]
    NoUsableKey,
}

/// Parsed verification keys. Unusable keys of the document are ignored (RFC 7517 5).
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<VerifyingKey>,
}

impl JwkSet {
    /// Parses a JWK set document.
    pub fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        let document = parse_object(json, LIMITS).map_err(|_| JwkSetError::Malformed)?;
        Self::from_object(&document)
    }

    /// Reads a JWK set that is a JSON value already, such as the `jwks` of client metadata.
    pub fn from_object(document: &Map<String, Value>) -> Result<Self, JwkSetError> {
        let Some(Value::Array(entries)) = document.get("keys") else {
            return Err(JwkSetError::Malformed);
        };
        let mut keys = Vec::new();
        for entry in entries.iter().take(MAX_KEYS) {
            let Value::Object(members) = entry else {
                return Err(JwkSetError::Malformed);
            };
            if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
                .iter()
                .any(|m| members.contains_key(*m))
            {
                return Err(JwkSetError::PrivateKey);
            }
            keys.extend(usable(members));
        }
        if keys.is_empty() {
            Err(JwkSetError::NoUsableKey)
        } else {
            Ok(Self { keys })
        }
    }

    /// The usable keys.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Whether a key with this id is there: if not, the document may be stale.
    pub fn contains_kid(&self, kid: &str) -> bool {
        self.keys.iter().any(|k| k.kid() == Some(kid))
    }
}

impl FromIterator<VerifyingKey> for JwkSet {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self {
            keys: keys.into_iter().collect(),
        }
    }
}

fn usable(members: &Map<String, Value>) -> Option<VerifyingKey> {
    if let Some(operations) = members.get("key_ops") {
        let verifies = operations.as_array()?.iter().any(|o| o == "verify");
        if !verifies {
            return None;
        }
    }
    let jwk: Jwk = serde_json::from_value(Value::Object(members.clone())).ok()?;
    VerifyingKey::from_jwk(&jwk)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rfc_7638_key() -> Value {
        json!({"kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB", "n": concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs",
            "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI",
            "SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")})
    }

    fn rfc_8037_key() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    fn set(keys: &[Value]) -> Result<JwkSet, JwkSetError> {
        JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn thumbprints_match_rfc_7638_and_rfc_8037() {
        let thumbprint = |v| serde_json::from_value::<Jwk>(v).unwrap().thumbprint().unwrap();
        assert_eq!(
            thumbprint(rfc_7638_key()),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        assert_eq!(
            thumbprint(rfc_8037_key()),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn unusable_keys_are_ignored_beside_a_usable_one() {
        let keys = [
            rfc_7638_key(),
            json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
            json!({"kty": "RSA", "use": "enc", "n": rfc_7638_key()["n"], "e": "AQAB"}),
            json!({"kty": "RSA", "alg": "RSA-OAEP", "n": rfc_7638_key()["n"], "e": "AQAB"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "OKP", "crv": "X25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
            json!({"kty": "quantum"}),
            json!({"kty": "RSA", "alg": "ES256", "n": rfc_7638_key()["n"], "e": "AQAB"}),
            json!({"kty": "OKP", "crv": "Ed25519", "key_ops": ["sign"], "x": rfc_8037_key()["x"]}),
        ];
        let parsed = set(&keys).unwrap();
        assert_eq!(parsed.keys().len(), 1);
        assert!(parsed.contains_kid("2011-04-29"));
        assert!(parsed.keys()[0].serves(Algorithm::RS256) && !parsed.keys()[0].serves(Algorithm::PS256));
        assert_eq!(set(&keys[1..]).unwrap_err(), JwkSetError::NoUsableKey);
    }

    #[test]
    fn point_off_the_curve_is_not_a_key() {
        let off = b64_encode([7; 32]);
        let key = json!({"kty": "EC", "crv": "P-256", "x": off, "y": off});
        assert_eq!(set(&[key]).unwrap_err(), JwkSetError::NoUsableKey);
    }

    #[test]
    fn private_and_symmetric_keys_are_refused_aloud() {
        let mut private = rfc_8037_key();
        private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        assert_eq!(set(&[private]).unwrap_err(), JwkSetError::PrivateKey);
        assert_eq!(
            set(&[json!({"kty": "oct", "k": "AAAA"})]).unwrap_err(),
            JwkSetError::PrivateKey
        );
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[1]}"#,
            r#"{"keys":[],"keys":[]}"#,
        ] {
            assert_eq!(
                JwkSet::parse(text.as_bytes()).unwrap_err(),
                JwkSetError::Malformed,
                "{text}"
            );
        }
    }

    #[test]
    fn short_hmac_secret_is_refused() {
        assert!(VerifyingKey::hs256(&[1; 31]).is_none());
        assert!(VerifyingKey::hs256(&[1; 32]).is_some());
    }

    proptest! {
        #[test]
        fn arbitrary_keys_never_panic(kty in "RSA|EC|OKP|oct", n in "[A-Za-z0-9_-]{0,400}", e in "[A-Za-z0-9_=-]{0,6}") {
            let key = json!({"kty": kty, "n": n, "e": e, "x": e, "y": n, "crv": "P-256"});
            let _ = set(&[key]);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = JwkSet::parse(&bytes);
        }
    }
}
