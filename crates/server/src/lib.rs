//! Authflow.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod config;
pub mod limits;
pub mod net;
pub mod pages;
pub mod passwords;
pub mod vault;
