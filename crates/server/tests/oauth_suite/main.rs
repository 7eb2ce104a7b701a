//! OAuth and `OpenID` Connect through the public router, on both databases: what works, and every attack on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::assigning_clones,
    clippy::too_many_lines,
    clippy::duration_suboptimal_units,
    clippy::unchecked_time_subtraction,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    reason = "tests"
)]

mod authorize;
mod challenge;
mod client_auth;
mod codes;
mod endpoints;
mod flow;
mod formats;
mod refresh;
mod step_up;
mod token_types;
