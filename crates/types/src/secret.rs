//! Bearer secrets: typed, checksummed, redacted, stored only as digests.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroize;

use crate::Rng;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY_LEN: usize = 43;
const CHECKSUM_LEN: usize = 6;

/// What a [`Token`] is for; each kind has a prefix of its own, so that one is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// An authorization code (RFC 6749 4.1.2).
    Code,
    /// A refresh token (RFC 6749 1.5).
    Refresh,
    /// An opaque access token.
    Access,
    /// A session cookie.
    Session,
    /// A client secret.
    ClientSecret,
    /// The cookie that binds a sign-in to a browser.
    SignIn,
    /// The `auth_session` that binds a sign-in to a client.
    AuthSession,
    /// A registration access token (RFC 7592 3).
    Registration,
    /// An initial access token (RFC 7591 3).
    InitialAccess,
    /// A one-time link sent by mail.
    Link,
    /// The link with which the first operator claims an installation.
    Claim,
    /// The cookie of a browser that its user trusts.
    Device,
    /// The `state` of a request to another provider.
    UpstreamState,
    /// A secret API key for real data.
    ApiKeyLive,
    /// A secret API key for trying things out.
    ApiKeyTest,
    /// A publishable API key for real data: browsers may hold it.
    PublishableKeyLive,
    /// A publishable API key for trying things out.
    PublishableKeyTest,
}

impl TokenKind {
    /// The text every token of this kind begins with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "af_ac_",
            Self::Refresh => "af_rt_",
            Self::Access => "af_at_",
            Self::Session => "af_ss_",
            Self::ClientSecret => "af_cs_",
            Self::SignIn => "af_si_",
            Self::AuthSession => "af_as_",
            Self::Registration => "af_ra_",
            Self::InitialAccess => "af_ia_",
            Self::Link => "af_ln_",
            Self::Claim => "af_cl_",
            Self::Device => "af_dv_",
            Self::UpstreamState => "af_us_",
            Self::ApiKeyLive => "af_live_",
            Self::ApiKeyTest => "af_test_",
            Self::PublishableKeyLive => "af_pk_live_",
            Self::PublishableKeyTest => "af_pk_test_",
        }
    }
}

/// Why a text is not a token of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenParseError {
    /// Wrong prefix, length or alphabet.
    #[error("malformed token")]
    Malformed,
    /// The last six characters are not the checksum of the rest: mistyped or invented.
    #[error("token checksum does not match")]
    Checksum,
}

/// A bearer secret: prefix + 43 base62 characters (32 random bytes) + 6 base62 characters of CRC-32 over all before.
///
/// Debug output is redacted; memory is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
}

impl Token {
    /// A new random token.
    pub fn generate(kind: TokenKind, rng: &dyn Rng) -> Self {
        Self::from_bytes(kind, rng.bytes())
    }

    /// The token that carries `bytes`.
    ///
    /// # Security
    /// At least 16 of the bytes must be fresh from a secure generator.
    pub fn from_bytes(kind: TokenKind, mut bytes: [u8; 32]) -> Self {
        let mut text = String::with_capacity(kind.prefix().len() + BODY_LEN + CHECKSUM_LEN);
        text.push_str(kind.prefix());
        push_body(&bytes, &mut text);
        bytes.zeroize();
        let checksum = crc32fast::hash(text.as_bytes());
        push_digits(u64::from(checksum), CHECKSUM_LEN, &mut text);
        Self { text }
    }

    /// The 32 bytes that the token carries; `None` where 43 digits exceed 256 bits.
    pub fn to_bytes(&self) -> Option<[u8; 32]> {
        let start = self.text.len() - BODY_LEN - CHECKSUM_LEN;
        read_body(self.text.as_bytes().get(start..start + BODY_LEN)?)
    }

    /// Parses a presented token; a bad checksum is refused without touching storage.
    pub fn parse(kind: TokenKind, text: &str) -> Result<Self, TokenParseError> {
        let body = text
            .strip_prefix(kind.prefix())
            .ok_or(TokenParseError::Malformed)?;
        if body.len() != BODY_LEN + CHECKSUM_LEN || !body.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(TokenParseError::Malformed);
        }
        let (signed, checksum) = text.split_at(text.len() - CHECKSUM_LEN);
        let mut expected = String::with_capacity(CHECKSUM_LEN);
        push_digits(
            u64::from(crc32fast::hash(signed.as_bytes())),
            CHECKSUM_LEN,
            &mut expected,
        );
        if expected != checksum {
            return Err(TokenParseError::Checksum);
        }
        Ok(Self {
            text: text.to_owned(),
        })
    }

    /// The token itself, to be given to its owner once.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is stored and looked up.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// 62^10: the largest power of 62 that leaves room for one more digit in 64 bits.
const CHUNK: u64 = 839_299_365_868_340_224;
const CHUNK_LEN: usize = 10;

/// Appends the last `len` base62 digits of `number`, most significant first.
fn push_digits(mut number: u64, len: usize, out: &mut String) {
    let mut digits = [b'0'; CHUNK_LEN];
    for slot in digits.iter_mut().take(len).rev() {
        let digit = usize::try_from(number % 62).unwrap_or(0);
        *slot = BASE62.get(digit).copied().unwrap_or(b'0');
        number /= 62;
    }
    out.extend(digits.iter().take(len).map(|&b| char::from(b)));
}

/// Appends 32 bytes, read as one big-endian number, as 43 base62 digits: one of 3, then four of 10.
fn push_body(bytes: &[u8; 32], out: &mut String) {
    let mut limbs = [0_u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = chunk
            .iter()
            .fold(0, |value, &byte| (value << 8) | u64::from(byte));
    }
    let mut chunks = [0_u64; 5];
    for chunk in chunks.iter_mut().rev() {
        *chunk = limbs.iter_mut().fold(0, |remainder, limb| {
            let value = (u128::from(remainder) << 64) | u128::from(*limb);
            *limb = u64::try_from(value / u128::from(CHUNK)).unwrap_or(u64::MAX);
            u64::try_from(value % u128::from(CHUNK)).unwrap_or(0)
        });
    }
    for (index, &chunk) in chunks.iter().enumerate() {
        push_digits(
            chunk,
            if index == 0 {
                BODY_LEN - 4 * CHUNK_LEN
            } else {
                CHUNK_LEN
            },
            out,
        );
    }
}

/// Reads 43 base62 digits back into 32 bytes; `None` if they exceed 256 bits.
fn read_body(digits: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    for &digit in digits {
        let value = BASE62.iter().position(|&symbol| symbol == digit)?;
        let mut carry = u32::try_from(value).ok()?;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 62;
            *byte = u8::try_from(carry & 0xff).ok()?;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(bytes)
}

/// A SHA-256 digest: what is stored in place of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(out)
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl TryFrom<Vec<u8>> for Digest {
    type Error = TokenParseError;
    fn try_from(bytes: Vec<u8>) -> Result<Self, TokenParseError> {
        bytes.try_into().map(Self).map_err(|_| TokenParseError::Malformed)
    }
}

#[cfg(feature = "sqlx")]
mod sql {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Type};

    use super::Digest;

    impl<DB: Database> Type<DB> for Digest
    where
        Vec<u8>: Type<DB>,
    {
        fn type_info() -> DB::TypeInfo {
            <Vec<u8> as Type<DB>>::type_info()
        }
        fn compatible(ty: &DB::TypeInfo) -> bool {
            <Vec<u8> as Type<DB>>::compatible(ty)
        }
    }

    impl<'q, DB: Database> Encode<'q, DB> for Digest
    where
        Vec<u8>: Encode<'q, DB>,
    {
        fn encode_by_ref(&self, buf: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            self.0.to_vec().encode(buf)
        }
    }

    impl<'r, DB: Database> Decode<'r, DB> for Digest
    where
        Vec<u8>: Decode<'r, DB>,
    {
        fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
            Ok(Self::try_from(<Vec<u8> as Decode<'r, DB>>::decode(value)?)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn generated_tokens_parse_and_every_changed_character_is_noticed() {
        let token = Token::generate(TokenKind::Code, &SystemRng::default());
        let text = token.expose().to_owned();
        assert_eq!(text.len(), 6 + 49);
        assert_eq!(
            Token::parse(TokenKind::Code, &text).unwrap().digest(),
            token.digest()
        );
        assert_eq!(
            Token::parse(TokenKind::Refresh, &text),
            Err(TokenParseError::Malformed)
        );
        for i in 6..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[i] = if changed[i] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                Token::parse(TokenKind::Code, &changed),
                Err(TokenParseError::Checksum)
            );
        }
    }

    #[test]
    fn the_bytes_inside_come_back() {
        for bytes in [[0; 32], [0xff; 32], (&SystemRng::default() as &dyn Rng).bytes()] {
            let token = Token::from_bytes(TokenKind::Refresh, bytes);
            assert_eq!(token.expose().len(), 6 + 49);
            assert_eq!(token.to_bytes(), Some(bytes));
        }
        assert_eq!(read_body(&[b'z'; 43]), None);
    }

    #[test]
    fn debug_output_never_shows_the_secret() {
        let token = Token::generate(TokenKind::Session, &SystemRng::default());
        assert!(!format!("{token:?}").contains(&token.expose()[6..]));
    }
}
