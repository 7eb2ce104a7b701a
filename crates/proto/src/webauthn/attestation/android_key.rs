//! `android-key` (WebAuthn L3 8.4): a certificate of Android's key store for the credential's key.

use super::certificate::{Certificate, Der, EXPLICIT_1, INTEGER, OCTET_STRING, SEQUENCE, SET, long_tag};
use super::{AttestationError, Conveyed, Statement, check_signature, leaf};

/// 1.3.6.1.4.1.11129.2.1.17.
const KEY_DESCRIPTION: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];
const ENUMERATED: u32 = 0x0a;
const ALL_APPLICATIONS: u32 = long_tag(600);
const ORIGIN: u32 = long_tag(702);
const KM_ORIGIN_GENERATED: &[u8] = &[0];
const KM_PURPOSE_SIGN: &[u8] = &[2];

pub(super) fn verify<'a>(statement: &Statement<'_, 'a>) -> Result<Conveyed<'a>, AttestationError> {
    let (algorithm, signature) = (statement.algorithm()?, statement.bytes("sig")?);
    let chain = statement.chain()?;
    let certificate = leaf(&chain)?;
    check_signature(&certificate, algorithm, &statement.signed(), signature)?;
    if !statement.credential.key.is_subject_key(certificate.key) {
        return Err(AttestationError::KeyMismatch);
    }
    let description = Description::of(&certificate).ok_or(AttestationError::Certificate)?;
    if description.challenge != statement.client_data_hash {
        return Err(AttestationError::ChallengeMismatch);
    }
    for list in [description.software_enforced, description.tee_enforced] {
        check_authorizations(list)?;
    }
    Ok(Conveyed::certified(chain))
}

struct Description<'a> {
    challenge: &'a [u8],
    software_enforced: Der<'a>,
    tee_enforced: Der<'a>,
}

impl<'a> Description<'a> {
    fn of(certificate: &Certificate<'a>) -> Option<Self> {
        let mut description = Der::new(certificate.extension(KEY_DESCRIPTION)?).enter(SEQUENCE)?;
        description.expect(INTEGER)?; // attestation version
        description.expect(ENUMERATED)?; // attestation security level
        description.expect(INTEGER)?; // key master version
        description.expect(ENUMERATED)?; // key master security level
        let challenge = description.expect(OCTET_STRING)?;
        description.expect(OCTET_STRING)?; // unique id
        Some(Self {
            challenge,
            software_enforced: description.enter(SEQUENCE)?,
            tee_enforced: description.enter(SEQUENCE)?,
        })
    }
}

/// What is said must fit. A list that says nothing is accepted, as the specification's own example has two such lists:
/// what counts is the root that the certificate leads to.
fn check_authorizations(mut list: Der<'_>) -> Result<(), AttestationError> {
    let refused = AttestationError::KeyAuthorizations;
    while !list.is_empty() {
        let entry = list.next().ok_or(AttestationError::Certificate)?;
        let mut inside = Der::new(entry.contents);
        match entry.tag {
            ALL_APPLICATIONS => return Err(refused),
            ORIGIN if inside.expect(INTEGER) != Some(KM_ORIGIN_GENERATED) => return Err(refused),
            // [1] SET OF INTEGER
            EXPLICIT_1 => {
                let mut purposes = inside.enter(SET).ok_or(refused)?;
                if purposes.expect(INTEGER) != Some(KM_PURPOSE_SIGN) || !purposes.is_empty() {
                    return Err(refused);
                }
            }
            _ => {}
        }
    }
    Ok(())
}
