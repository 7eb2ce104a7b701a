//! JWTs taken apart, and made by hand for attacks.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of a JWT, unproven.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWT, unproven.
pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// Header and claims without a signature: `header.claims`.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// Header and claims with a MAC under `key`.
pub fn hs256(header: &Value, claims: &Value, key: &[u8]) -> String {
    let signed = unsigned(header, claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// The token with another header and the old signature.
pub fn with_header(token: &str, header: &Value) -> String {
    let signature = token.rsplit('.').next().unwrap();
    format!("{}.{signature}", unsigned(header, &claims(token)))
}

/// The token with one character of its signature changed.
pub fn tampered(token: &str) -> String {
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{rest}.{first}{}", &signature[1..])
}
