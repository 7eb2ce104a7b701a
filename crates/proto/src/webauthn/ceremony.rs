//! What registration and authentication check alike, in the order of WebAuthn L3 7.1 and 7.2.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::attestation::AttestationError;
use super::authenticator_data::{AuthenticatorData, AuthenticatorDataError};
use super::client_data::ClientData;

/// Why a response was refused. The clauses are those of registration (7.1) and authentication (7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// `id` is not `rawId`, `type` is not `public-key`, or the ID is empty.
    #[error("the response is not of a public key credential")]
    Credential,
    /// 7.1.6, 7.2.10: not JSON, or without the members that it must have.
    #[error("the client data is malformed")]
    ClientData,
    /// 7.1.7, 7.2.11: a registration where an assertion is expected, or the other way round.
    #[error("the client data is of the other ceremony")]
    Type,
    /// 7.1.8, 7.2.12: for another challenge.
    #[error("the challenge is not the one that was issued")]
    Challenge,
    /// 7.1.9, 7.2.13: made on another site.
    #[error("the origin is not one of this relying party")]
    Origin,
    /// 7.1.10, 7.2.14: made in a frame of another site.
    #[error("the credential was used inside a page of another origin")]
    CrossOrigin,
    /// 7.1.11, 7.2.15: the page around the frame is not one that may embed.
    #[error("the page around the frame is not allowed to embed this one")]
    TopOrigin,
    /// 7.1.13: not CBOR, or without one of its three members.
    #[error("the attestation object is malformed")]
    AttestationObject,
    /// The authenticator data cannot be read.
    #[error(transparent)]
    AuthenticatorData(#[from] AuthenticatorDataError),
    /// A registration without a credential in its authenticator data.
    #[error("the authenticator data holds no credential")]
    NoCredential,
    /// 7.1.14, 7.2.16: for another RP ID.
    #[error("the credential is for another relying party ID")]
    RpId,
    /// 7.1.15, 7.2.17: nobody touched the authenticator.
    #[error("the authenticator did not notice anybody")]
    UserPresence,
    /// 7.1.16, 7.2.18: nobody was verified, and it was required.
    #[error("the authenticator did not verify the user")]
    UserVerification,
    /// 7.1.17, 7.2.19: backed up but not eligible to be.
    #[error("the backup flags contradict each other")]
    BackupFlags,
    /// 7.1.20: an algorithm that was not offered.
    #[error("the algorithm of the credential was not offered")]
    Algorithm,
    /// 7.1.21: a format that is not verified here, where attestation is required.
    #[error("the attestation format is not supported")]
    AttestationFormat,
    /// 7.1.22: the statement is wrong.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
    /// 7.1.24: no attestation where one is required.
    #[error("an attestation is required and there is none")]
    AttestationMissing,
    /// 7.1.24: self attestation where a certified one is required.
    #[error("an attestation by certificate is required")]
    SelfAttestation,
    /// 7.1.24: the certificates lead to no trusted root.
    #[error("the attestation does not lead to a trusted root")]
    UntrustedAttestation,
    /// The model is not on the list of those allowed.
    #[error("this model of authenticator is not allowed")]
    AaguidNotAllowed,
    /// 7.1.25: a credential ID of more than 1023 bytes, or of none.
    #[error("the credential ID is too long")]
    CredentialId,
    /// 7.2.6: the ID is not the record's.
    #[error("the assertion is of another credential")]
    OtherCredential,
    /// 7.2.6: the user handle is not the record's, or is missing where nobody was identified before.
    #[error("the assertion is for another user")]
    UserHandle,
    /// 7.2.20: backup eligibility never changes.
    #[error("the credential's backup eligibility has changed")]
    BackupEligibility,
    /// 7.2.22: the signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// 7.2.23: the counter did not rise; there may be a copy of the key.
    #[error("the signature counter did not rise: the authenticator may have been copied")]
    Counter,
}

/// Whether a ceremony may run in a frame inside a page of another origin (WebAuthn L3 13.4.2).
#[derive(Debug, Clone, Copy)]
pub enum Embedding<'a> {
    /// It may not.
    Refused,
    /// It may, inside pages of these origins.
    Within(&'a [&'a str]),
}

/// What the relying party expects of a response.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The challenge that it issued, in bytes.
    pub challenge: &'a [u8],
    /// Its RP ID.
    pub rp_id: &'a str,
    /// The origins that its pages have, serialized (`https://example.com`, no slash at the end).
    pub origins: &'a [&'a str],
    /// Frames.
    pub embedding: Embedding<'a>,
    /// Whether user verification is required (not: preferred).
    pub user_verification: bool,
}

/// Checks the client data (7.1.5 to 7.1.12, 7.2.9 to 7.2.15, 7.2.21) and returns its hash.
pub(super) fn check_client_data(
    json: &[u8],
    ceremony: &str,
    expected: &Expected<'_>,
) -> Result<digest::Digest, CeremonyError> {
    let data = ClientData::parse(json).ok_or(CeremonyError::ClientData)?;
    if data.r#type != ceremony {
        return Err(CeremonyError::Type);
    }
    let challenge = URL_SAFE_NO_PAD.encode(expected.challenge);
    verify_slices_are_equal(challenge.as_bytes(), data.challenge.as_bytes())
        .map_err(|_| CeremonyError::Challenge)?;
    if !expected.origins.contains(&data.origin.as_str()) {
        return Err(CeremonyError::Origin);
    }
    let within = match expected.embedding {
        Embedding::Refused => None,
        Embedding::Within(origins) => Some(origins),
    };
    if data.cross_origin == Some(true) && within.is_none() {
        return Err(CeremonyError::CrossOrigin);
    }
    if let Some(top) = &data.top_origin {
        let within = within.ok_or(CeremonyError::CrossOrigin)?;
        if !within.contains(&top.as_str()) {
            return Err(CeremonyError::TopOrigin);
        }
    }
    Ok(digest::digest(&digest::SHA256, json))
}

/// Checks RP ID and flags (7.1.14 to 7.1.17, 7.2.16 to 7.2.19).
pub(super) fn check_authenticator_data(
    data: &AuthenticatorData<'_>,
    expected: &Expected<'_>,
) -> Result<(), CeremonyError> {
    let rp_id = digest::digest(&digest::SHA256, expected.rp_id.as_bytes());
    verify_slices_are_equal(rp_id.as_ref(), data.rp_id_hash).map_err(|_| CeremonyError::RpId)?;
    if !data.user_present() {
        return Err(CeremonyError::UserPresence);
    }
    if expected.user_verification && !data.user_verified() {
        return Err(CeremonyError::UserVerification);
    }
    if data.backed_up() && !data.backup_eligible() {
        return Err(CeremonyError::BackupFlags);
    }
    Ok(())
}
