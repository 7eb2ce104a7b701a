//! Proof Key for Code Exchange, S256 only (RFC 7636; `plain` is refused as RFC 9700 2.1.1 asks).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, de};
use subtle::ConstantTimeEq as _;

use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::secret::SecretText;

/// Why PKCE input was refused. Always `invalid_request`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// Not 43 base64url characters that encode a SHA-256 digest (RFC 7636 4.2).
    #[error("`code_challenge` must be the base64url encoding of a SHA-256 digest, 43 characters")]
    Challenge,
    /// `plain`, by name or by omission (RFC 7636 4.3), or an unknown method.
    #[error("`code_challenge_method` must be S256")]
    Method,
    /// A method without a challenge.
    #[error("`code_challenge_method` needs a `code_challenge`")]
    MethodAlone,
    /// Not 43 to 128 unreserved characters (RFC 7636 4.1).
    #[error("`code_verifier` must be 43 to 128 unreserved characters")]
    Verifier,
}

impl PkceError {
    /// The OAuth code: `invalid_request` (RFC 7636 4.4.1).
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidRequest
    }
}

into_oauth_error!(PkceError);

/// An S256 code challenge (RFC 7636 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CodeChallenge(Box<str>);

impl CodeChallenge {
    /// Parses `code_challenge`: exactly 43 characters of canonical base64url.
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let mut digest = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut digest) {
            Ok(32) => Ok(Self(text.into())),
            _ => Err(PkceError::Challenge),
        }
    }

    /// Parses the pair of parameters of an authorization request; `None` when neither was sent.
    pub fn from_request(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, PkceError> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(PkceError::MethodAlone),
            (Some(challenge), Some("S256")) => Self::parse(challenge).map(Some),
            (Some(_), _) => Err(PkceError::Method),
        }
    }

    /// The challenge as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the verifier belongs to this challenge (RFC 7636 4.6), constant in time.
    pub fn verify(&self, verifier: &CodeVerifier) -> bool {
        self.0.as_bytes().ct_eq(verifier.challenge().0.as_bytes()).into()
    }
}

impl<'de> Deserialize<'de> for CodeChallenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// A code verifier (RFC 7636 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeVerifier(SecretText);

impl CodeVerifier {
    /// Parses `code_verifier`: 43 to 128 of `ALPHA / DIGIT / "-" / "." / "_" / "~"`.
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            Ok(Self(SecretText::new(text)))
        } else {
            Err(PkceError::Verifier)
        }
    }

    /// `BASE64URL(SHA256(verifier))` (RFC 7636 4.2).
    pub fn challenge(&self) -> CodeChallenge {
        let digest = digest::digest(&digest::SHA256, self.0.expose().as_bytes());
        CodeChallenge(URL_SAFE_NO_PAD.encode(digest).into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc_7636_appendix_b_verifies() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert_eq!(verifier.challenge(), challenge);
        assert!(challenge.verify(&verifier));
        let other = CodeVerifier::parse(&VERIFIER.replace('d', "e")).unwrap();
        assert!(!challenge.verify(&other));
    }

    #[test]
    fn verifier_length_is_checked_at_its_boundaries() {
        for (length, good) in [(0, false), (42, false), (43, true), (128, true), (129, false)] {
            assert_eq!(CodeVerifier::parse(&"a".repeat(length)).is_ok(), good, "{length}");
        }
        for bad in ["+", "/", "=", " ", "\u{e9}", "%", "\0"] {
            assert_eq!(
                CodeVerifier::parse(&format!("{}{bad}", "a".repeat(43))),
                Err(PkceError::Verifier)
            );
        }
    }

    #[test]
    fn plain_is_refused_by_name_and_by_omission() {
        let parse = CodeChallenge::from_request;
        assert_eq!(parse(Some(CHALLENGE), Some("plain")), Err(PkceError::Method));
        assert_eq!(parse(Some(CHALLENGE), Some("s256")), Err(PkceError::Method));
        assert_eq!(parse(Some(CHALLENGE), None), Err(PkceError::Method));
        assert_eq!(parse(None, Some("S256")), Err(PkceError::MethodAlone));
        assert_eq!(parse(None, None), Ok(None));
        assert!(parse(Some(CHALLENGE), Some("S256")).unwrap().is_some());
    }

    #[test]
    fn challenge_must_be_a_canonical_digest() {
        let not_canonical = format!("{}N", CHALLENGE.strip_suffix('M').unwrap());
        for bad in [
            "",
            "abc",
            &CHALLENGE[1..],
            &format!("{CHALLENGE}A"),
            &CHALLENGE.replace('-', "+"),
            &not_canonical,
        ] {
            assert_eq!(CodeChallenge::parse(bad), Err(PkceError::Challenge), "{bad}");
        }
        assert_eq!(
            CodeChallenge::parse(&format!("{CHALLENGE}=")),
            Err(PkceError::Challenge)
        );
    }

    proptest! {
        #[test]
        fn every_verifier_matches_its_own_challenge_only(a in "[A-Za-z0-9._~-]{43,128}", b in "[A-Za-z0-9._~-]{43,128}") {
            let (a, b) = (CodeVerifier::parse(&a).unwrap(), CodeVerifier::parse(&b).unwrap());
            prop_assert!(CodeChallenge::parse(a.challenge().as_str()).unwrap().verify(&a));
            prop_assert_eq!(a.challenge().verify(&b), a == b);
        }

        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = CodeChallenge::parse(&text);
            let _ = CodeVerifier::parse(&text);
        }
    }
}
