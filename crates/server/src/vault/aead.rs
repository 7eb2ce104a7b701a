//! The layout of every sealed value: `format (1) | nonce (12) | ciphertext | tag (16)`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use super::error::VaultError;

/// The only format so far: AES-256-GCM, random 96-bit nonce.
const FORMAT: u8 = 1;
const TAG_LEN: usize = 16;
const HEADER_LEN: usize = 1 + NONCE_LEN;

/// How many bytes sealing adds.
pub(super) const OVERHEAD: usize = HEADER_LEN + TAG_LEN;

/// 32 bytes of key, wiped when dropped.
pub(super) type Key32 = Zeroizing<[u8; 32]>;

/// An AES-256-GCM key ready for use.
pub(super) struct Aead(RandomizedNonceKey);

impl Aead {
    pub(super) fn new(key: &[u8; 32]) -> Result<Self, VaultError> {
        RandomizedNonceKey::new(&AES_256_GCM, key)
            .map(Self)
            .map_err(|_| VaultError::Refused)
    }

    /// Appends the sealed `plaintext` to `out`.
    pub(super) fn seal_onto(
        &self,
        out: &mut Vec<u8>,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<(), VaultError> {
        let start = out.len();
        out.reserve(OVERHEAD + plaintext.len());
        out.push(FORMAT);
        out.extend_from_slice(&[0; NONCE_LEN]);
        out.extend_from_slice(plaintext);
        let body = out.get_mut(start + HEADER_LEN..).unwrap_or_default();
        let Ok((nonce, tag)) = self.0.seal_in_place_separate_tag(Aad::from(aad), body) else {
            out.truncate(start);
            return Err(VaultError::Refused);
        };
        if let Some(slot) = out.get_mut(start + 1..start + HEADER_LEN) {
            slot.copy_from_slice(nonce.as_ref());
        }
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens a sealed value.
    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (&format, rest) = sealed.split_first().ok_or(VaultError::Tampered)?;
        if format != FORMAT {
            return Err(VaultError::UnknownFormat { found: format });
        }
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(VaultError::Tampered)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Tampered)?;
        let mut buffer = Zeroizing::new(body.to_vec());
        let len = self
            .0
            .open_in_place(nonce, Aad::from(aad), &mut buffer)
            .map_err(|_| VaultError::Tampered)?
            .len();
        buffer.truncate(len);
        Ok(buffer)
    }
}

/// Additional data that no other list of parts can produce: each part is preceded by its length.
pub(super) fn bind(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let size = parts.iter().map(|part| part.len() + 8).sum::<usize>();
    let mut aad = Vec::with_capacity(label.len() + 8 + size);
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad
}

struct Len32;

impl hkdf::KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

/// HKDF-Expand to 32 bytes (RFC 5869 2.3).
pub(super) fn expand(prk: &hkdf::Prk, info: &[&[u8]]) -> Result<Key32, VaultError> {
    let mut key = Zeroizing::new([0; 32]);
    prk.expand(info, Len32)
        .and_then(|okm| okm.fill(&mut *key))
        .map_err(|_| VaultError::Refused)?;
    Ok(key)
}
