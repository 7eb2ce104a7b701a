//! Signing in at somebody else's provider: what a relying party asks, reads and refuses (OIDC Core 3.1, RFC 6749 4.1).
//!
//! ```text
//!   request.rs ─▶ provider ─▶ callback.rs ─▶ token.rs ─▶ id_token.rs ─┐
//!                                                └─▶ userinfo ────────┴─▶ claims.rs ─▶ who it is
//! ```
//!
//! Everything here is pure: addresses, documents and tokens in, requests and decisions out. Fetching, remembering the
//! state and deciding whose account it is are the server's.
//!
//! What it refuses: a token whose signature, issuer, audience, nonce or times do not fit; a symmetric or unsigned ID
//! token; an answer of another issuer (RFC 9207); a userinfo answer about another subject; an e-mail address taken for
//! verified because it is there.
//!
//! Read `preset.rs` (what is known of each provider), `metadata.rs` (discovery), then the files above in order.

mod callback;
mod claims;
mod id_token;
mod metadata;
mod preset;
mod request;
mod token;

pub use callback::{Callback, CallbackError, Outcome};
pub use claims::{
    Claim, ClaimMapping, ClaimsError, MAX_USERINFO_BYTES, MappingError, Person, pick_email, read_object,
};
pub use id_token::{Expected, IdTokenError, IssuerRule, UpstreamToken, verify};
pub use metadata::{MAX_METADATA_BYTES, MetadataError, ProviderMetadata};
pub use preset::{ClientAuthentication, Defaults, EmailRule, Preset, Protocol, UnknownPreset};
pub use request::{AuthorizationUrl, authorization_url};
pub use token::{
    AppleKey, AppleKeyError, CodeExchange, TokenAnswer, TokenError, exchange_form, read_token_answer,
};
