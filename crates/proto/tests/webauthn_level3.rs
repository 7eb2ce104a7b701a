//! The test vectors of WebAuthn Level 3, section 16: every registration and authentication of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;

use authflow_proto::webauthn::{
    Aaguid, AssertionRules, AttestationKind, AttestationPolicy, AuthenticationResponse,
    AuthenticatorDataError, CeremonyError, CoseAlgorithm, CredentialRecord, Embedding, Expected, KeyError,
    RegisteredCredential, RegistrationResponse, RegistrationRules, TrustAnchors, verify_assertion,
    verify_registration,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

const NOW: u64 = 1_790_000_000;

type Vector = BTreeMap<String, Vec<u8>>;

fn vectors() -> BTreeMap<String, Vector> {
    let mut vectors: BTreeMap<String, Vector> = BTreeMap::new();
    let mut section = String::new();
    for line in include_str!("webauthn_level3.txt").lines() {
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
        } else if let Some((name, hex)) = line.split_once(' ').filter(|_| !line.starts_with('#')) {
            let bytes = (0..hex.len())
                .step_by(2)
                .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap());
            vectors
                .entry(section.clone())
                .or_default()
                .insert(name.to_owned(), bytes.collect());
        }
    }
    vectors
}

fn vector(name: &str) -> Vector {
    vectors().remove(name).unwrap()
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn registration(vector: &Vector) -> RegistrationResponse {
    serde_json::from_value(json!({
        "id": b64(&vector["registration.credential_id"]),
        "rawId": b64(&vector["registration.credential_id"]),
        "type": "public-key",
        "response": {
            "clientDataJSON": b64(&vector["registration.clientDataJSON"]),
            "attestationObject": b64(&vector["registration.attestationObject"]),
            "transports": ["usb", "nfc"],
        },
        "clientExtensionResults": {},
    }))
    .unwrap()
}

fn authentication(vector: &Vector) -> AuthenticationResponse {
    serde_json::from_value(json!({
        "id": b64(&vector["registration.credential_id"]),
        "rawId": b64(&vector["registration.credential_id"]),
        "type": "public-key",
        "response": {
            "clientDataJSON": b64(&vector["authentication.clientDataJSON"]),
            "authenticatorData": b64(&vector["authentication.authenticatorData"]),
            "signature": b64(&vector["authentication.signature"]),
            "userHandle": b64(b"user"),
        },
        "clientExtensionResults": {},
    }))
    .unwrap()
}

fn expected(challenge: &[u8]) -> Expected<'_> {
    Expected {
        challenge,
        rp_id: "example.org",
        origins: &["https://example.org"],
        embedding: Embedding::Within(&["https://example.com"]),
        user_verification: false,
    }
}

fn anchors() -> TrustAnchors {
    TrustAnchors::from_der(vec![
        vector("attestation-root-cert")["attestation_ca_cert"].clone(),
    ])
    .unwrap()
}

fn rules<'a>(vector: &'a Vector, attestation: AttestationPolicy<'a>) -> RegistrationRules<'a> {
    RegistrationRules {
        expected: expected(&vector["registration.challenge"]),
        algorithms: CoseAlgorithm::ALL,
        attestation,
        aaguids: &[],
    }
}

fn register(
    vector: &Vector,
    attestation: AttestationPolicy<'_>,
) -> Result<RegisteredCredential, CeremonyError> {
    verify_registration(&registration(vector), &rules(vector, attestation))
}

fn record(credential: &RegisteredCredential) -> CredentialRecord<'_> {
    CredentialRecord {
        id: &credential.id,
        public_key: &credential.public_key,
        sign_count: credential.sign_count,
        backup_eligible: credential.backup_eligible,
        user_handle: b"user",
    }
}

fn assertion_rules(vector: &Vector) -> AssertionRules<'_> {
    AssertionRules {
        expected: expected(&vector["authentication.challenge"]),
        user_is_identified: false,
    }
}

#[test]
fn every_vector_registers_and_authenticates() {
    let mut count = 0;
    for (name, vector) in vectors() {
        if matches!(name.as_str(), "attestation-root-cert" | "packed-ed448") {
            continue;
        }
        let credential =
            register(&vector, AttestationPolicy::Any).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(credential.id, vector["registration.credential_id"], "{name}");
        let kind = match name.as_str() {
            "packed-self-es256" => AttestationKind::SelfSigned,
            name if name.starts_with("none-") => AttestationKind::None,
            _ => AttestationKind::Certified,
        };
        assert_eq!(credential.attestation, kind, "{name}");
        let aaguid = Aaguid::from_slice(&vector["registration.aaguid"]).unwrap();
        assert_eq!(credential.aaguid, aaguid, "{name}");
        let verified = verify_assertion(
            &authentication(&vector),
            &record(&credential),
            &assertion_rules(&vector),
        );
        assert!(verified.is_ok(), "{name}: {verified:?}");
        count += 1;
    }
    assert_eq!(count, 14);
}

#[test]
fn certified_vectors_lead_to_their_root_and_to_no_other() {
    let anchors = anchors();
    let policy = AttestationPolicy::Certified {
        anchors: &anchors,
        now: NOW,
    };
    let none = TrustAnchors::default();
    for (name, vector) in vectors() {
        let expected = match name.as_str() {
            "attestation-root-cert" | "packed-ed448" => continue,
            "packed-self-es256" => Err(CeremonyError::SelfAttestation),
            name if name.starts_with("none-") => Err(CeremonyError::AttestationMissing),
            _ => Ok(AttestationKind::Certified),
        };
        assert_eq!(
            register(&vector, policy).map(|credential| credential.attestation),
            expected,
            "{name}"
        );
        if expected.is_ok() {
            let elsewhere = AttestationPolicy::Certified {
                anchors: &none,
                now: NOW,
            };
            assert_eq!(
                register(&vector, elsewhere),
                Err(CeremonyError::UntrustedAttestation),
                "{name}"
            );
            let early = AttestationPolicy::Certified {
                anchors: &anchors,
                now: 1_600_000_000,
            };
            assert_eq!(
                register(&vector, early),
                Err(CeremonyError::UntrustedAttestation),
                "{name}"
            );
        }
    }
}

#[test]
fn an_algorithm_that_is_not_verified_here_is_refused() {
    let error = register(&vector("packed-ed448"), AttestationPolicy::Any).unwrap_err();
    let unsupported = AuthenticatorDataError::Key(KeyError::Unsupported);
    assert_eq!(error, CeremonyError::AuthenticatorData(unsupported));
}

#[test]
fn an_algorithm_that_was_not_offered_is_refused() {
    let vector = vector("packed-rs256");
    let rules = RegistrationRules {
        algorithms: &[CoseAlgorithm::Es256],
        ..rules(&vector, AttestationPolicy::Any)
    };
    assert_eq!(
        verify_registration(&registration(&vector), &rules),
        Err(CeremonyError::Algorithm)
    );
}

#[test]
fn frames_are_refused_unless_they_are_expected() {
    for (name, inside, error) in [
        (
            "none-es256-crossOrigin",
            Embedding::Refused,
            Some(CeremonyError::CrossOrigin),
        ),
        (
            "none-es256-topOrigin",
            Embedding::Refused,
            Some(CeremonyError::CrossOrigin),
        ),
        (
            "none-es256-topOrigin",
            Embedding::Within(&["https://other.example"]),
            Some(CeremonyError::TopOrigin),
        ),
        ("none-es256", Embedding::Refused, None),
    ] {
        let vector = vector(name);
        let mut rules = rules(&vector, AttestationPolicy::Any);
        rules.expected.embedding = inside;
        assert_eq!(
            verify_registration(&registration(&vector), &rules).err(),
            error,
            "{name}"
        );
    }
}

#[test]
fn each_expectation_of_a_registration_has_its_own_refusal() {
    let vector = vector("none-es256");
    let check = |change: &dyn Fn(&mut Expected<'static>)| {
        let mut expected = Expected {
            challenge: Box::leak(vector["registration.challenge"].clone().into_boxed_slice()),
            ..expected(&[])
        };
        change(&mut expected);
        let rules = RegistrationRules {
            expected,
            ..rules(&vector, AttestationPolicy::Any)
        };
        verify_registration(&registration(&vector), &rules).err()
    };
    assert_eq!(check(&|_| ()), None);
    assert_eq!(
        check(&|e| e.challenge = b"another"),
        Some(CeremonyError::Challenge)
    );
    assert_eq!(
        check(&|e| e.origins = &["https://example.org:8443"]),
        Some(CeremonyError::Origin)
    );
    assert_eq!(check(&|e| e.rp_id = "example.com"), Some(CeremonyError::RpId));
    // This vector's user was not verified.
    assert_eq!(
        check(&|e| e.user_verification = true),
        Some(CeremonyError::UserVerification)
    );
    let model = Aaguid::from_slice(&vector["registration.aaguid"]).unwrap();
    for (aaguids, error) in [
        (&[model][..], None),
        (&[Aaguid::NONE], Some(CeremonyError::AaguidNotAllowed)),
    ] {
        let rules = RegistrationRules {
            aaguids,
            ..rules(&vector, AttestationPolicy::Any)
        };
        assert_eq!(verify_registration(&registration(&vector), &rules).err(), error);
    }
}

#[test]
fn the_parts_of_one_ceremony_do_not_serve_another() {
    let (first, second) = (vector("none-es256"), vector("packed-es256"));
    let credential = register(&first, AttestationPolicy::Any).unwrap();
    let other = register(&second, AttestationPolicy::Any).unwrap();
    let response = authentication(&first);
    let rules = assertion_rules(&first);
    let refused = |record: CredentialRecord<'_>| verify_assertion(&response, &record, &rules).unwrap_err();
    assert_eq!(
        refused(CredentialRecord {
            id: &other.id,
            ..record(&credential)
        }),
        CeremonyError::OtherCredential
    );
    assert_eq!(
        refused(CredentialRecord {
            public_key: &other.public_key,
            ..record(&credential)
        }),
        CeremonyError::Signature
    );
    assert_eq!(
        refused(CredentialRecord {
            user_handle: b"mallory",
            ..record(&credential)
        }),
        CeremonyError::UserHandle
    );
    assert_eq!(
        refused(CredentialRecord {
            sign_count: 1,
            ..record(&credential)
        }),
        CeremonyError::Counter
    );
    assert_eq!(
        refused(CredentialRecord {
            backup_eligible: !credential.backup_eligible,
            ..record(&credential)
        }),
        CeremonyError::BackupEligibility
    );
    let mut nameless = response.clone();
    nameless.response.user_handle = None;
    assert_eq!(
        verify_assertion(&nameless, &record(&credential), &rules),
        Err(CeremonyError::UserHandle)
    );
    let identified = AssertionRules {
        user_is_identified: true,
        ..rules
    };
    assert!(verify_assertion(&nameless, &record(&credential), &identified).is_ok());
    // A registration's client data is no assertion's.
    let mut confused = response.clone();
    confused.response.client_data_json = registration(&first).response.client_data_json;
    let same_challenge = AssertionRules {
        expected: expected(&first["registration.challenge"]),
        ..rules
    };
    assert_eq!(
        verify_assertion(&confused, &record(&credential), &same_challenge),
        Err(CeremonyError::Type)
    );
}

#[test]
fn no_single_changed_byte_passes() {
    for name in [
        "packed-es256",
        "packed-self-es256",
        "tpm-es256",
        "apple-es256",
        "android-key-es256",
    ] {
        let vector = vector(name);
        let anchors = anchors();
        let policy = AttestationPolicy::Certified {
            anchors: &anchors,
            now: NOW,
        };
        let object = &vector["registration.attestationObject"];
        // Every byte counts: names and lengths, statement, certificates (signed by the root), authenticator data (signed by
        // the leaf). `fido-u2f` is not here: its signature leaves out AAGUID and counter (WebAuthn L3 8.6).
        for index in (0..object.len()).step_by(7) {
            let mut changed = vector.clone();
            changed.get_mut("registration.attestationObject").unwrap()[index] ^= 0x10;
            assert!(register(&changed, policy).is_err(), "{name}: byte {index}");
        }
        for (part, length) in [
            ("authenticatorData", 37),
            ("signature", 60),
            ("clientDataJSON", 100),
        ] {
            let credential = register(&vector, AttestationPolicy::Any).unwrap();
            for index in 0..length {
                let mut changed = vector.clone();
                changed.get_mut(&format!("authentication.{part}")).unwrap()[index] ^= 0x10;
                let verified = verify_assertion(
                    &authentication(&changed),
                    &record(&credential),
                    &assertion_rules(&vector),
                );
                assert!(verified.is_err(), "{name}: {part} byte {index}");
            }
        }
    }
}
