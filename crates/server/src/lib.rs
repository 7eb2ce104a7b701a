//! The product: an HTTP shell around vertical slices.
//!
//! Read [`start`] (what must be right before the first request), [`app`] (what one process holds), [`cx`] (what one
//! request holds), [`http`] (the shell: tenancy, problems, routes), then any slice: `mod.rs` (what it is), `model.rs`
//! (types, pure), `ops.rs` (verbs), `store.rs` (SQL, private), `api.rs` (routes and handlers). A slice never touches
//! another's store.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod app;
mod challenges;
pub mod cx;
pub mod fault;
pub mod hot;
pub mod http;
pub mod routes;
pub mod run;
pub mod start;

pub mod config;
pub mod limits;
pub mod net;
pub mod pages;
pub mod passkeys;
pub mod passwords;
pub mod vault;

pub mod account;
pub mod clients;
pub mod connections;
pub mod consents;
pub mod dev;
pub mod events;
pub mod factors;
pub mod identities;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod oauth;
pub mod operators;
pub mod places;
pub mod resources;
pub mod roles;
pub mod sessions;
pub mod sign_in;
pub mod sms;
pub mod tenants;

pub use app::App;
pub use cx::Cx;
pub use fault::{Fault, chain as fault_chain};
