//! A tenant's data key: seals column values and derives sub-keys.

use std::fmt;

use authflow_types::Rng;
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use super::aead::{Aead, Key32, bind, expand};
use super::error::VaultError;

const COLUMN_LABEL: &str = "authflow/column/v1";
const SEAL_INFO: &[u8] = b"authflow/data-key/seal/v1";
const DERIVE_INFO: &[u8] = b"authflow/data-key/derive/v1";

/// Which record and column a sealed value belongs to.
///
/// Part of what is authenticated: a value copied to another kind, id or column does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext<'a> {
    kind: &'a str,
    id: &'a [u8],
    column: &'a str,
}

impl<'a> SealContext<'a> {
    /// `kind` names the table or record kind, `id` is the row's id as stored, `column` the column.
    ///
    /// All three are part of the stored format: renaming one makes old values unreadable.
    pub const fn new(kind: &'a str, id: &'a [u8], column: &'a str) -> Self {
        Self { kind, id, column }
    }

    fn aad(&self) -> Vec<u8> {
        bind(
            COLUMN_LABEL,
            &[self.kind.as_bytes(), self.id, self.column.as_bytes()],
        )
    }
}

/// A tenant's data key, unwrapped. Made by [`MasterKeys`](super::MasterKeys).
///
/// The root bytes never encrypt anything themselves: sealing and every derived key have their own
/// HKDF label (RFC 5869 3.2), so that one use can never open what another produced.
pub struct DataKey {
    root: Key32,
    prk: hkdf::Prk,
    aead: Aead,
}

impl DataKey {
    /// A new random data key. Wrap and store it before sealing anything with it.
    ///
    /// # Errors
    /// [`VaultError::Refused`] only.
    pub fn generate(rng: &dyn Rng) -> Result<Self, VaultError> {
        let mut root = Zeroizing::new([0; 32]);
        rng.fill(&mut *root);
        Self::from_root(root)
    }

    pub(super) fn from_root(root: Key32) -> Result<Self, VaultError> {
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &*root);
        let aead = Aead::new(&*expand(&prk, &[SEAL_INFO])?)?;
        Ok(Self { root, prk, aead })
    }

    pub(super) fn root(&self) -> &[u8; 32] {
        &self.root
    }

    /// Seals `plaintext` for one column of one record; the result is 29 bytes longer.
    ///
    /// # Errors
    /// [`VaultError::Refused`] only.
    pub fn seal(&self, context: SealContext<'_>, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut out = Vec::new();
        self.aead.seal_onto(&mut out, &context.aad(), plaintext)?;
        Ok(out)
    }

    /// Opens what [`seal`](Self::seal) made for the same context.
    ///
    /// # Errors
    /// [`VaultError::Tampered`] if it was altered, or sealed for another record or under another key;
    /// [`VaultError::UnknownFormat`] if a newer version wrote it.
    pub fn open(&self, context: SealContext<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.aead.open(&context.aad(), sealed)
    }

    /// The sub-key named `label`: the same for the same data key and label, unrelated to every other.
    ///
    /// # Errors
    /// [`VaultError::Refused`] only.
    pub fn derive(&self, label: &str) -> Result<SubKey, VaultError> {
        let bytes = expand(&self.prk, &[DERIVE_INFO, label.as_bytes()])?;
        let mac = hmac::Key::new(hmac::HMAC_SHA256, &*bytes);
        Ok(SubKey { bytes, mac })
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

/// 32 derived bytes for one purpose, with HMAC-SHA-256 at hand.
pub struct SubKey {
    bytes: Key32,
    mac: hmac::Key,
}

impl SubKey {
    /// The bytes themselves, for use as a salt or key of another algorithm.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// HMAC-SHA-256 over `parts`, each preceded by its length, so that parts cannot run into each other.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.mac);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// Whether `tag` is [`mac`](Self::mac) of `parts`, compared in constant time.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.mac(parts), tag).is_ok()
    }
}

impl fmt::Debug for SubKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use authflow_types::SystemRng;

    use super::*;

    const HERE: SealContext<'_> = SealContext::new("credential", b"id-1", "seed");

    fn key() -> DataKey {
        DataKey::generate(&SystemRng::default()).unwrap()
    }

    #[test]
    fn sealed_value_opens_only_where_it_was_sealed() {
        let key = key();
        let sealed = key.seal(HERE, b"secret").unwrap();
        assert_eq!(sealed.len(), 6 + 29);
        assert_eq!(key.open(HERE, &sealed).unwrap().as_slice(), b"secret");
        for elsewhere in [
            SealContext::new("credential", b"id-2", "seed"),
            SealContext::new("credential", b"id-1", "other"),
            SealContext::new("client", b"id-1", "seed"),
            SealContext::new("credentiali", b"d-1", "seed"),
            SealContext::new("credential", b"id-1seed", ""),
        ] {
            assert_eq!(
                key.open(elsewhere, &sealed),
                Err(VaultError::Tampered),
                "{elsewhere:?}"
            );
        }
        assert_eq!(super::tests::key().open(HERE, &sealed), Err(VaultError::Tampered));
    }

    #[test]
    fn empty_and_large_values_survive() {
        let key = key();
        for size in [0, 1, 15, 16, 17, 100_000] {
            let plain = vec![7; size];
            let sealed = key.seal(HERE, &plain).unwrap();
            assert_eq!(*key.open(HERE, &sealed).unwrap(), plain);
        }
    }

    #[test]
    fn equal_values_seal_differently() {
        let key = key();
        assert_ne!(key.seal(HERE, b"same").unwrap(), key.seal(HERE, b"same").unwrap());
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_noticed() {
        let key = key();
        let sealed = key.seal(HERE, b"secret").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let expected = if bit < 8 {
                VaultError::UnknownFormat { found: bad[0] }
            } else {
                VaultError::Tampered
            };
            assert_eq!(key.open(HERE, &bad), Err(expected), "bit {bit}");
        }
        for len in 0..sealed.len() {
            assert_eq!(
                key.open(HERE, &sealed[..len]),
                Err(VaultError::Tampered),
                "length {len}"
            );
        }
        let mut longer = sealed;
        longer.push(0);
        assert_eq!(key.open(HERE, &longer), Err(VaultError::Tampered));
    }

    #[test]
    fn sub_keys_are_stable_and_unrelated() {
        let root = Zeroizing::new([9; 32]);
        let (one, two) = (
            DataKey::from_root(root.clone()).unwrap(),
            DataKey::from_root(root).unwrap(),
        );
        assert_eq!(
            one.derive("csrf").unwrap().as_bytes(),
            two.derive("csrf").unwrap().as_bytes()
        );
        assert_ne!(
            one.derive("csrf").unwrap().as_bytes(),
            one.derive("pairwise").unwrap().as_bytes()
        );
        assert_ne!(one.derive("csrf").unwrap().as_bytes(), &[9; 32]);
        assert_ne!(
            one.derive("csrf").unwrap().as_bytes(),
            key().derive("csrf").unwrap().as_bytes()
        );
    }

    #[test]
    fn macs_bind_the_boundaries_between_parts() {
        let key = key().derive("csrf").unwrap();
        let tag = key.mac(&[b"ab", b"c"]);
        assert!(key.verify(&[b"ab", b"c"], &tag));
        assert!(!key.verify(&[b"a", b"bc"], &tag));
        assert!(!key.verify(&[b"abc"], &tag));
        assert!(!key.verify(&[b"ab", b"c"], &tag[..31]));
        assert!(!key.verify(&[b"ab", b"c"], b""));
    }

    #[test]
    fn debug_output_shows_no_key() {
        let key = key();
        assert_eq!(
            format!("{key:?} {:?}", key.derive("x").unwrap()),
            "DataKey(..) SubKey(..)"
        );
    }

    #[test]
    fn derivation_is_hkdf_expand_as_published() {
        // Computed with Python: hmac.new(root, b"authflow/data-key/derive/v1" + b"csrf" + b"\x01", sha256).
        let key = DataKey::from_root(Zeroizing::new([9; 32])).unwrap();
        let expected = "5665de35f89ef0a347bd1d73b2a3a7cef3a4ef3142028047f12834a6846c7a23";
        let derived = key.derive("csrf").unwrap();
        let value = |half: &[u8]| u128::from_be_bytes(half.try_into().unwrap());
        let (high, low) = derived.as_bytes().split_at(16);
        assert_eq!(format!("{:032x}{:032x}", value(high), value(low)), expected);
    }
}
