//! OAuth and `OpenID` Connect through the public router, on both databases: what works, and every attack on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests"
)]

mod authorize;
mod client_auth;
mod codes;
mod flow;
mod formats;
mod refresh;
mod token_types;
