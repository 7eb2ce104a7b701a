//! API keys as text: `af_live_`, `af_test_`, `af_pk_live_` or `af_pk_test_`, 43 base62 characters (32 random bytes) and 6
//! base62 characters of CRC-32 over everything before.
//!
//! The checksum tells a mistyped or invented key without a look into storage, and secret scanners a key from a word that
//! looks like one: `\baf_(live|test)_[0-9A-Za-z]{49}\b`.

use std::fmt;

use authflow_types::{Digest, Rng, Token, TokenKind, TokenParseError};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::secret::SecretText;

/// The header that carries a key where `Authorization` is taken.
pub const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// How many characters of the random part are kept to recognise a key by.
const START_LEN: usize = 4;

/// Whether a key is for real data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real data.
    Live,
    /// Trying things out.
    Test,
}

impl Environment {
    /// As stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// Who may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Servers; it is a secret.
    Secret,
    /// Browsers; everybody can read it.
    Publishable,
}

impl KeyKind {
    /// As stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable => "publishable",
        }
    }
}

/// Why a text is not an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// Wrong prefix, length or alphabet.
    #[error("the API key is malformed")]
    Malformed,
    /// The last six characters are not the checksum of the rest.
    #[error("the API key's checksum does not match: it is mistyped or cut off")]
    Checksum,
}

/// An API key, as given to its owner once and presented by callers. `Debug` is redacted, memory is wiped on drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    token: Token,
    kind: KeyKind,
    environment: Environment,
}

/// The kinds of token that are API keys.
const KINDS: [(TokenKind, KeyKind, Environment); 4] = [
    (TokenKind::ApiKeyLive, KeyKind::Secret, Environment::Live),
    (TokenKind::ApiKeyTest, KeyKind::Secret, Environment::Test),
    (
        TokenKind::PublishableKeyLive,
        KeyKind::Publishable,
        Environment::Live,
    ),
    (
        TokenKind::PublishableKeyTest,
        KeyKind::Publishable,
        Environment::Test,
    ),
];

const fn token_kind(kind: KeyKind, environment: Environment) -> TokenKind {
    match (kind, environment) {
        (KeyKind::Secret, Environment::Live) => TokenKind::ApiKeyLive,
        (KeyKind::Secret, Environment::Test) => TokenKind::ApiKeyTest,
        (KeyKind::Publishable, Environment::Live) => TokenKind::PublishableKeyLive,
        (KeyKind::Publishable, Environment::Test) => TokenKind::PublishableKeyTest,
    }
}

impl ApiKey {
    /// A new random key.
    pub fn generate(kind: KeyKind, environment: Environment, rng: &dyn Rng) -> Self {
        Self::from_bytes(kind, environment, rng.bytes())
    }

    /// The key that carries `bytes`.
    ///
    /// # Security
    /// The bytes must be fresh from a secure generator.
    pub fn from_bytes(kind: KeyKind, environment: Environment, bytes: [u8; 32]) -> Self {
        Self {
            token: Token::from_bytes(token_kind(kind, environment), bytes),
            kind,
            environment,
        }
    }

    /// Reads a presented key.
    ///
    /// # Errors
    /// [`ApiKeyError`].
    ///
    /// # Security
    /// Nothing is known of the key but that it is well formed: anybody can compute a checksum.
    pub fn parse(text: &str) -> Result<Self, ApiKeyError> {
        let found = KINDS.iter().find(|(token, ..)| text.starts_with(token.prefix()));
        let &(token, kind, environment) = found.ok_or(ApiKeyError::Malformed)?;
        let token = Token::parse(token, text).map_err(|error| match error {
            TokenParseError::Malformed => ApiKeyError::Malformed,
            TokenParseError::Checksum => ApiKeyError::Checksum,
        })?;
        Ok(Self {
            token,
            kind,
            environment,
        })
    }

    /// The key itself. Never log, store or echo what this returns.
    pub fn expose(&self) -> &str {
        self.token.expose()
    }

    /// What is stored and looked up.
    pub fn digest(&self) -> Digest {
        self.token.digest()
    }

    /// Who may hold it.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Whether it is for real data.
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// The prefix and four characters: what people recognise a key by.
    pub fn start(&self) -> &str {
        let end = token_kind(self.kind, self.environment).prefix().len() + START_LEN;
        self.expose().get(..end).unwrap_or_default()
    }

    /// The last four characters.
    pub fn last4(&self) -> &str {
        let text = self.expose();
        text.get(text.len().saturating_sub(4)..).unwrap_or_default()
    }
}

/// Why the credentials of a request cannot be read. Always 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PresentedError {
    /// Two different credentials, or one header twice.
    #[error(
        "the request carries more than one credential; send one, as `Authorization: Bearer` or `X-API-Key`"
    )]
    Several,
    /// A header that is not text.
    #[error("the credential is not printable ASCII")]
    NotText,
}

/// The credential of a request to an API: `Authorization: Bearer` (RFC 6750 2.1) or `X-API-Key`; never the query string.
/// `None` where there is none; other schemes of `Authorization` are none.
///
/// # Errors
/// [`PresentedError`].
pub fn presented(headers: &HeaderMap) -> Result<Option<SecretText>, PresentedError> {
    let bearer = single(headers, &AUTHORIZATION)?.and_then(|value| {
        let (scheme, rest) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    let own = single(headers, &HEADER)?.map(str::trim);
    match (bearer, own) {
        (Some(one), Some(other)) if one != other => Err(PresentedError::Several),
        (Some(one), _) | (None, Some(one)) => Ok(Some(SecretText::new(one))),
        (None, None) => Ok(None),
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, PresentedError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(PresentedError::Several);
    }
    value.to_str().map(Some).map_err(|_| PresentedError::NotText)
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    /// Computed apart from this code: base62 of the bytes as one number, then of zlib's `crc32`.
    const VECTORS: &[(KeyKind, Environment, u8, &str)] = &[
        (
            KeyKind::Secret,
            Environment::Live,
            0xff,
            "af_live_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12wEBlJ",
        ),
        (
            KeyKind::Secret,
            Environment::Live,
            0,
            "af_live_00000000000000000000000000000000000000000000DYtNp",
        ),
        (
            KeyKind::Secret,
            Environment::Test,
            0xff,
            "af_test_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp13O5Axd",
        ),
        (
            KeyKind::Secret,
            Environment::Test,
            0,
            "af_test_00000000000000000000000000000000000000000000L2btx",
        ),
        (
            KeyKind::Publishable,
            Environment::Live,
            0xff,
            "af_pk_live_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp14I4FoK",
        ),
        (
            KeyKind::Publishable,
            Environment::Test,
            0,
            "af_pk_test_00000000000000000000000000000000000000000001ccxTQ",
        ),
    ];

    #[test]
    fn keys_are_written_as_the_vectors_say() {
        for &(kind, environment, byte, text) in VECTORS {
            let key = ApiKey::from_bytes(kind, environment, [byte; 32]);
            assert_eq!(key.expose(), text);
            let read = ApiKey::parse(text).unwrap();
            assert_eq!((read.kind(), read.environment()), (kind, environment));
            assert_eq!(read.digest(), key.digest());
        }
        let counting: Vec<u8> = (0..32).collect();
        let key = ApiKey::from_bytes(KeyKind::Secret, Environment::Live, counting.try_into().unwrap());
        assert_eq!(
            key.expose(),
            "af_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0iGIM5"
        );
        assert_eq!((key.start(), key.last4()), ("af_live_003a", "GIM5"));
    }

    #[test]
    fn what_is_no_key_is_told_apart_from_what_is_mistyped() {
        let good = VECTORS[0].3;
        for bad in [
            "",
            "af_live_",
            &good[..good.len() - 1],
            &format!("{good}0"),
            &good.replace("live", "prod"),
            &good.replace("af_live", "AF_live"),
            &format!(" {good}"),
            &good.replace('y', "-"),
            "af_at_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12wEBlJ",
        ] {
            assert_eq!(ApiKey::parse(bad), Err(ApiKeyError::Malformed), "{bad}");
        }
        for bad in [
            good.replace("live", "test"),
            good.replacen('y', "z", 1),
            format!("{}K", &good[..good.len() - 1]),
        ] {
            assert_eq!(ApiKey::parse(&bad), Err(ApiKeyError::Checksum), "{bad}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        let key = ApiKey::parse(VECTORS[0].3).unwrap();
        assert!(!format!("{key:?}").contains("yhjs"));
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn one_credential_is_read_from_either_header_and_two_that_differ_from_none() {
        let read = |pairs: &[(&'static str, &str)]| {
            presented(&headers(pairs)).map(|found| found.map(|text| text.expose().to_owned()))
        };
        assert_eq!(
            read(&[("authorization", "Bearer abc")]),
            Ok(Some("abc".to_owned()))
        );
        assert_eq!(
            read(&[("authorization", "bearer  abc ")]),
            Ok(Some("abc".to_owned()))
        );
        assert_eq!(read(&[("x-api-key", "abc")]), Ok(Some("abc".to_owned())));
        assert_eq!(
            read(&[("authorization", "Bearer abc"), ("x-api-key", "abc")]),
            Ok(Some("abc".to_owned()))
        );
        assert_eq!(
            read(&[("authorization", "Basic abc"), ("x-api-key", "abc")]),
            Ok(Some("abc".to_owned()))
        );
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("authorization", "Basic abc")]), Ok(None));
        for several in [
            &[("authorization", "Bearer abc"), ("x-api-key", "abd")][..],
            &[("authorization", "Bearer abc"), ("authorization", "Bearer abc")],
            &[("x-api-key", "abc"), ("x-api-key", "abc")],
        ] {
            assert_eq!(read(several), Err(PresentedError::Several), "{several:?}");
        }
    }

    proptest! {
        #[test]
        fn every_key_reads_back_and_every_changed_character_is_noticed(
            bytes in any::<[u8; 32]>(),
            test in any::<bool>(),
            publishable in any::<bool>(),
            at in 0_usize..49,
            other in 0_usize..61,
        ) {
            let kind = if publishable { KeyKind::Publishable } else { KeyKind::Secret };
            let environment = if test { Environment::Test } else { Environment::Live };
            let key = ApiKey::from_bytes(kind, environment, bytes);
            prop_assert_eq!(ApiKey::parse(key.expose()), Ok(key.clone()));
            let mut changed = key.expose().as_bytes().to_vec();
            let at = changed.len() - 49 + at;
            let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            let others: Vec<u8> = alphabet.iter().copied().filter(|b| *b != changed[at]).collect();
            changed[at] = others[other];
            let changed = String::from_utf8(changed).unwrap();
            prop_assert_eq!(ApiKey::parse(&changed), Err(ApiKeyError::Checksum));
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".{0,80}") {
            let _ = ApiKey::parse(&text);
        }
    }
}
