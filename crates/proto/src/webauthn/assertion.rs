//! Verifying an authentication assertion (WebAuthn L3 7.2).

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::authenticator_data::AuthenticatorData;
use super::ceremony::{CeremonyError, Expected, check_authenticator_data, check_client_data};
use super::cose::PublicKey;
use super::json::AuthenticationResponse;

/// What is remembered of a credential.
#[derive(Debug, Clone, Copy)]
pub struct CredentialRecord<'a> {
    /// Credential ID.
    pub id: &'a [u8],
    /// The public key, as COSE.
    pub public_key: &'a [u8],
    /// The counter of the last assertion.
    pub sign_count: u32,
    /// Whether it may be synchronised.
    pub backup_eligible: bool,
    /// User handle that it was made with.
    pub user_handle: &'a [u8],
}

/// What an assertion is verified against.
#[derive(Debug, Clone, Copy)]
pub struct AssertionRules<'a> {
    /// What every response must fit.
    pub expected: Expected<'a>,
    /// Whether the user was known before the ceremony; if not, the response must name them (7.2.6).
    pub user_is_identified: bool,
}

/// What a verified assertion says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The counter to remember.
    pub sign_count: u32,
    /// Whether the user was verified (by PIN, finger or face).
    pub user_verified: bool,
    /// Whether the credential is synchronised now.
    pub backed_up: bool,
}

/// Verifies an assertion, clause by clause.
///
/// # Security
/// Not verified here: that the challenge was unused, and that the record is one of this tenant. The caller writes the
/// counter with a condition on the old one, so that of two copies used at once one is refused.
pub fn verify_assertion(
    response: &AuthenticationResponse,
    record: &CredentialRecord<'_>,
    rules: &AssertionRules<'_>,
) -> Result<VerifiedAssertion, CeremonyError> {
    response.check_credential()?;
    if response.raw_id.as_slice() != record.id {
        return Err(CeremonyError::OtherCredential);
    }
    let body = &response.response;
    match &body.user_handle {
        Some(handle) => verify_slices_are_equal(handle.as_slice(), record.user_handle)
            .map_err(|_| CeremonyError::UserHandle)?,
        None if rules.user_is_identified => {}
        None => return Err(CeremonyError::UserHandle),
    }
    let hash = check_client_data(body.client_data_json.as_slice(), "webauthn.get", &rules.expected)?;
    let raw = body.authenticator_data.as_slice();
    let data = AuthenticatorData::parse(raw)?;
    check_authenticator_data(&data, &rules.expected)?;
    if data.backup_eligible() != record.backup_eligible {
        return Err(CeremonyError::BackupEligibility);
    }
    let key = PublicKey::parse(record.public_key).map_err(super::AuthenticatorDataError::from)?;
    let signed = [raw, hash.as_ref()].concat();
    if !key.verify(&signed, body.signature.as_slice()) {
        return Err(CeremonyError::Signature);
    }
    let counts = data.sign_count != 0 || record.sign_count != 0;
    if counts && data.sign_count <= record.sign_count {
        return Err(CeremonyError::Counter);
    }
    Ok(VerifiedAssertion {
        sign_count: data.sign_count,
        user_verified: data.user_verified(),
        backed_up: data.backed_up(),
    })
}
