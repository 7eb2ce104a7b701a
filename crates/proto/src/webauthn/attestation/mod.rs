//! Attestation: what says which authenticator made a credential (WebAuthn L3 6.5.4, 8).
//!
//! Every format of the specification but `android-safetynet` (deprecated) and `compound` is verified. A statement that is
//! verified says something only once its certificates lead to a root that the relying party trusts (`trust.rs`).

mod android_key;
mod apple;
mod certificate;
mod fido_u2f;
mod packed;
mod tpm;
mod trust;

use aws_lc_rs::signature::UnparsedPublicKey;

pub(super) use certificate::rsa_components;
pub(super) use trust::leads_to_anchor;
pub use trust::{TrustAnchors, TrustAnchorsError};

use super::authenticator_data::{AttestedCredential, AuthenticatorData};
use super::cbor::Item;
use super::cose::CoseAlgorithm;
use certificate::Certificate;

/// Why an attestation statement was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// A member of the statement is missing, of another kind, or too much (syntax of the format).
    #[error("the attestation statement does not follow its format")]
    Syntax,
    /// The statement is signed by an algorithm that is not verified here.
    #[error("the algorithm of the attestation signature is not supported")]
    Algorithm,
    /// The algorithm is not the credential's (self attestation, 8.2).
    #[error("the algorithm of the self attestation is not the credential's")]
    AlgorithmMismatch,
    /// A certificate is not one, or does not meet the format's requirements.
    #[error("the attestation certificate does not meet the requirements of its format")]
    Certificate,
    /// The certificate is for another model of authenticator.
    #[error("the attestation certificate is for another AAGUID")]
    CertificateAaguid,
    /// The signature does not verify.
    #[error("the attestation signature is wrong")]
    Signature,
    /// The attested key is not the credential's.
    #[error("the attested key is not the credential's")]
    KeyMismatch,
    /// The attested challenge or nonce is not this registration's.
    #[error("the attestation is not for this registration")]
    ChallengeMismatch,
    /// A structure of the TPM says something else than a fresh certification.
    #[error("the structure of the TPM is not a certification of this key")]
    Tpm,
    /// The key may be used by every application, was imported, or is not for signing (8.4).
    #[error("the key store's authorisations do not fit a credential")]
    KeyAuthorizations,
}

/// What kind of attestation a statement turned out to be (WebAuthn L3 6.5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestationKind {
    /// None, or of a format that is not verified here: says nothing.
    None,
    /// Signed by the credential itself: proves possession, not the model.
    SelfSigned,
    /// Signed under a certificate.
    Certified,
}

/// What a verified statement conveys.
#[derive(Debug)]
pub(super) struct Conveyed<'a> {
    pub(super) kind: AttestationKind,
    /// The certificates, leaf first.
    pub(super) chain: Vec<&'a [u8]>,
    pub(super) usage: Usage,
}

/// What the leaf's extended key usage must allow, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    Any,
    TpmAttestation,
}

impl<'a> Conveyed<'a> {
    fn certified(chain: Vec<&'a [u8]>) -> Self {
        Self {
            kind: AttestationKind::Certified,
            chain,
            usage: Usage::Any,
        }
    }
}

/// An attestation statement with what it is about.
pub(super) struct Statement<'s, 'a> {
    pub(super) format: &'s str,
    pub(super) members: &'s Item<'a>,
    pub(super) raw_authenticator_data: &'a [u8],
    pub(super) authenticator_data: &'s AuthenticatorData<'a>,
    pub(super) credential: &'s AttestedCredential<'a>,
    pub(super) client_data_hash: &'s [u8],
}

impl<'a> Statement<'_, 'a> {
    /// Verifies by the procedure of its format; `None` for a format that has none here (WebAuthn L3 7.1.20, 7.1.21).
    pub(super) fn verify(&self) -> Option<Result<Conveyed<'a>, AttestationError>> {
        Some(match self.format {
            "none" => self.none(),
            "packed" => packed::verify(self),
            "fido-u2f" => fido_u2f::verify(self),
            "tpm" => tpm::verify(self),
            "android-key" => android_key::verify(self),
            "apple" => apple::verify(self),
            _ => return None,
        })
    }

    /// No attestation: an empty map (8.7).
    fn none(&self) -> Result<Conveyed<'a>, AttestationError> {
        if self.members.len_of_map() != Some(0) {
            return Err(AttestationError::Syntax);
        }
        Ok(Conveyed {
            kind: AttestationKind::None,
            chain: Vec::new(),
            usage: Usage::Any,
        })
    }

    /// `authenticatorData || clientDataHash`.
    fn signed(&self) -> Vec<u8> {
        [self.raw_authenticator_data, self.client_data_hash].concat()
    }

    fn bytes(&self, member: &str) -> Result<&'a [u8], AttestationError> {
        let value = self.members.get(member).and_then(Item::bytes);
        value.ok_or(AttestationError::Syntax)
    }

    fn algorithm(&self) -> Result<CoseAlgorithm, AttestationError> {
        let id = self
            .members
            .get("alg")
            .and_then(Item::int)
            .ok_or(AttestationError::Syntax)?;
        CoseAlgorithm::from_id(id).ok_or(AttestationError::Algorithm)
    }

    /// The certificates, leaf first: at least one.
    fn chain(&self) -> Result<Vec<&'a [u8]>, AttestationError> {
        /// Longer than any chain in use.
        const MAX_CHAIN: usize = 10;
        let items = self.members.get("x5c").and_then(Item::array);
        let items = items.filter(|items| (1..=MAX_CHAIN).contains(&items.len()));
        let chain: Option<Vec<&[u8]>> = items.and_then(|items| items.iter().map(Item::bytes).collect());
        chain.ok_or(AttestationError::Syntax)
    }
}

/// The first certificate of a chain.
fn leaf<'a>(chain: &[&'a [u8]]) -> Result<Certificate<'a>, AttestationError> {
    let first = chain.first().ok_or(AttestationError::Syntax)?;
    Certificate::parse(first).ok_or(AttestationError::Certificate)
}

/// Whether `signature` over `message` is by the key of `certificate`.
fn check_signature(
    certificate: &Certificate<'_>,
    algorithm: CoseAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), AttestationError> {
    UnparsedPublicKey::new(algorithm.verification(), certificate.key)
        .verify(message, signature)
        .map_err(|_| AttestationError::Signature)
}
