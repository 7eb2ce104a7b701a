//! ALTCHA proof of work, version 1: find the number whose hash with a salt is the challenge.
//!
//! ```text
//! challenge = hex(SHA-256(salt ‖ number))           number: decimal, 0 to maxnumber, forgotten once the challenge is made
//! signature = hex(HMAC-SHA-256(key, challenge))
//! salt      = 32 hexadecimal digits ‖ "?expires=" ‖ Unix time ‖ "&"
//! payload   = base64({"algorithm", "challenge", "number", "salt", "signature"})
//! ```
//!
//! Nothing is kept to verify a solution. What it does not do: remember solutions. The caller refuses the [`Solved::id`]
//! that it saw before, and binds a challenge to what it is for by its key.

use std::fmt::Write as _;

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

/// The hash, as the protocol names it.
pub const ALGORITHM: &str = "SHA-256";

/// Longest payload that is looked at, in bytes; a solution has about 400.
pub const MAX_PAYLOAD: usize = 2048;

const RANDOM_DIGITS: usize = 32;
const EXPIRES: &str = "?expires=";

/// Widgets pad, other clients may not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A challenge, as it goes to the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Always [`ALGORITHM`].
    pub algorithm: String,
    /// The hash to find the number of, in hexadecimal.
    pub challenge: String,
    /// The number is no larger.
    pub maxnumber: u32,
    /// What stands before the number.
    pub salt: String,
    /// Says that the challenge is ours.
    pub signature: String,
}

/// A solution that is right and not too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// Tells challenges apart: their hash.
    pub id: [u8; 32],
    /// Until when it would be accepted (Unix time): for so long its id has to be remembered.
    pub expires_secs: i64,
}

/// Why a payload proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AltchaError {
    /// Not base64, not JSON, too long, or something is missing.
    #[error("the proof of work is malformed")]
    Malformed,
    /// Another hash than ours.
    #[error("the proof of work names an algorithm other than SHA-256")]
    Algorithm,
    /// The salt is not of the form that ours have.
    #[error("the salt of the proof of work is not of the expected form")]
    Salt,
    /// The number does not lead to the challenge.
    #[error("the number does not solve the challenge")]
    Wrong,
    /// The challenge is not ours, or was for something else.
    #[error("the challenge was not issued for this")]
    Signature,
    /// It is too old.
    #[error("the challenge has expired")]
    Expired,
}

#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

impl Challenge {
    /// The challenge whose answer is `number`.
    ///
    /// # Security
    /// `random` and `number` come fresh from a secure generator, `number` evenly from 0 to `maxnumber`; `key` is another
    /// one for everything that a solution must not be carried over to.
    pub fn issue(key: &[u8], random: [u8; 16], (number, maxnumber): (u32, u32), expires_secs: i64) -> Self {
        let salt = format!("{}{EXPIRES}{expires_secs}&", hex(&random));
        let challenge = hex(&hash(&salt, u64::from(number)));
        Self {
            algorithm: ALGORITHM.to_owned(),
            signature: hex(&sign(key, &challenge)),
            challenge,
            maxnumber,
            salt,
        }
    }

    /// The payload with the number, found by trying: what clients do.
    pub fn solve(&self) -> Option<String> {
        let found = (0..=u64::from(self.maxnumber)).find(|&n| hex(&hash(&self.salt, n)) == self.challenge)?;
        Some(self.payload(found))
    }

    /// The payload that claims `number`.
    pub fn payload(&self, number: u64) -> String {
        let json = serde_json::json!({
            "algorithm": self.algorithm, "challenge": self.challenge, "number": number, "salt": self.salt,
            "signature": self.signature,
        });
        BASE64.encode(json.to_string())
    }
}

/// Whether `payload` solves a challenge that was signed with `key` and has not expired at `now_secs`.
///
/// # Errors
/// The first [`AltchaError`] found.
///
/// # Security
/// Says nothing about whether the solution was used before: refuse a [`Solved::id`] that came already.
pub fn verify(key: &[u8], payload: &str, now_secs: i64) -> Result<Solved, AltchaError> {
    if payload.len() > MAX_PAYLOAD {
        return Err(AltchaError::Malformed);
    }
    let json = BASE64
        .decode(payload.trim())
        .map_err(|_| AltchaError::Malformed)?;
    let given: Payload = serde_json::from_slice(&json).map_err(|_| AltchaError::Malformed)?;
    if given.algorithm != ALGORITHM {
        return Err(AltchaError::Algorithm);
    }
    let expires_secs = expiry(&given.salt).ok_or(AltchaError::Salt)?;
    let id = hash(&given.salt, given.number);
    if hex(&id) != given.challenge {
        return Err(AltchaError::Wrong);
    }
    let expected = hex(&sign(key, &given.challenge));
    constant_time::verify_slices_are_equal(expected.as_bytes(), given.signature.as_bytes())
        .map_err(|_| AltchaError::Signature)?;
    if now_secs >= expires_secs {
        return Err(AltchaError::Expired);
    }
    Ok(Solved { id, expires_secs })
}

/// The expiry in a salt of our form.
///
/// # Security
/// The form is exact, and ends in a delimiter: digits cannot wander between salt and number, which would move the expiry
/// without changing the hash.
fn expiry(salt: &str) -> Option<i64> {
    let (random, rest) = salt.split_at_checked(RANDOM_DIGITS)?;
    let digits = rest.strip_prefix(EXPIRES)?.strip_suffix('&')?;
    let is_hex = random
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (is_hex && is_number).then(|| digits.parse().ok()).flatten()
}

fn hash(salt: &str, number: u64) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(salt.as_bytes());
    context.update(number.to_string().as_bytes());
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

fn sign(key: &[u8], challenge: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&key, challenge.as_bytes()).as_ref());
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made by altcha-lib 2.8.0 (`createChallenge` of `altcha-lib/v1`).
    const KEY: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
    const AT: i64 = 1_800_000_000;

    fn random() -> [u8; 16] {
        std::array::from_fn(|i| u8::try_from(i).unwrap())
    }

    fn issued() -> Challenge {
        Challenge::issue(KEY.as_bytes(), random(), (4711, 50_000), AT)
    }

    fn check(payload: &str, now: i64) -> Result<Solved, AltchaError> {
        verify(KEY.as_bytes(), payload, now)
    }

    fn changed(change: impl FnOnce(&mut Challenge), number: u64) -> Result<Solved, AltchaError> {
        let mut challenge = issued();
        change(&mut challenge);
        check(&challenge.payload(number), AT - 1)
    }

    #[test]
    fn challenge_is_what_the_protocols_own_library_makes() {
        let expected = Challenge {
            algorithm: "SHA-256".to_owned(),
            challenge: "d85e6b01737a84d5dcd26268e31c7d01c9ffd057704082ac856ab40c7fdcb7ad".to_owned(),
            maxnumber: 50_000,
            salt: "000102030405060708090a0b0c0d0e0f?expires=1800000000&".to_owned(),
            signature: "edc27e979babc79b72389affae27090eedaf6e3dc0a6ecdf155f35a3c6213651".to_owned(),
        };
        assert_eq!(issued(), expected);
    }

    #[test]
    fn payload_of_the_protocols_own_library_is_accepted() {
        let payload = "eyJhbGdvcml0aG0iOiJTSEEtMjU2IiwiY2hhbGxlbmdlIjoiZDg1ZTZiMDE3MzdhODRkNWRjZDI2MjY4ZTMxYzdkMDFjOWZmZDA1NzcwNDA4MmFjODU2YWI0MGM3ZmRjYjdhZCIsIm51bWJlciI6NDcxMSwic2FsdCI6IjAwMDEwMjAzMDQwNTA2MDcwODA5MGEwYjBjMGQwZTBmP2V4cGlyZXM9MTgwMDAwMDAwMCYiLCJzaWduYXR1cmUiOiJlZGMyN2U5NzliYWJjNzliNzIzODlhZmZhZTI3MDkwZWVkYWY2ZTNkYzBhNmVjZGYxNTVmMzVhM2M2MjEzNjUxIiwidG9vayI6NDI5fQ==";
        let solved = check(payload, AT - 1).unwrap();
        assert_eq!(hex(&solved.id), issued().challenge);
        assert_eq!(solved.expires_secs, AT);
        assert_eq!(
            check(payload.trim_end_matches('='), AT - 1),
            Ok(solved),
            "unpadded"
        );
    }

    #[test]
    fn the_number_is_found_by_trying_and_only_that_one_is_right() {
        assert_eq!(issued().solve(), Some(issued().payload(4711)));
        for number in [0, 1, 471, 4710, 4712, 47110, u64::MAX] {
            assert_eq!(changed(|_| {}, number), Err(AltchaError::Wrong), "{number}");
        }
    }

    #[test]
    fn it_is_good_until_it_expires() {
        let payload = issued().payload(4711);
        assert!(check(&payload, AT - 1).is_ok());
        for now in [AT, AT + 1, i64::MAX] {
            assert_eq!(check(&payload, now), Err(AltchaError::Expired));
        }
    }

    #[test]
    fn digits_cannot_wander_between_salt_and_number() {
        let base = issued();
        // The hash is the same for each of these; the salt is not of our form.
        let spliced =
            |salt: String, number| check(&Challenge { salt, ..base.clone() }.payload(number), AT - 1);
        assert_eq!(spliced(format!("{}4", base.salt), 711), Err(AltchaError::Salt));
        assert_eq!(
            spliced(base.salt.replace('&', "0&"), 4711),
            Err(AltchaError::Wrong)
        );
        let open = Challenge::issue(KEY.as_bytes(), random(), (4711, 50_000), AT);
        let without = open.salt.trim_end_matches('&').to_owned();
        assert_eq!(spliced(without, 4711), Err(AltchaError::Salt));
    }

    #[test]
    fn what_was_issued_under_another_key_is_refused() {
        let foreign = Challenge::issue(b"another key", random(), (4711, 50_000), AT);
        assert_eq!(check(&foreign.payload(4711), AT - 1), Err(AltchaError::Signature));
        let forged = changed(|c| c.signature = "0".repeat(64), 4711);
        assert_eq!(forged, Err(AltchaError::Signature));
        assert_eq!(
            changed(|c| c.signature.clear(), 4711),
            Err(AltchaError::Signature)
        );
    }

    #[test]
    fn an_easier_challenge_of_ones_own_is_refused() {
        let easy = Challenge::issue(b"", random(), (0, 0), AT);
        assert_eq!(check(&easy.payload(0), AT - 1), Err(AltchaError::Signature));
        assert_eq!(
            changed(|c| c.algorithm = "SHA-1".to_owned(), 4711),
            Err(AltchaError::Algorithm)
        );
    }

    #[test]
    fn malformed_payloads_are_refused() {
        for text in [
            "",
            "e30=",
            "e30",
            "!!",
            "bnVsbA==",
            "[]",
            &"A".repeat(MAX_PAYLOAD + 1),
        ] {
            assert_eq!(check(text, AT - 1), Err(AltchaError::Malformed), "{text}");
        }
        for json in [
            r#"{"algorithm":"SHA-256","challenge":"","number":-1,"salt":"","signature":""}"#,
            r#"{"algorithm":"SHA-256","challenge":"","number":1.5,"salt":"","signature":""}"#,
            r#"{"algorithm":"SHA-256","challenge":"","number":"1","salt":"","signature":""}"#,
            r#"{"algorithm":"SHA-256","algorithm":"SHA-256","challenge":"","number":1,"salt":"","signature":""}"#,
        ] {
            assert_eq!(
                check(&BASE64.encode(json), AT - 1),
                Err(AltchaError::Malformed),
                "{json}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_challenge_is_solved_by_its_number_and_no_other(
            random: [u8; 16], number in 0_u32..5_000, other in 0_u64..10_000, key: [u8; 32], expires in 1_i64..4_000_000_000,
        ) {
            let challenge = Challenge::issue(&key, random, (number, 5_000), expires);
            let right = verify(&key, &challenge.payload(u64::from(number)), expires - 1);
            prop_assert_eq!(right.map(|solved| solved.expires_secs), Ok(expires));
            if other != u64::from(number) {
                prop_assert_eq!(verify(&key, &challenge.payload(other), expires - 1), Err(AltchaError::Wrong));
            }
        }

        #[test]
        fn no_text_is_a_panic_or_a_proof(text in "\\PC{0,300}", json in "[{}\":,a-z0-9?&=]{0,200}") {
            prop_assert!(verify(b"k", &text, 0).is_err());
            prop_assert!(verify(b"k", &BASE64.encode(json), 0).is_err());
        }
    }
}
