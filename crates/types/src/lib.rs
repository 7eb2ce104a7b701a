//! The words every other crate speaks: ids, secrets, time.
//!
//! Nothing here performs I/O, is asynchronous, or reads a clock: time and randomness are
//! inputs ([`Clock`], [`Rng`]). Read in the order [`id`], [`time`], [`secret`].
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod id;
pub mod random;
pub mod secret;
pub mod time;

pub use id::{
    ApiKeyId, ApiResourceId, ClientId, ConnectionId, CredentialId, EventId, GrantId, IdParseError,
    IdentifierId, InitialAccessTokenId, JobId, MailId, ScopeId, SecretId, SessionId, SignInId, SigningKeyId,
    SmsId, TenantId, TokenId, TrustedDeviceId, UpstreamIdentityId, UserId,
};
pub use random::{Rng, SystemRng};
pub use secret::{Digest, Token, TokenKind, TokenParseError};
pub use time::{Clock, SystemClock, Timestamp};
