//! OAuth and `OpenID` Connect through the public router, on both databases: what works, and every attack on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod flow;
