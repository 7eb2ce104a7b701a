//! `fido-u2f` (WebAuthn L3 8.6): security keys of before FIDO2.

use super::{AttestationError, Conveyed, Statement, check_signature, leaf};
use crate::webauthn::cose::CoseAlgorithm;

pub(super) fn verify<'a>(statement: &Statement<'_, 'a>) -> Result<Conveyed<'a>, AttestationError> {
    let (signature, chain) = (statement.bytes("sig")?, statement.chain()?);
    if chain.len() != 1 {
        return Err(AttestationError::Syntax);
    }
    let certificate = leaf(&chain)?;
    // An uncompressed point of P-256; the verification below settles that it is on the curve.
    if certificate.key.len() != 65 {
        return Err(AttestationError::Certificate);
    }
    let credential = statement.credential;
    if credential.key.algorithm() != CoseAlgorithm::Es256 {
        return Err(AttestationError::KeyMismatch);
    }
    let point = credential.key.point().ok_or(AttestationError::KeyMismatch)?;
    let signed = [
        &[0],
        statement.authenticator_data.rp_id_hash,
        statement.client_data_hash,
        credential.id,
        point,
    ]
    .concat();
    check_signature(&certificate, CoseAlgorithm::Es256, &signed, signature)?;
    Ok(Conveyed::certified(chain))
}
