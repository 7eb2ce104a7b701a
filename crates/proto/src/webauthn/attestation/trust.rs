//! Whether attestation certificates lead to a root that the relying party trusts (WebAuthn L3 7.1.22, 7.1.23).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs as algorithms};

use super::Usage;
use super::tpm::AIK_CERTIFICATE;

static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ECDSA_P521_SHA512,
    algorithms::ED25519,
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
];

/// Why a list of root certificates was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustAnchorsError {
    /// Not PEM, or nothing in it.
    #[error("attestation roots must be one or more PEM blocks `CERTIFICATE`")]
    Pem,
    /// A block holds no certificate.
    #[error("an attestation root is not a certificate")]
    Certificate,
}

/// Root certificates of authenticator makers, as DER.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustAnchors(Vec<Vec<u8>>);

impl TrustAnchors {
    /// Reads PEM blocks; text around them is ignored.
    pub fn from_pem(text: &str) -> Result<Self, TrustAnchorsError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let mut anchors = Vec::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(BEGIN) {
            let (body, after) = after.split_once(END).ok_or(TrustAnchorsError::Pem)?;
            let body: String = body.split_ascii_whitespace().collect();
            anchors.push(STANDARD.decode(body).map_err(|_| TrustAnchorsError::Pem)?);
            rest = after;
        }
        if anchors.is_empty() {
            return Err(TrustAnchorsError::Pem);
        }
        Self::from_der(anchors)
    }

    /// Takes DER certificates.
    pub fn from_der(anchors: Vec<Vec<u8>>) -> Result<Self, TrustAnchorsError> {
        for anchor in &anchors {
            let der = CertificateDer::from(anchor.as_slice());
            anchor_from_trusted_cert(&der).map_err(|_| TrustAnchorsError::Certificate)?;
        }
        Ok(Self(anchors))
    }
}

/// Whether `chain` (leaf first) leads to one of `anchors` at `now` (Unix seconds).
pub(in crate::webauthn) fn leads_to_anchor(
    chain: &[&[u8]],
    usage: Usage,
    anchors: &TrustAnchors,
    now: u64,
) -> bool {
    let Some((leaf, rest)) = chain.split_first() else {
        return false;
    };
    // The relying party trusts this very certificate (7.1.23, "is itself an acceptable certificate").
    if anchors.0.iter().any(|anchor| anchor == leaf) {
        return true;
    }
    let ders: Vec<CertificateDer<'_>> = anchors
        .0
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let roots: Vec<TrustAnchor<'_>> = ders
        .iter()
        .filter_map(|der| anchor_from_trusted_cert(der).ok())
        .collect();
    let intermediates: Vec<CertificateDer<'_>> = rest.iter().map(|der| CertificateDer::from(*der)).collect();
    let leaf = CertificateDer::from(*leaf);
    let Ok(leaf) = EndEntityCert::try_from(&leaf) else {
        return false;
    };
    let usage = match usage {
        Usage::Any => KeyUsage::client_auth(),
        Usage::TpmAttestation => KeyUsage::required_if_present(AIK_CERTIFICATE),
    };
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    leaf.verify_for_usage(ALGORITHMS, &roots, &intermediates, now, usage, None, None)
        .is_ok()
}
