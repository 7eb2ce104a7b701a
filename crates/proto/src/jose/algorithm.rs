//! The signature algorithms served.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

/// A JWS algorithm (RFC 7518 3.1, RFC 8037 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the OIDC default.
    RS256,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519; `Ed25519` is its other name on the wire (RFC 9864 2.2).
    #[serde(alias = "Ed25519")]
    EdDSA,
    /// HMAC with SHA-256: client assertions only (OIDC Core 9, `client_secret_jwt`).
    HS256,
}

/// The name is not one of the algorithms served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the algorithm is not one of RS256, PS256, ES256, EdDSA, HS256")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// The algorithms with a public key: what tokens are signed with.
    pub const ASYMMETRIC: &'static [Self] = &[Self::RS256, Self::PS256, Self::ES256, Self::EdDSA];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
        }
    }

    /// Whether it has a public key.
    pub const fn is_asymmetric(self) -> bool {
        !matches!(self, Self::HS256)
    }

    /// The left half of the algorithm's own hash of `text`, base64url: `at_hash` and `c_hash` (OIDC Core 3.1.3.6).
    ///
    /// Ed25519 hashes with SHA-512, all others here with SHA-256.
    pub fn half_hash(self, text: &str) -> String {
        let hash = if self == Self::EdDSA {
            &digest::SHA512
        } else {
            &digest::SHA256
        };
        let digest = digest::digest(hash, text.as_bytes());
        let (left, _) = digest.as_ref().split_at(hash.output_len() / 2);
        super::b64_encode(left)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        match text {
            "RS256" => Ok(Self::RS256),
            "PS256" => Ok(Self::PS256),
            "ES256" => Ok(Self::ES256),
            "EdDSA" | "Ed25519" => Ok(Self::EdDSA),
            "HS256" => Ok(Self::HS256),
            _ => Err(UnknownAlgorithm),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_none_is_no_algorithm() {
        for alg in [
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
            Algorithm::HS256,
        ] {
            assert_eq!(alg.as_str().parse(), Ok(alg));
            assert_eq!(serde_json::to_value(alg).unwrap(), alg.as_str());
        }
        for bad in ["none", "None", "", "rs256", "HS512", "RS256 "] {
            assert_eq!(bad.parse::<Algorithm>(), Err(UnknownAlgorithm));
        }
    }

    #[test]
    fn half_hash_matches_the_oidc_core_a_3_and_a_4_examples() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(Algorithm::RS256.half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(Algorithm::RS256.half_hash(code), "LDktKdoQak3Pk0cnXxCltA");
        assert_eq!(Algorithm::EdDSA.half_hash(token).len(), 43);
    }
}
