//! JSON Web Signature, Key and Token (RFC 7515, 7517, 7518, 7519, 7638, 8037) on aws-lc-rs with keys parsed once.
//!
//! What it refuses: `none`, an algorithm other than the key's own, `crit`, unencoded payloads, padded or non-canonical
//! base64url, repeated JSON members, symmetric keys in a key set. What it ignores: `jku`, `x5u`, `jwk`, `x5c`: a token
//! never says which key proves it, it only names one of the keys that the caller chose.
//!
//! Reading order: `algorithm.rs`, `jwk.rs` (public keys), `signing.rs` (private keys), `verify.rs` (compact tokens).

mod algorithm;
mod jwk;
#[cfg(test)]
mod oracle;
mod signing;
mod verify;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use jwk::{Jwk, JwkSet, JwkSetError, MAX_JWK_SET_BYTES, VerifyingKey};
pub use signing::{SigningKey, SigningKeyError, TokenType};
pub use verify::{Header, JwtError, MAX_TOKEN_BYTES, UnverifiedJwt, VerifiedJwt, peek};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Strict base64url: no padding, no stray bits (RFC 7515 2).
fn b64_decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn b64_encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
