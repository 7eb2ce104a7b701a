//! `tpm` (WebAuthn L3 8.3): a TPM certifies the credential's key.

use aws_lc_rs::digest;

use super::certificate::{Certificate, SUBJECT_ALT_NAME};
use super::{AttestationError, Conveyed, Statement, Usage, check_signature, leaf};
use crate::webauthn::cbor::Item;
use crate::webauthn::cose::{CoseAlgorithm, PublicKey, trim};

/// `tcg-kp-AIKCertificate`, 2.23.133.8.3.
pub(super) const AIK_CERTIFICATE: &[u8] = &[0x67, 0x81, 0x05, 0x08, 0x03];
/// Manufacturer, model and version, 2.23.133.2.1 to 2.23.133.2.3.
const TPM_ATTRIBUTES: [&[u8]; 3] = [
    &[0x67, 0x81, 0x05, 0x02, 0x01],
    &[0x67, 0x81, 0x05, 0x02, 0x02],
    &[0x67, 0x81, 0x05, 0x02, 0x03],
];

const GENERATED_VALUE: u32 = 0xff54_4347;
const ST_ATTEST_CERTIFY: u16 = 0x8017;
const ALG_RSA: u16 = 0x0001;
const ALG_NULL: u16 = 0x0010;
const ALG_ECC: u16 = 0x0023;

pub(super) fn verify<'a>(statement: &Statement<'_, 'a>) -> Result<Conveyed<'a>, AttestationError> {
    if statement.members.get("ver").and_then(Item::text) != Some("2.0") {
        return Err(AttestationError::Syntax);
    }
    let (algorithm, signature) = (statement.algorithm()?, statement.bytes("sig")?);
    let (cert_info, pub_area) = (statement.bytes("certInfo")?, statement.bytes("pubArea")?);
    let public = PublicArea::parse(pub_area).ok_or(AttestationError::Tpm)?;
    if !public.is(&statement.credential.key) {
        return Err(AttestationError::KeyMismatch);
    }
    let chain = statement.chain()?;
    let certificate = leaf(&chain)?;
    meets_requirements(&certificate)?;
    if !certificate.agrees_on_aaguid(statement.credential.aaguid.as_bytes()) {
        return Err(AttestationError::CertificateAaguid);
    }
    check_signature(&certificate, algorithm, cert_info, signature)?;
    let attest = Attest::parse(cert_info).ok_or(AttestationError::Tpm)?;
    let hash = match algorithm {
        CoseAlgorithm::Es256 | CoseAlgorithm::Rs256 => &digest::SHA256,
        CoseAlgorithm::Es384 => &digest::SHA384,
        CoseAlgorithm::Es512 => &digest::SHA512,
        CoseAlgorithm::EdDsa => return Err(AttestationError::Algorithm),
    };
    if attest.extra_data != digest::digest(hash, &statement.signed()).as_ref() {
        return Err(AttestationError::ChallengeMismatch);
    }
    if public.name(pub_area).as_deref() != Some(attest.name) {
        return Err(AttestationError::KeyMismatch);
    }
    Ok(Conveyed {
        usage: Usage::TpmAttestation,
        ..Conveyed::certified(chain)
    })
}

/// WebAuthn L3 8.3.1.
fn meets_requirements(certificate: &Certificate<'_>) -> Result<(), AttestationError> {
    let names = certificate.alternative_directory_name().unwrap_or_default();
    let names_tpm = TPM_ATTRIBUTES
        .iter()
        .all(|oid| names.iter().any(|(id, _)| id == oid));
    let is_met = certificate.version == 2
        && certificate.subject.is_empty()
        && certificate.extension(SUBJECT_ALT_NAME).is_some()
        && names_tpm
        && certificate.has_key_purpose(AIK_CERTIFICATE)
        && certificate.is_no_authority();
    if is_met {
        Ok(())
    } else {
        Err(AttestationError::Certificate)
    }
}

/// Big-endian fields that follow one another (TPM 2.0 Part 2).
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// A buffer after its length (`TPM2B_*`).
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// An algorithm that may be `TPM_ALG_NULL`, else followed by `details` bytes.
    fn scheme(&mut self, details: usize) -> Option<()> {
        if self.u16()? != ALG_NULL {
            self.take(details)?;
        }
        Some(())
    }

    fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

/// `TPMT_PUBLIC` (TPM 2.0 Part 2, 12.2.4).
struct PublicArea<'a> {
    name_algorithm: u16,
    key: PublicAreaKey<'a>,
}

enum PublicAreaKey<'a> {
    Rsa { n: &'a [u8], e: u32 },
    Ecc { curve: u16, x: &'a [u8], y: &'a [u8] },
}

impl<'a> PublicArea<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Fields { rest: bytes };
        let (kind, name_algorithm) = (fields.u16()?, fields.u16()?);
        fields.u32()?; // object attributes
        fields.sized()?; // authorisation policy
        // Symmetric: algorithm, key bits and mode, or null.
        fields.scheme(4)?;
        let key = match kind {
            ALG_RSA => {
                fields.scheme(2)?;
                fields.u16()?; // key bits
                let e = match fields.u32()? {
                    0 => 65_537,
                    e => e,
                };
                PublicAreaKey::Rsa {
                    n: fields.sized()?,
                    e,
                }
            }
            ALG_ECC => {
                fields.scheme(2)?;
                let curve = fields.u16()?;
                fields.scheme(2)?; // key derivation
                PublicAreaKey::Ecc {
                    curve,
                    x: fields.sized()?,
                    y: fields.sized()?,
                }
            }
            _ => return None,
        };
        fields.end()?;
        Some(Self { name_algorithm, key })
    }

    /// Whether it is the credential's key.
    fn is(&self, credential: &PublicKey) -> bool {
        match self.key {
            PublicAreaKey::Rsa { n, e } => credential
                .rsa()
                .is_some_and(|(n2, e2)| trim(n) == trim(n2) && trim(&e.to_be_bytes()) == trim(e2)),
            PublicAreaKey::Ecc { curve, x, y } => {
                let expected = match curve {
                    3 => CoseAlgorithm::Es256,
                    4 => CoseAlgorithm::Es384,
                    5 => CoseAlgorithm::Es512,
                    _ => return false,
                };
                let halves = credential.point().and_then(|point| {
                    let coordinates = point.get(1..)?;
                    coordinates.split_at_checked(coordinates.len() / 2)
                });
                credential.algorithm() == expected
                    && halves.is_some_and(|(x2, y2)| trim(x) == trim(x2) && trim(y) == trim(y2))
            }
        }
    }

    /// Its name: the algorithm, then the digest (TPM 2.0 Part 1, 16).
    fn name(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let hash = match self.name_algorithm {
            0x000b => &digest::SHA256,
            0x000c => &digest::SHA384,
            0x000d => &digest::SHA512,
            _ => return None,
        };
        let digest = digest::digest(hash, bytes);
        Some([&self.name_algorithm.to_be_bytes(), digest.as_ref()].concat())
    }
}

/// `TPMS_ATTEST` with a `TPMS_CERTIFY_INFO` (TPM 2.0 Part 2, 10.12).
struct Attest<'a> {
    extra_data: &'a [u8],
    name: &'a [u8],
}

impl<'a> Attest<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Fields { rest: bytes };
        if fields.u32()? != GENERATED_VALUE || fields.u16()? != ST_ATTEST_CERTIFY {
            return None;
        }
        fields.sized()?; // qualified signer
        let extra_data = fields.sized()?;
        fields.take(17)?; // clock
        fields.take(8)?; // firmware version
        let name = fields.sized()?;
        fields.sized()?; // qualified name
        fields.end()?;
        Some(Self { extra_data, name })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = PublicArea::parse(&bytes);
            let _ = Attest::parse(&bytes);
        }
    }
}
