//! Work in the background: what must happen after a commit, and what must happen from time to time.
//!
//! ```text
//! queued --run_at--> due --claim (lease)--> running --succeeds--> finished
//!    ^                          ^               |--fails, tries left--> queued, later and later
//!    |                          |               \--fails, no tries left--> finished with `last_error`
//!    |                          \--lease over (the worker died)
//!    \-- the installation's own jobs are queued again instead of finished
//! ```
//!
//! A job is a row written in the transaction of the change that asks for it: it exists if and only if the change does.
//! It runs at least once. Jobs of all tenants share one queue; the installation's own (clean-up, key rotation) belong to
//! no tenant, and their lease is what keeps two nodes from doing them at once.
//!
//! What it refuses to do: keep a transaction open while a job talks to the network, run a job past its lease, retry for
//! ever. Read `queue` (adding), `kinds` (what a job can be), `worker` (claiming and running), `periodic` (the
//! installation's own), `cleanup` (what expires).

mod cleanup;
mod error;
mod kinds;
mod periodic;
mod queue;
mod store;
mod worker;

#[cfg(test)]
mod tests;

pub use cleanup::delete_expired;
pub use error::JobError;
pub use kinds::{BACK_CHANNEL_LOGOUT, MAIL, SMS};
pub use queue::{Signal, enqueue};
pub use worker::{run, run_due};
