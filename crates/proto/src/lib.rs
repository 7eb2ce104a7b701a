//! OAuth 2.0 and OpenID Connect as pure functions: bytes in, typed requests, answers and refusals out.
//!
//! There is no I/O, no async and no clock here: times are arguments, in Unix seconds. The only randomness is inside key
//! generation and the signature schemes that need it. Every parser bounds what it reads, never panics, and cites the clause
//! that it implements.
//!
//! What it refuses: repeated parameters, broken encodings, repeated JSON members, PKCE `plain`, every response type but
//! `code`, request objects, unsigned and symmetric tokens where a public key is expected, redirect URIs that a browser reads
//! differently from how they are written. What it does not decide: who the client is, what it may have, whether a user is
//! there. Each `# Security` note says what has not been verified yet.
//!
//! Reading order:
//! 1. Ground: [`error`], [`secret`], [`scope`], [`form`], [`resource`].
//! 2. Authorization endpoint: [`authorize`], [`redirect_uri`], [`pkce`], [`authorize_response`].
//! 3. Token endpoint: [`client_auth`], [`client_assertion`], [`token_request`].
//! 4. Tokens: [`jose`], [`id_token`], [`access_token`], [`subject`].
//! 5. Around them: [`bearer`], [`introspection`], [`revocation`], [`logout`], [`registration`], [`discovery`].
//! 6. Passkeys: [`webauthn`].
//! 7. The other side: [`upstream`], signing in at somebody else's provider.
//! 8. Beside OAuth: [`api_key`].
//! 9. Against abuse: [`altcha`], proof of work.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod access_token;
pub mod altcha;
pub mod api_key;
pub mod authorize;
pub mod authorize_response;
pub mod bearer;
pub mod client_assertion;
pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod form;
#[doc(hidden)]
pub mod fuzzing;
pub mod id_token;
pub mod introspection;
pub mod jose;
mod json;
pub mod logout;
pub mod pkce;
pub mod redirect_uri;
pub mod registration;
pub mod resource;
pub mod revocation;
pub mod scope;
pub mod secret;
pub mod subject;
pub mod token_request;
pub mod totp;
pub mod upstream;
pub mod webauthn;
