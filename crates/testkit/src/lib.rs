//! What tests share: a whole installation in one process, on a database of its own, with a clock and a source of
//! randomness that the test holds.
//!
//! ```text
//! both_databases! {
//!     async fn code_redeems_once(t: TestApp) {
//!         let alice = t.user("alice").await;
//!         let client = t.client().public().create().await;
//!         let mut browser = t.browser();
//!         let code = t.code(&client, &mut browser, &alice).await;
//!         assert_eq!(t.redeem(&client, &code).await.status, StatusCode::OK);
//!     }
//! }
//! ```
//!
//! Read [`TestApp`] (the installation, seen at one tenant), [`ClientBuilder`], [`Browser`], [`AuthorizationRequest`]
//! (the authorization code flow), then [`jwt`] (tokens made by hand, for attacks).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a failed expectation of a test's scenery is a failed test"
)]

pub mod jwt;
pub mod postgres;

mod ambient;
mod answer;
mod app;
mod authenticator;
mod browser;
mod client;
mod databases;
mod flow;
mod storage;

pub use ambient::{SeededRng, TestClock};
pub use answer::{Answer, Form};
pub use app::{BASE, TestApp, User, config};
pub use authenticator::Authenticator;
pub use browser::Browser;
pub use client::{CALLBACK, Client, ClientBuilder};
pub use databases::REQUIRE_VARIABLE;
pub use flow::{AuthorizationRequest, CHALLENGE, Tokens, VERIFIER};
