//! The relying party that a tenant is: RP ID, origins, policy.

use authflow_proto::webauthn::{AttestationConveyance, Embedding, Expected, Requirement, RpId, TrustAnchors};
use url::Url;

use crate::tenants::{PasskeySettings, Tenant};

/// A tenant as relying party.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    /// The domain that new passkeys are made for, and that passkeys must be of.
    pub rp_id: RpId,
    /// The tenant's own origin, then the related ones (WebAuthn L3 5.11).
    pub origins: Vec<String>,
    pub(super) policy: PasskeySettings,
}

impl RelyingParty {
    /// What `tenant` is; `None` if it does not offer passkeys, or if its address is no domain.
    pub fn of(tenant: &Tenant) -> Option<Self> {
        if !tenant.settings.methods.passkey {
            return None;
        }
        let issuer = Url::parse(&tenant.issuer).ok()?;
        let policy = tenant.settings.passkeys.clone();
        let rp_id = match &policy.rp_id {
            Some(text) => RpId::parse(text).ok()?,
            None => RpId::of_origin(&issuer).ok()?,
        };
        let own = issuer.origin().ascii_serialization();
        let origins = std::iter::once(own)
            .chain(policy.related_origins.iter().cloned())
            .collect();
        Some(Self {
            rp_id,
            origins,
            policy,
        })
    }

    /// How much user verification browsers are asked for.
    pub(super) fn user_verification(&self) -> Requirement {
        self.policy.user_verification
    }

    /// Which attestation browsers are asked for.
    pub(super) fn attestation(&self) -> AttestationConveyance {
        self.policy.attestation
    }

    /// The roots that attestation must lead to. None, and so nothing is trusted, where they cannot be read.
    pub(super) fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_pem(&self.policy.attestation_roots).unwrap_or_default()
    }

    /// What a response to `challenge` must fit.
    pub(super) fn expected<'a>(&'a self, challenge: &'a [u8], origins: &'a [&'a str]) -> Expected<'a> {
        Expected {
            challenge,
            rp_id: self.rp_id.as_str(),
            origins,
            embedding: Embedding::Refused,
            user_verification: self.policy.user_verification == Requirement::Required,
        }
    }

    pub(super) fn origins(&self) -> Vec<&str> {
        self.origins.iter().map(String::as_str).collect()
    }
}
