//! What only `authflow dev` has: a demo user, a demo client, and a page that signs in with them.
//!
//! The demo is an ordinary client: it discovers nothing from inside, keeps its own state, and speaks to the provider over
//! HTTP through the public endpoints, so that what it shows is what any client would see.

mod client;
mod page;
mod setup;

use crate::http::Routes;

pub use client::Visit;
pub use setup::{Demo, DemoError, prepare};

/// The demo page and the outbox of captured mail.
pub fn routes() -> Routes {
    page::routes().merge(crate::mail::routes())
}
