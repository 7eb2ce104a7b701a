//! The HTTP shell: which tenant a request addresses, how refusals look, which routes exist and who may call them.
//!
//! Read [`tenancy`] (Host and path to tenant), [`routes`] (every route declares who may call it), [`problem`]
//! (RFC 9457), [`reply`] (OAuth-shaped answers), [`server`] (listeners, limits, graceful drain).

pub mod cookies;
pub mod cors;
pub mod csrf;
pub mod document;
pub mod extract;
mod idle;
pub mod page;
pub mod problem;
pub mod reply;
pub mod routes;
pub mod server;
pub mod tenancy;
mod unread;
pub mod visit;

pub use problem::Problem;
pub use routes::{Access, Cors, Routes};
