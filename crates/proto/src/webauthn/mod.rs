//! Web Authentication Level 3, the relying party's part: options out, responses in, verified clause by clause.
//!
//! ```text
//!  CreationOptions ─▶ navigator.credentials.create() ─▶ RegistrationResponse ─▶ verify_registration ─▶ RegisteredCredential
//!  RequestOptions  ─▶ navigator.credentials.get()    ─▶ AuthenticationResponse ─▶ verify_assertion  ─▶ VerifiedAssertion
//! ```
//!
//! The JSON shapes are those of WebAuthn L3 5.1.8 to 5.1.10, which `@simplewebauthn/browser` and
//! `PublicKeyCredential.parseCreationOptionsFromJSON()` read and write.
//!
//! What it does not decide: whether the challenge is still unused and whose it was, which user a credential belongs to
//! (7.2.6), whether a credential ID is already registered (7.1.25). The caller does, in a transaction.
//!
//! Read `ceremony.rs` (what both ceremonies check), `registration.rs`, `assertion.rs`; then what they stand on: `json.rs`,
//! `client_data.rs`, `authenticator_data.rs`, `cose.rs`, `cbor.rs`, `attestation/`, `rp_id.rs`.

mod aaguid;
mod assertion;
mod attestation;
mod authenticator_data;
mod cbor;
mod ceremony;
mod client_data;
mod cose;
mod json;
mod registration;
mod rp_id;

pub use aaguid::{Aaguid, AaguidError};
pub use assertion::{AssertionRules, CredentialRecord, VerifiedAssertion, verify_assertion};
pub use attestation::{AttestationError, AttestationKind, TrustAnchors, TrustAnchorsError};
pub use authenticator_data::AuthenticatorDataError;
pub use cbor::CborError;
pub use ceremony::{CeremonyError, Embedding, Expected};
pub use cose::{CoseAlgorithm, KeyError, PublicKey};
pub use json::{
    AssertionBody, AttestationBody, AttestationConveyance, AuthenticationResponse, Base64Url,
    CreationOptions, CredentialDescriptor, RegistrationResponse, RelyingParty, RequestOptions, Requirement,
    UserAccount,
};
pub use registration::{AttestationPolicy, RegisteredCredential, RegistrationRules, verify_registration};
pub use rp_id::{RpId, RpIdError};

/// Parses credential public keys, authenticator data and client data: what the fuzz targets drive.
#[doc(hidden)]
pub fn parse_anything(bytes: &[u8]) {
    let _ = cbor::Item::read_prefix(bytes);
    let _ = PublicKey::parse(bytes);
    let _ = authenticator_data::AuthenticatorData::parse(bytes);
    let _ = client_data::ClientData::parse(bytes);
}
