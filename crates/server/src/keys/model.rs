use std::collections::HashMap;
use std::sync::Arc;

use authflow_proto::jose::{Algorithm, JwkSet, SigningKey};
use authflow_types::{SigningKeyId, Timestamp};
use serde::Serialize;

use crate::http::document::Document;

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, not yet signing: relying parties learn it before they need it.
    Next,
    /// Signing.
    Active,
    /// Published until the last token it signed has expired.
    Retired,
}

impl KeyState {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }

    /// From storage; an unknown word verifies but does not sign.
    pub fn from_stored(text: &str) -> Self {
        match text {
            "next" => Self::Next,
            "active" => Self::Active,
            _ => Self::Retired,
        }
    }
}

/// A key as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct KeyInfo {
    /// Its id, also the `kid`.
    pub kid: SigningKeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
    /// When it stopped signing.
    pub retired_at: Option<Timestamp>,
    /// When it is deleted.
    pub expires_at: Option<Timestamp>,
}

/// All keys of a tenant, parsed, with the JWKS document as bytes.
pub struct KeyRing {
    pub(super) signers: HashMap<Algorithm, Arc<SigningKey>>,
    /// Every published key, for verifying.
    pub verifying: JwkSet,
    /// The JWKS document (RFC 7517 5).
    pub jwks: Document,
}

impl KeyRing {
    /// The key that signs with `algorithm`, if one has been made.
    pub fn signer(&self, algorithm: Algorithm) -> Option<&Arc<SigningKey>> {
        self.signers.get(&algorithm)
    }
}
