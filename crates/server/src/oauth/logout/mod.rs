//! Ending a session: at a client's wish (OIDC RP-Initiated Logout 1.0), and telling its clients (OIDC Back-Channel
//! Logout 1.0).
//!
//! ```text
//! request --check--> refused (error page; nothing is redirected, nothing ends)
//!    |--the hint names the session's user--> session ended --> client's page, or "signed out"
//!    |--no hint, or somebody else's--> page that asks --yes--> session ended --> client's page, or "signed out"
//!    \--no session--> client's page, or "signed out"
//! ```
//!
//! Read `request` (every check), `end_session` (the endpoint), `back_channel` (telling clients).

mod back_channel;
mod end_session;
mod request;

pub use back_channel::{deliver, queue_back_channel};
pub use end_session::routes;
