//! `apple` (WebAuthn L3 8.8): an anonymous certificate made for the credential.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;

use super::certificate::{Der, EXPLICIT_1, OCTET_STRING, SEQUENCE};
use super::{AttestationError, Conveyed, Statement, leaf};

/// 1.2.840.113635.100.8.2.
const NONCE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

pub(super) fn verify<'a>(statement: &Statement<'_, 'a>) -> Result<Conveyed<'a>, AttestationError> {
    let chain = statement.chain()?;
    let certificate = leaf(&chain)?;
    let nonce = certificate
        .extension(NONCE)
        .and_then(|value| Der::new(value).enter(SEQUENCE))
        .and_then(|mut inside| inside.enter(EXPLICIT_1))
        .and_then(|mut inside| inside.expect(OCTET_STRING))
        .ok_or(AttestationError::Certificate)?;
    let expected = digest::digest(&digest::SHA256, &statement.signed());
    verify_slices_are_equal(nonce, expected.as_ref()).map_err(|_| AttestationError::ChallengeMismatch)?;
    if !statement.credential.key.is_subject_key(certificate.key) {
        return Err(AttestationError::KeyMismatch);
    }
    Ok(Conveyed::certified(chain))
}
