//! `/account`: a person's own page. Who they are, where they are signed in, which applications may act for them.
//!
//! Owns no table: it shows and calls the slices that do. Every act needs a live session and a form token bound to it;
//! a new password needs the current one as well.

mod api;
mod notice;
mod user_agent;

pub use api::routes;
pub(crate) use user_agent::device_name;
