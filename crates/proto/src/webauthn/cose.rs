//! Credential public keys: COSE keys (RFC 9052 7, RFC 9053 2, RFC 8230 4) as WebAuthn L3 5.8.5 narrows them.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::cbor::{CborError, Item};

/// A signature algorithm that credentials may use (IANA "COSE Algorithms").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoseAlgorithm {
    /// ECDSA with SHA-256 on P-256.
    Es256,
    /// ECDSA with SHA-384 on P-384.
    Es384,
    /// ECDSA with SHA-512 on P-521.
    Es512,
    /// `EdDSA` on Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl CoseAlgorithm {
    /// Every algorithm, in the order that a relying party prefers them.
    pub const ALL: &'static [Self] = &[Self::Es256, Self::EdDsa, Self::Rs256, Self::Es384, Self::Es512];

    /// Its number in the registry.
    pub fn id(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Es384 => -35,
            Self::Es512 => -36,
            Self::Rs256 => -257,
        }
    }

    /// The algorithm with a number; `None` for those that are not verified here.
    pub fn from_id(id: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.id() == id)
    }

    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &signature::ECDSA_P256_SHA256_ASN1,
            Self::Es384 => &signature::ECDSA_P384_SHA384_ASN1,
            Self::Es512 => &signature::ECDSA_P521_SHA512_ASN1,
            Self::EdDsa => &signature::ED25519,
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// Why a credential public key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A member that the key type needs is missing or of another kind.
    #[error("the credential public key lacks a member or has one of the wrong kind")]
    Malformed,
    /// Key type, curve and algorithm do not belong together, or are not supported.
    #[error("the algorithm of the credential public key is not supported")]
    Unsupported,
    /// A compressed point, or coordinates of the wrong length (WebAuthn L3 5.8.5).
    #[error("the credential public key is not an uncompressed point of its curve")]
    Point,
}

/// A credential public key: what verifies assertions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: CoseAlgorithm,
    key: Key,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    /// `0x04 || x || y`.
    Point(Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a COSE key that is all of `cose`.
    pub fn parse(cose: &[u8]) -> Result<Self, KeyError> {
        Self::from_item(&Item::read(cose)?)
    }

    pub(crate) fn from_item(item: &Item<'_>) -> Result<Self, KeyError> {
        let int = |key| item.at(key).and_then(Item::int).ok_or(KeyError::Malformed);
        let bytes = |key| item.at(key).and_then(Item::bytes).ok_or(KeyError::Malformed);
        let algorithm = CoseAlgorithm::from_id(int(3)?).ok_or(KeyError::Unsupported)?;
        let key = match (algorithm, int(1)?) {
            (CoseAlgorithm::Es256, 2) => point(item, 1, 32)?,
            (CoseAlgorithm::Es384, 2) => point(item, 2, 48)?,
            (CoseAlgorithm::Es512, 2) => point(item, 3, 66)?,
            (CoseAlgorithm::EdDsa, 1) if int(-1)? == 6 => {
                let x = bytes(-2)?;
                if x.len() != 32 {
                    return Err(KeyError::Point);
                }
                Key::Ed25519(x.to_vec())
            }
            (CoseAlgorithm::Rs256, 3) => Key::Rsa {
                n: bytes(-1)?.to_vec(),
                e: bytes(-2)?.to_vec(),
            },
            _ => return Err(KeyError::Unsupported),
        };
        Ok(Self { algorithm, key })
    }

    /// What it signs with.
    pub fn algorithm(&self) -> CoseAlgorithm {
        self.algorithm
    }

    /// Whether `signature` is one over `message` (WebAuthn L3 6.5.5).
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.key {
            Key::Point(bytes) | Key::Ed25519(bytes) => {
                UnparsedPublicKey::new(self.algorithm.verification(), bytes).verify(message, signature)
            }
            Key::Rsa { n, e } => PublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        verified.is_ok()
    }

    /// The uncompressed point of an elliptic-curve key.
    pub(crate) fn point(&self) -> Option<&[u8]> {
        if let Key::Point(bytes) = &self.key {
            Some(bytes)
        } else {
            None
        }
    }

    /// Modulus and exponent of an RSA key.
    pub(crate) fn rsa(&self) -> Option<(&[u8], &[u8])> {
        if let Key::Rsa { n, e } = &self.key {
            Some((n, e))
        } else {
            None
        }
    }

    /// Whether the contents of a certificate's `subjectPublicKey` are this key.
    pub(crate) fn is_subject_key(&self, bits: &[u8]) -> bool {
        match &self.key {
            Key::Point(bytes) | Key::Ed25519(bytes) => bytes == bits,
            Key::Rsa { n, e } => super::attestation::rsa_components(bits)
                .is_some_and(|(other_n, other_e)| other_n == trim(n) && other_e == trim(e)),
        }
    }
}

/// Leading zeros mean nothing in an unsigned number.
pub(crate) fn trim(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn point(item: &Item<'_>, curve: i64, length: usize) -> Result<Key, KeyError> {
    let int = item.at(-1).and_then(Item::int).ok_or(KeyError::Malformed)?;
    if int != curve {
        return Err(KeyError::Unsupported);
    }
    let mut bytes = Vec::with_capacity(2 * length + 1);
    bytes.push(4);
    for coordinate in [-2, -3] {
        // A compressed point has a boolean for y.
        let coordinate = item
            .at(coordinate)
            .ok_or(KeyError::Malformed)?
            .bytes()
            .ok_or(KeyError::Point)?;
        if coordinate.len() != length {
            return Err(KeyError::Point);
        }
        bytes.extend_from_slice(coordinate);
    }
    Ok(Key::Point(bytes))
}
