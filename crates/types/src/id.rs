//! Typed identifiers: `UUIDv7` inside, `prefix_` + 26 characters of lower-case Crockford base32 outside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{Rng, Timestamp};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED_LEN: usize = 26;

/// Why a text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdParseError {
    /// The text does not begin with this kind's prefix.
    #[error("expected an id beginning with `{expected}_`")]
    Prefix {
        /// The prefix of the expected kind, without the underscore.
        expected: &'static str,
    },
    /// What follows the prefix is not 26 characters of base32 that fit 128 bits.
    #[error("malformed `{expected}_` id")]
    Malformed {
        /// The prefix of the expected kind, without the underscore.
        expected: &'static str,
    },
}

/// A `UUIDv7` (RFC 9562 5.7) of the given time with random bits from `rng`.
fn uuid_v7(now: Timestamp, rng: &dyn Rng) -> Uuid {
    let random: [u8; 10] = rng.bytes();
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn encode(id: u128, out: &mut String) {
    for i in (0..ENCODED_LEN).rev() {
        let index = usize::try_from((id >> (5 * i)) & 31).unwrap_or(0);
        out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
    }
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != ENCODED_LEN || !matches!(text.as_bytes().first(), Some(b'0'..=b'7')) {
        return None;
    }
    text.bytes().try_fold(0_u128, |value, byte| {
        let digit = ALPHABET.iter().position(|&symbol| symbol == byte)?;
        Some((value << 5) | u128::try_from(digit).ok()?)
    })
}

/// The registry of id prefixes: append-only, a test forbids duplicates.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        /// Every prefix in use.
        pub const PREFIXES: &[&str] = &[$($prefix),*];
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[cfg_attr(feature = "sqlx", derive(sqlx::Type))]
            #[cfg_attr(feature = "sqlx", sqlx(transparent))]
            pub struct $name(Uuid);

            impl $name {
                /// The text before the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// A new id: sorts by `now`, unguessable by `rng`.
                pub fn new(now: Timestamp, rng: &dyn Rng) -> Self {
                    Self(uuid_v7(now, rng))
                }

                /// Wraps a UUID as stored.
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }

                /// The 16 bytes of the UUID: what sealed values are bound to.
                pub const fn as_bytes(&self) -> &[u8; 16] {
                    self.0.as_bytes()
                }

                /// The UUID as stored.
                pub const fn as_uuid(self) -> Uuid {
                    self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    let mut text = String::with_capacity($prefix.len() + 1 + ENCODED_LEN);
                    text.push_str(concat!($prefix, "_"));
                    encode(self.0.as_u128(), &mut text);
                    f.write_str(&text)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl FromStr for $name {
                type Err = IdParseError;
                fn from_str(text: &str) -> Result<Self, IdParseError> {
                    let body = text
                        .strip_prefix(concat!($prefix, "_"))
                        .ok_or(IdParseError::Prefix { expected: $prefix })?;
                    let value = decode(body).ok_or(IdParseError::Malformed { expected: $prefix })?;
                    Ok(Self(Uuid::from_u128(value)))
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    s.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                    let text = std::borrow::Cow::<str>::deserialize(d)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }
        )*
    };
}

ids! {
    /// A tenant: the isolation boundary.
    TenantId = "ten";
    /// A user of a tenant.
    UserId = "usr";
    /// An e-mail address, phone number or username of a user.
    IdentifierId = "idn";
    /// A password, passkey or other authenticator of a user.
    CredentialId = "crd";
    /// A sign-in attempt.
    SignInId = "sin";
    /// A session of a user at the provider.
    SessionId = "ses";
    /// A client; shown as the OAuth `client_id`.
    ClientId = "cli";
    /// One secret of a client.
    SecretId = "sec";
    /// A grant: what was authorised, parent of codes and tokens.
    GrantId = "gra";
    /// An event.
    EventId = "evt";
    /// A signing key; also its `kid`.
    SigningKeyId = "sky";
    /// An API resource (an audience with its scopes).
    ApiResourceId = "res";
    /// A scope of a tenant.
    ScopeId = "scp";
    /// An access token; its `jti`.
    TokenId = "tok";
    /// A queued job.
    JobId = "job";
    /// A mail, queued or captured.
    MailId = "mai";
    /// A queued or captured text message.
    SmsId = "sms";
    /// An initial access token for dynamic registration (RFC 7591 3).
    InitialAccessTokenId = "iat";
    /// A browser that its user trusts.
    TrustedDeviceId = "tdv";
    /// Another provider that users of a tenant sign in with.
    ConnectionId = "con";
    /// Who a user is at another provider.
    UpstreamIdentityId = "upi";
    /// An API key; stays the same when its secret is rotated.
    ApiKeyId = "key";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;

    #[test]
    fn ids_round_trip_through_text() {
        let id = UserId::new(Timestamp::from_secs(1_700_000_000), &SystemRng::default());
        let text = id.to_string();
        assert_eq!(text.len(), 30);
        assert_eq!(text.parse::<UserId>(), Ok(id));
        assert_eq!(
            text.parse::<ClientId>(),
            Err(IdParseError::Prefix { expected: "cli" })
        );
    }

    #[test]
    fn only_the_canonical_spelling_is_accepted() {
        let zero = format!("usr_{}", "0".repeat(26));
        assert!(zero.parse::<UserId>().is_ok());
        for bad in [
            "usr_".to_owned(),
            format!("usr_8{}", "0".repeat(25)),
            format!("usr_{}", "0".repeat(27)),
            format!("usr_{}", "O".repeat(26)),
            format!("USR_{}", "0".repeat(26)),
            format!("usr_{}é", "0".repeat(24)),
        ] {
            assert!(bad.parse::<UserId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn text_order_is_creation_order() {
        let rng = SystemRng::default();
        let ids: Vec<String> = (1..50)
            .map(|s| UserId::new(Timestamp::from_secs(s * 1000), &rng).to_string())
            .collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn prefixes_are_unique() {
        let mut seen = std::collections::HashSet::new();
        assert!(PREFIXES.iter().all(|prefix| seen.insert(prefix)));
    }
}
