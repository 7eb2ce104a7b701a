//! Token revocation (RFC 7009): the request is the one of introspection, the answer is an empty 200 for every token.

pub use crate::introspection::{TokenLookup, TokenTypeHint};
