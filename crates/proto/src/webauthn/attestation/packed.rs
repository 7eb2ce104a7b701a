//! `packed` (WebAuthn L3 8.2): by certificate, or by the credential itself.

use super::certificate::{Certificate, SUBJECT_C, SUBJECT_CN, SUBJECT_O, SUBJECT_OU};
use super::{AttestationError, AttestationKind, Conveyed, Statement, Usage, check_signature, leaf};

pub(super) fn verify<'a>(statement: &Statement<'_, 'a>) -> Result<Conveyed<'a>, AttestationError> {
    let (algorithm, signature) = (statement.algorithm()?, statement.bytes("sig")?);
    let signed = statement.signed();
    if statement.members.get("x5c").is_none() {
        let key = &statement.credential.key;
        if key.algorithm() != algorithm {
            return Err(AttestationError::AlgorithmMismatch);
        }
        if !key.verify(&signed, signature) {
            return Err(AttestationError::Signature);
        }
        return Ok(Conveyed {
            kind: AttestationKind::SelfSigned,
            chain: Vec::new(),
            usage: Usage::Any,
        });
    }
    let chain = statement.chain()?;
    let certificate = leaf(&chain)?;
    check_signature(&certificate, algorithm, &signed, signature)?;
    meets_requirements(&certificate)?;
    if !certificate.agrees_on_aaguid(statement.credential.aaguid.as_bytes()) {
        return Err(AttestationError::CertificateAaguid);
    }
    Ok(Conveyed::certified(chain))
}

/// WebAuthn L3 8.2.1.
fn meets_requirements(certificate: &Certificate<'_>) -> Result<(), AttestationError> {
    let has = |oid: &[u8]| {
        certificate
            .subject
            .iter()
            .any(|(id, value)| *id == oid && !value.is_empty())
    };
    let unit = (SUBJECT_OU, b"Authenticator Attestation".as_slice());
    let is_met = certificate.version == 2
        && has(SUBJECT_C)
        && has(SUBJECT_O)
        && has(SUBJECT_CN)
        && certificate.subject.contains(&unit)
        && certificate.is_no_authority();
    if is_met {
        Ok(())
    } else {
        Err(AttestationError::Certificate)
    }
}
