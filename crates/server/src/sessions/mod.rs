//! Sessions of users at the provider itself: server-side rows, found by the digest of a cookie.
//!
//! ```text
//!              create                 end (sign-out, revoked, replaced, password, disabled)
//!   (nothing) ───────▶ live ─────────────────────────────────────────────▶ ended
//!                       │  ▲ touch, renew
//!                       ▼  │ unused for the idle lifetime, or older than the absolute one
//!                     expired
//! ```
//!
//! Only `sign_in` creates sessions. Hot paths find them in memory; ending one moves the tenant's revocation epoch on,
//! and with that every node looks again. A session's secret changes whenever its user proves themselves anew.

mod error;
mod expiry;
mod model;
mod ops;
mod store;

pub use error::SessionError;
pub use expiry::expire_due;
pub use model::{Session, SessionState};
pub(crate) use ops::knows_agent;
pub use ops::{
    ACR_MULTI_FACTOR, ACR_PHISHING_RESISTANT, ACR_SINGLE_FACTOR, clear_cookie, cookie, create, current, end,
    end_all, find, is_noted, list, list_clients, note_client, owner, remember_noted, renew,
};
