//! Sealing under a secret that only its bearer holds.
//!
//! The successor of a refresh token is kept sealed under a key derived from the token it replaced: a
//! stolen database reveals neither, and whoever presents the old token again can be given the same new one.

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use super::aead::{Aead, bind, expand};
use super::error::VaultError;

const SALT: &[u8] = b"authflow/under-secret/v1";
const INFO: &[u8] = b"authflow/under-secret/seal/v1";
const LABEL: &str = "authflow/under-secret/v1";

fn aead(secret: &[u8]) -> Result<Aead, VaultError> {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(secret);
    Aead::new(&*expand(&prk, &[INFO])?)
}

/// Seals `plaintext` under a key derived from `secret` (HKDF, RFC 5869), bound to `aad`.
///
/// `secret` must have at least 128 bits of entropy: a token's bytes, never a password.
///
/// # Errors
/// [`VaultError::Refused`] only.
pub fn seal_under_secret(secret: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::new();
    aead(secret)?.seal_onto(&mut out, &bind(LABEL, &[aad]), plaintext)?;
    Ok(out)
}

/// Opens what [`seal_under_secret`] made with the same secret and `aad`.
///
/// # Errors
/// [`VaultError::Tampered`] for another secret, another `aad` or altered bytes;
/// [`VaultError::UnknownFormat`] if a newer version wrote it.
pub fn open_under_secret(secret: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    aead(secret)?.open(&bind(LABEL, &[aad]), sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successor_opens_only_with_its_predecessor() {
        let sealed = seal_under_secret(b"old token", b"grant-1", b"new token").unwrap();
        assert_eq!(
            open_under_secret(b"old token", b"grant-1", &sealed)
                .unwrap()
                .as_slice(),
            b"new token"
        );
        assert_eq!(
            open_under_secret(b"old tokem", b"grant-1", &sealed),
            Err(VaultError::Tampered)
        );
        assert_eq!(
            open_under_secret(b"old token", b"grant-2", &sealed),
            Err(VaultError::Tampered)
        );
        assert_eq!(
            open_under_secret(b"old token", b"grant-1", b""),
            Err(VaultError::Tampered)
        );
        assert_eq!(
            open_under_secret(b"old token", b"grant-1", b"\x02"),
            Err(VaultError::UnknownFormat { found: 2 })
        );
    }

    #[test]
    fn plaintext_does_not_appear_in_the_sealed_value() {
        let sealed = seal_under_secret(b"old token", b"", b"new token").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"toke"));
    }
}
