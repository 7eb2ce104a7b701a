//! Registering a new credential (WebAuthn L3 7.1).

use super::aaguid::Aaguid;
use super::attestation::{AttestationKind, Conveyed, Statement, TrustAnchors, leads_to_anchor};
use super::authenticator_data::AuthenticatorData;
use super::cbor::Item;
use super::ceremony::{CeremonyError, Expected, check_authenticator_data, check_client_data};
use super::cose::CoseAlgorithm;
use super::json::RegistrationResponse;

/// Longest credential ID (7.1.25).
const MAX_CREDENTIAL_ID: usize = 1023;

/// Which attestation a relying party wants (7.1.23, 7.1.24).
#[derive(Debug, Clone, Copy)]
pub enum AttestationPolicy<'a> {
    /// Any or none. A statement in a format known here must still be right.
    Any,
    /// By a certificate that leads to one of these roots at this time (Unix seconds).
    Certified {
        /// The roots.
        anchors: &'a TrustAnchors,
        /// When.
        now: u64,
    },
}

/// What a registration is verified against.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationRules<'a> {
    /// What every response must fit.
    pub expected: Expected<'a>,
    /// The algorithms that were offered.
    pub algorithms: &'a [CoseAlgorithm],
    /// Attestation.
    pub attestation: AttestationPolicy<'a>,
    /// Models allowed; empty for all.
    ///
    /// # Security
    /// Proven only together with [`AttestationPolicy::Certified`]; else it holds honest clients to the list.
    pub aaguids: &'a [Aaguid],
}

/// A credential record (WebAuthn L3 4) of a verified registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCredential {
    /// Credential ID.
    pub id: Vec<u8>,
    /// The public key, as COSE.
    pub public_key: Vec<u8>,
    /// What it signs with.
    pub algorithm: CoseAlgorithm,
    /// Signature counter.
    pub sign_count: u32,
    /// Model of the authenticator.
    pub aaguid: Aaguid,
    /// What kind of attestation there was.
    pub attestation: AttestationKind,
    /// Whether the user was verified.
    pub user_verified: bool,
    /// Whether it may be synchronised.
    pub backup_eligible: bool,
    /// Whether it is synchronised.
    pub backed_up: bool,
    /// How it can be reached (5.8.4); unknown values are kept (they are hints for browsers).
    pub transports: Vec<String>,
}

/// Verifies a registration, clause by clause.
///
/// # Security
/// Not verified here: that the challenge was unused, and that no user has a credential with this ID yet (7.1.26).
pub fn verify_registration(
    response: &RegistrationResponse,
    rules: &RegistrationRules<'_>,
) -> Result<RegisteredCredential, CeremonyError> {
    response.check_credential()?;
    let body = &response.response;
    let hash = check_client_data(
        body.client_data_json.as_slice(),
        "webauthn.create",
        &rules.expected,
    )?;
    let object =
        Item::read(body.attestation_object.as_slice()).map_err(|_| CeremonyError::AttestationObject)?;
    let format = object.get("fmt").and_then(Item::text);
    let raw = object.get("authData").and_then(Item::bytes);
    let (Some(format), Some(raw), Some(statement)) = (format, raw, object.get("attStmt")) else {
        return Err(CeremonyError::AttestationObject);
    };
    let data = AuthenticatorData::parse(raw)?;
    check_authenticator_data(&data, &rules.expected)?;
    let credential = data.attested.as_ref().ok_or(CeremonyError::NoCredential)?;
    if !rules.algorithms.contains(&credential.key.algorithm()) {
        return Err(CeremonyError::Algorithm);
    }
    let statement = Statement {
        format,
        members: statement,
        raw_authenticator_data: raw,
        authenticator_data: &data,
        credential,
        client_data_hash: hash.as_ref(),
    };
    let conveyed = statement.verify().transpose()?;
    let attestation = assess(conveyed.as_ref(), rules)?;
    if !rules.aaguids.is_empty() && !rules.aaguids.contains(&credential.aaguid) {
        return Err(CeremonyError::AaguidNotAllowed);
    }
    if credential.id.is_empty() || credential.id.len() > MAX_CREDENTIAL_ID {
        return Err(CeremonyError::CredentialId);
    }
    if credential.id != response.raw_id.as_slice() {
        return Err(CeremonyError::OtherCredential);
    }
    Ok(RegisteredCredential {
        id: credential.id.to_vec(),
        public_key: credential.cose.to_vec(),
        algorithm: credential.key.algorithm(),
        sign_count: data.sign_count,
        aaguid: credential.aaguid,
        attestation,
        user_verified: data.user_verified(),
        backup_eligible: data.backup_eligible(),
        backed_up: data.backed_up(),
        transports: body.known_transports(),
    })
}

/// Whether the attestation is good enough (7.1.24).
fn assess(
    conveyed: Option<&Conveyed<'_>>,
    rules: &RegistrationRules<'_>,
) -> Result<AttestationKind, CeremonyError> {
    let AttestationPolicy::Certified { anchors, now } = rules.attestation else {
        return Ok(conveyed.map_or(AttestationKind::None, |conveyed| conveyed.kind));
    };
    let conveyed = conveyed.ok_or(CeremonyError::AttestationFormat)?;
    match conveyed.kind {
        AttestationKind::None => Err(CeremonyError::AttestationMissing),
        AttestationKind::SelfSigned => Err(CeremonyError::SelfAttestation),
        AttestationKind::Certified if leads_to_anchor(&conveyed.chain, conveyed.usage, anchors, now) => {
            Ok(AttestationKind::Certified)
        }
        AttestationKind::Certified => Err(CeremonyError::UntrustedAttestation),
    }
}
