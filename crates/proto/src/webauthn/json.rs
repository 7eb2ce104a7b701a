//! Options and responses as JSON (WebAuthn L3 5.1.8 to 5.1.10).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ceremony::CeremonyError;
use super::client_data::ClientData;
use super::cose::CoseAlgorithm;

/// Bytes that are base64url without padding in JSON (`Base64URLString`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base64Url(Vec<u8>);

impl Base64Url {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Base64Url {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Base64Url {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text.as_bytes())
            .map(Self)
            .map_err(de::Error::custom)
    }
}

/// `UserVerificationRequirement`, `ResidentKeyRequirement` (5.8.6, 5.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// Without it the ceremony fails.
    Required,
    /// If it can be had.
    Preferred,
    /// Better not.
    Discouraged,
}

/// `AttestationConveyancePreference` (5.4.7), the two that are asked for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttestationConveyance {
    /// Not wanted.
    None,
    /// As the authenticator made it.
    Direct,
}

/// `PublicKeyCredentialRpEntity` (5.4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelyingParty {
    /// RP ID.
    pub id: String,
    /// Name for people.
    pub name: String,
}

/// `PublicKeyCredentialUserEntityJSON` (5.4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserAccount {
    /// User handle: random or an id, never personal (14.6.1).
    pub id: Base64Url,
    /// What tells this account from others of the same person.
    pub name: String,
    /// Name for people.
    pub display_name: String,
}

/// `PublicKeyCredentialDescriptorJSON` (5.8.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialDescriptor {
    /// Credential ID.
    pub id: Base64Url,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// How it can be reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
}

impl CredentialDescriptor {
    /// Of a credential.
    pub fn new(id: &[u8], transports: Vec<String>) -> Self {
        Self {
            id: id.into(),
            kind: "public-key",
            transports,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Parameters {
    #[serde(rename = "type")]
    kind: &'static str,
    alg: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    resident_key: Requirement,
    require_resident_key: bool,
    user_verification: Requirement,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    cred_props: bool,
}

/// `PublicKeyCredentialCreationOptionsJSON` (5.1.9): a discoverable credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    rp: RelyingParty,
    user: UserAccount,
    challenge: Base64Url,
    pub_key_cred_params: Vec<Parameters>,
    timeout: u64,
    exclude_credentials: Vec<CredentialDescriptor>,
    authenticator_selection: Selection,
    attestation: AttestationConveyance,
    extensions: Extensions,
}

impl CreationOptions {
    /// For a credential of `user` at `rp`, not yet on one of the authenticators that hold `exclude`.
    pub fn new(
        rp: RelyingParty,
        user: UserAccount,
        challenge: &[u8],
        exclude: Vec<CredentialDescriptor>,
    ) -> Self {
        let parameters = CoseAlgorithm::ALL.iter().map(|algorithm| Parameters {
            kind: "public-key",
            alg: algorithm.id(),
        });
        Self {
            rp,
            user,
            challenge: challenge.into(),
            pub_key_cred_params: parameters.collect(),
            timeout: 300_000,
            exclude_credentials: exclude,
            authenticator_selection: Selection {
                resident_key: Requirement::Required,
                require_resident_key: true,
                user_verification: Requirement::Preferred,
            },
            attestation: AttestationConveyance::None,
            extensions: Extensions { cred_props: true },
        }
    }

    /// How much user verification is asked for.
    #[must_use]
    pub fn with_user_verification(mut self, requirement: Requirement) -> Self {
        self.authenticator_selection.user_verification = requirement;
        self
    }

    /// Which attestation is asked for.
    #[must_use]
    pub fn with_attestation(mut self, conveyance: AttestationConveyance) -> Self {
        self.attestation = conveyance;
        self
    }
}

/// `PublicKeyCredentialRequestOptionsJSON` (5.1.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// The challenge.
    pub challenge: Base64Url,
    /// How long the browser may take, in milliseconds.
    pub timeout: u64,
    /// RP ID.
    pub rp_id: String,
    /// Credentials that may answer; empty for any discoverable one.
    pub allow_credentials: Vec<CredentialDescriptor>,
    /// How much user verification is asked for.
    pub user_verification: Requirement,
}

/// `RegistrationResponseJSON` (5.1.8). Members that nothing here needs are ignored.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponse {
    /// Credential ID.
    pub id: Base64Url,
    /// Credential ID again.
    pub raw_id: Base64Url,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the authenticator made.
    pub response: AttestationBody,
    /// `platform` or `cross-platform`.
    #[serde(default)]
    pub authenticator_attachment: Option<String>,
}

/// `AuthenticatorAttestationResponseJSON`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationBody {
    /// What the browser collected.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    /// What the authenticator made.
    pub attestation_object: Base64Url,
    /// How it can be reached.
    #[serde(default)]
    pub transports: Vec<String>,
}

impl AttestationBody {
    /// The transports, as far as they have a sane form: at most 8, each a short word.
    pub(super) fn known_transports(&self) -> Vec<String> {
        let is_sane = |text: &&String| {
            (1..=32).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let mut transports: Vec<String> = self.transports.iter().filter(is_sane).take(8).cloned().collect();
        transports.sort_unstable();
        transports.dedup();
        transports
    }
}

/// `AuthenticationResponseJSON` (5.1.8). Members that nothing here needs are ignored.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationResponse {
    /// Credential ID.
    pub id: Base64Url,
    /// Credential ID again.
    pub raw_id: Base64Url,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the authenticator signed.
    pub response: AssertionBody,
}

/// `AuthenticatorAssertionResponseJSON`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionBody {
    /// What the browser collected.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    /// What the authenticator says.
    pub authenticator_data: Base64Url,
    /// Over both.
    pub signature: Base64Url,
    /// Whose credential it is.
    #[serde(default)]
    pub user_handle: Option<Base64Url>,
}

fn check(kind: &str, id: &Base64Url, raw_id: &Base64Url) -> Result<(), CeremonyError> {
    if kind == "public-key" && id == raw_id && !id.0.is_empty() {
        Ok(())
    } else {
        Err(CeremonyError::Credential)
    }
}

fn claimed_challenge(client_data: &Base64Url) -> Option<Vec<u8>> {
    let data = ClientData::parse(client_data.as_slice())?;
    URL_SAFE_NO_PAD.decode(data.challenge).ok()
}

impl RegistrationResponse {
    /// The challenge that the browser says it answered: to be looked up, then verified.
    pub fn challenge(&self) -> Option<Vec<u8>> {
        claimed_challenge(&self.response.client_data_json)
    }

    pub(super) fn check_credential(&self) -> Result<(), CeremonyError> {
        check(&self.kind, &self.id, &self.raw_id)
    }
}

impl AuthenticationResponse {
    /// The challenge that the browser says it answered: to be looked up, then verified.
    pub fn challenge(&self) -> Option<Vec<u8>> {
        claimed_challenge(&self.response.client_data_json)
    }

    pub(super) fn check_credential(&self) -> Result<(), CeremonyError> {
        check(&self.kind, &self.id, &self.raw_id)
    }
}
