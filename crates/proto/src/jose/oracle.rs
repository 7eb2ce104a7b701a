//! The same tokens through another library, in both directions, and the RS256 vector of RFC 7515.

use jsonwebtoken as oracle;
use serde_json::{Value, json};

use super::signing::der_value;
use super::{Algorithm, Jwk, JwkSet, JwtError, SigningKey, TokenType, VerifyingKey};

fn their_alg(alg: Algorithm) -> oracle::Algorithm {
    alg.as_str().parse().unwrap()
}

/// A private key in the form that the other library reads: PKCS#1 inside the PKCS#8 for RSA.
fn their_key(key: &SigningKey) -> oracle::EncodingKey {
    let der = key.to_pkcs8().unwrap();
    match key.alg() {
        Algorithm::ES256 => oracle::EncodingKey::from_ec_der(&der),
        Algorithm::EdDSA => oracle::EncodingKey::from_ed_der(&der),
        _ => {
            let (info, _) = der_value(0x30, &der).unwrap();
            let (_, after_version) = der_value(0x02, info).unwrap();
            let (_, after_algorithm) = der_value(0x30, after_version).unwrap();
            oracle::EncodingKey::from_rsa_der(der_value(0x04, after_algorithm).unwrap().0)
        }
    }
}

#[test]
fn another_library_verifies_what_is_signed_here_with_the_published_key() {
    for alg in Algorithm::ASYMMETRIC {
        let key = SigningKey::generate(*alg).unwrap();
        let published = serde_json::to_value(key.public_jwk()).unwrap();
        let their_jwk: oracle::jwk::Jwk = serde_json::from_value(published).unwrap();
        let claims = json!({"sub": "alice", "exp": 32_503_680_000_u64, "text": "\u{e9}\u{1f511}"});
        let token = key.sign(TokenType::AccessToken, &claims).unwrap();
        let mut validation = oracle::Validation::new(their_alg(*alg));
        validation.validate_aud = false;
        let decoding = oracle::DecodingKey::from_jwk(&their_jwk).unwrap();
        let read = oracle::decode::<Value>(&token, &decoding, &validation).unwrap();
        assert_eq!(read.claims, claims, "{alg}");
        assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
    }
}

#[test]
fn what_another_library_signs_verifies_here_under_its_own_algorithm_only() {
    let keys: Vec<SigningKey> = Algorithm::ASYMMETRIC
        .iter()
        .map(|a| SigningKey::generate(*a).unwrap())
        .collect();
    let set: JwkSet = keys.iter().filter_map(SigningKey::verifying_key).collect();
    for key in &keys {
        let mut header = oracle::Header::new(their_alg(key.alg()));
        header.kid = Some(key.kid().to_owned());
        let token = oracle::encode(&header, &json!({"sub": "alice"}), &their_key(key)).unwrap();
        assert_eq!(set.verify(&token).unwrap().claims["sub"], "alice");
        for other in keys.iter().filter(|k| k.alg() != key.alg()) {
            let alone = other.verifying_key().unwrap();
            assert_eq!(alone.verify_token(&token), Err(JwtError::UnknownKey));
        }
    }
}

#[test]
fn rsa_key_that_names_no_algorithm_serves_both_and_no_hmac() {
    let key = SigningKey::generate(Algorithm::PS256).unwrap();
    let unpinned = VerifyingKey::from_jwk(&Jwk {
        alg: None,
        kid: None,
        ..key.public_jwk().clone()
    })
    .unwrap();
    assert!(unpinned.serves(Algorithm::RS256) && unpinned.serves(Algorithm::PS256));
    assert!(!unpinned.serves(Algorithm::HS256) && !unpinned.serves(Algorithm::ES256));
    assert!(
        unpinned
            .verify_token(&key.sign(TokenType::Jwt, &json!({})).unwrap())
            .is_ok()
    );
    // The public key as an HMAC secret, in the spellings that attackers try.
    let published = serde_json::to_string(key.public_jwk()).unwrap();
    for secret in [published.as_str(), key.public_jwk().n.as_deref().unwrap()] {
        let header = oracle::Header::new(oracle::Algorithm::HS256);
        let forged = oracle::encode(
            &header,
            &json!({}),
            &oracle::EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap();
        assert_eq!(unpinned.verify_token(&forged), Err(JwtError::UnknownKey));
    }
}

#[test]
fn rfc_7515_a_2_rs256_vector_verifies() {
    let jwk: Jwk = serde_json::from_value(json!({"kty": "RSA", "e": "AQAB", "n": concat!(
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs",
        "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV",
        "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ")}))
    .unwrap();
    let token = concat!(
        "eyJhbGciOiJSUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb",
        "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES",
        "c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    assert_eq!(
        VerifyingKey::from_jwk(&jwk)
            .unwrap()
            .verify_token(token)
            .unwrap()
            .claims["iss"],
        "joe"
    );
}
