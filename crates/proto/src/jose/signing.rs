//! Private keys and compact signing (RFC 7515 3.1, 5.1).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use aws_lc_rs::{encoding::AsDer as _, encoding::Pkcs8V1Der, signature::RsaEncoding};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Algorithm, Jwk, VerifyingKey, b64_encode};

/// Why a key could not be made, read or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// HS256 has no key pair.
    #[error("the algorithm has no key pair")]
    Symmetric,
    /// The PKCS#8 text is not a key of this algorithm.
    #[error("the private key is not a PKCS#8 key for its algorithm")]
    Pkcs8,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Crypto,
    /// The claims do not serialise to JSON.
    #[error("the claims do not serialise")]
    Claims,
}

/// What a token says it is, in its `typ` header: one kind is never taken for another (RFC 8725 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// `JWT`: ID tokens, userinfo answers.
    Jwt,
    /// `at+jwt`: access tokens (RFC 9068 2.1).
    AccessToken,
    /// `logout+jwt`: back-channel logout tokens (OIDC Back-Channel Logout 2.4).
    LogoutToken,
}

impl TokenType {
    const ALL: [Self; 3] = [Self::Jwt, Self::AccessToken, Self::LogoutToken];

    /// The `typ` header value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::AccessToken => "at+jwt",
            Self::LogoutToken => "logout+jwt",
        }
    }

    /// Whether a received `typ` names this type, with or without `application/`, whatever its case (RFC 7515 4.1.9).
    pub fn is(self, typ: &str) -> bool {
        let bare = match typ.split_at_checked(12) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        bare.eq_ignore_ascii_case(self.as_str())
    }
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A private key, parsed once, with its encoded headers ready. `Debug` shows its id and algorithm only.
pub struct SigningKey {
    alg: Algorithm,
    kid: String,
    pair: Pair,
    jwk: Jwk,
    /// `BASE64URL(header) + "."` per token type, in the order of [`TokenType::ALL`].
    headers: [Box<str>; 3],
}

impl SigningKey {
    /// Makes a key. RSA gets 2048 bits and takes about 80 ms: keep it off the request path.
    ///
    /// The randomness is the cryptographic library's own: a key must not come from a source that a test can seed.
    pub fn generate(alg: Algorithm) -> Result<Self, SigningKeyError> {
        let crypto = |_| SigningKeyError::Crypto;
        let pair = match alg {
            Algorithm::RS256 | Algorithm::PS256 => Pair::Rsa(
                RsaKeyPair::generate(KeySize::Rsa2048).map_err(crypto)?,
                rsa_encoding(alg),
            ),
            Algorithm::ES256 => {
                Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(crypto)?)
            }
            Algorithm::EdDSA => Pair::Ed25519(Ed25519KeyPair::generate().map_err(crypto)?),
            Algorithm::HS256 => return Err(SigningKeyError::Symmetric),
        };
        Self::assemble(alg, pair)
    }

    /// Reads a key that [`Self::to_pkcs8`] wrote, or any unencrypted PKCS#8 key of the algorithm.
    pub fn from_pkcs8(alg: Algorithm, der: &[u8]) -> Result<Self, SigningKeyError> {
        let rejected = |_| SigningKeyError::Pkcs8;
        let pair = match alg {
            Algorithm::RS256 | Algorithm::PS256 => {
                Pair::Rsa(RsaKeyPair::from_pkcs8(der).map_err(rejected)?, rsa_encoding(alg))
            }
            Algorithm::ES256 => {
                Pair::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(rejected)?)
            }
            Algorithm::EdDSA => Pair::Ed25519(Ed25519KeyPair::from_pkcs8(der).map_err(rejected)?),
            Algorithm::HS256 => return Err(SigningKeyError::Symmetric),
        };
        Self::assemble(alg, pair)
    }

    /// The private key as PKCS#8 DER, wiped on drop. Seal it before it is stored.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningKeyError> {
        let crypto = |_| SigningKeyError::Crypto;
        let der = match &self.pair {
            Pair::Rsa(pair, _) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(crypto)?;
                der.as_ref().to_vec()
            }
            Pair::P256(pair) => pair.to_pkcs8v1().map_err(crypto)?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8().map_err(crypto)?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(der))
    }

    /// Gives the key another id than its thumbprint.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = kid.into();
        self.jwk.kid = Some(self.kid.clone());
        self.headers = headers(self.alg, &self.kid);
        self
    }

    /// The key's algorithm.
    pub fn alg(&self) -> Algorithm {
        self.alg
    }

    /// The key's id: its RFC 7638 thumbprint unless [`Self::with_kid`] changed it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key with `kid`, `use` and `alg`, for the JWKS document.
    pub fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The public half, parsed for verification; `None` cannot happen for a key made here.
    pub fn verifying_key(&self) -> Option<VerifyingKey> {
        VerifyingKey::from_jwk(&self.jwk)
    }

    /// Signs claims as a compact JWS with the header `{alg, typ, kid}`.
    pub fn sign<C: Serialize + ?Sized>(&self, typ: TokenType, claims: &C) -> Result<String, SigningKeyError> {
        let mut json = Vec::with_capacity(512);
        serde_json::to_writer(&mut json, claims).map_err(|_| SigningKeyError::Claims)?;
        self.sign_bytes(typ, &json)
    }

    /// Signs a payload that is JSON already.
    pub fn sign_bytes(&self, typ: TokenType, payload: &[u8]) -> Result<String, SigningKeyError> {
        let header = match (&self.headers, typ) {
            ([jwt, _, _], TokenType::Jwt) => jwt,
            ([_, access, _], TokenType::AccessToken) => access,
            ([_, _, logout], TokenType::LogoutToken) => logout,
        };
        // One buffer for the whole token: header, payload, and at most 350 characters of signature (RSA-2048).
        let mut token = String::with_capacity(header.len() + payload.len().div_ceil(3) * 4 + 352);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), token.as_bytes(), &mut signature)
                    .map_err(|_| SigningKeyError::Crypto)?;
                push_signature(&mut token, &signature);
            }
            Pair::P256(pair) => {
                let signature = pair
                    .sign(&SystemRandom::new(), token.as_bytes())
                    .map_err(|_| SigningKeyError::Crypto)?;
                push_signature(&mut token, signature.as_ref());
            }
            Pair::Ed25519(pair) => {
                let signature = pair
                    .try_sign(token.as_bytes())
                    .map_err(|_| SigningKeyError::Crypto)?;
                push_signature(&mut token, signature.as_ref());
            }
        }
        Ok(token)
    }

    fn assemble(alg: Algorithm, pair: Pair) -> Result<Self, SigningKeyError> {
        let mut jwk = public_jwk(alg, &pair).ok_or(SigningKeyError::Crypto)?;
        let kid = jwk.thumbprint().ok_or(SigningKeyError::Crypto)?;
        jwk.kid = Some(kid.clone());
        Ok(Self {
            alg,
            headers: headers(alg, &kid),
            kid,
            pair,
            jwk,
        })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

fn push_signature(token: &mut String, signature: &[u8]) {
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, token);
}

fn headers(alg: Algorithm, kid: &str) -> [Box<str>; 3] {
    TokenType::ALL.map(|typ| {
        let header = serde_json::json!({ "alg": alg, "typ": typ.as_str(), "kid": kid });
        format!("{}.", b64_encode(header.to_string())).into()
    })
}

fn rsa_encoding(alg: Algorithm) -> &'static dyn RsaEncoding {
    if alg == Algorithm::PS256 {
        &RSA_PSS_SHA256
    } else {
        &RSA_PKCS1_SHA256
    }
}

fn public_jwk(alg: Algorithm, pair: &Pair) -> Option<Jwk> {
    let mut jwk = Jwk {
        kty: String::new(),
        usage: Some("sig".into()),
        alg: Some(alg.as_str().into()),
        kid: None,
        crv: None,
        x: None,
        y: None,
        n: None,
        e: None,
    };
    match pair {
        Pair::Rsa(pair, _) => {
            let (n, e) = rsa_components(pair.public_key().as_ref())?;
            jwk.kty = "RSA".into();
            (jwk.n, jwk.e) = (Some(b64_encode(n)), Some(b64_encode(e)));
        }
        Pair::P256(pair) => {
            // SEC 1 uncompressed point: 4, x, y.
            let (x, y) = pair
                .public_key()
                .as_ref()
                .strip_prefix(&[4])?
                .split_at_checked(32)?;
            jwk.kty = "EC".into();
            jwk.crv = Some("P-256".into());
            (jwk.x, jwk.y) = (Some(b64_encode(x)), Some(b64_encode(y)));
        }
        Pair::Ed25519(pair) => {
            jwk.kty = "OKP".into();
            jwk.crv = Some("Ed25519".into());
            jwk.x = Some(b64_encode(pair.public_key().as_ref()));
        }
    }
    Some(jwk)
}

/// Modulus and exponent of a DER `RSAPublicKey` (RFC 8017 A.1.1), without leading zeros.
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, rest) = der_value(0x30, der)?;
    let (n, after) = der_value(0x02, sequence)?;
    let (e, end) = der_value(0x02, after)?;
    if !rest.is_empty() || !end.is_empty() {
        return None;
    }
    Some((
        n.strip_prefix(&[0]).unwrap_or(n),
        e.strip_prefix(&[0]).unwrap_or(e),
    ))
}

/// Splits one DER element with this tag into its content and what follows.
pub(super) fn der_value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let (bytes, after) = rest
            .split_at_checked(usize::from(first & 0x7f))
            .filter(|(b, _)| b.len() <= 2)?;
        length = bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
        rest = after;
    }
    (found == tag).then_some(())?;
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::super::JwkSet;
    use super::*;
    use serde_json::json;

    #[test]
    fn every_algorithm_signs_what_its_own_public_key_verifies() {
        for alg in Algorithm::ASYMMETRIC {
            let key = SigningKey::generate(*alg).unwrap();
            let again = SigningKey::from_pkcs8(*alg, &key.to_pkcs8().unwrap()).unwrap();
            assert_eq!(key.public_jwk(), again.public_jwk());
            assert_eq!(key.kid(), key.public_jwk().thumbprint().unwrap());
            let token = again
                .sign(TokenType::AccessToken, &json!({"sub": "alice"}))
                .unwrap();
            let document = json!({ "keys": [key.public_jwk()] }).to_string();
            let verified = JwkSet::parse(document.as_bytes())
                .unwrap()
                .verify(&token)
                .unwrap();
            assert_eq!(verified.header.alg, *alg);
            assert_eq!(verified.header.kid.as_deref(), Some(key.kid()));
            assert_eq!(verified.header.typ.as_deref(), Some("at+jwt"));
            assert_eq!(verified.claims["sub"], "alice");
        }
        assert!(matches!(
            SigningKey::generate(Algorithm::HS256),
            Err(SigningKeyError::Symmetric)
        ));
    }

    #[test]
    fn rfc_8037_appendix_a_4_signature_is_reproduced() {
        let seed = super::super::b64_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = pair.sign(message.as_bytes());
        assert_eq!(
            b64_encode(signature.as_ref()),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn key_of_another_algorithm_is_not_read() {
        let ed = SigningKey::generate(Algorithm::EdDSA)
            .unwrap()
            .to_pkcs8()
            .unwrap();
        for alg in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256] {
            assert!(matches!(
                SigningKey::from_pkcs8(alg, &ed),
                Err(SigningKeyError::Pkcs8)
            ));
        }
        for bad in [&[][..], &[0x30], &ed[..20]] {
            assert!(matches!(
                SigningKey::from_pkcs8(Algorithm::EdDSA, bad),
                Err(SigningKeyError::Pkcs8)
            ));
        }
    }

    #[test]
    fn debug_shows_no_key_material() {
        let key = SigningKey::generate(Algorithm::EdDSA).unwrap().with_kid("k1");
        assert_eq!(format!("{key:?}"), "SigningKey { alg: EdDSA, kid: \"k1\", .. }");
        assert_eq!(key.public_jwk().kid.as_deref(), Some("k1"));
    }

    #[test]
    fn token_types_are_told_apart() {
        assert!(TokenType::AccessToken.is("at+jwt"));
        assert!(TokenType::AccessToken.is("application/AT+JWT"));
        assert!(!TokenType::AccessToken.is("JWT"));
        assert!(!TokenType::Jwt.is("at+jwt"));
        assert!(!TokenType::Jwt.is(""));
    }
}
