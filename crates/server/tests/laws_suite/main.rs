//! Laws: what must hold for every route, every expiry and every page, however many there will be.
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
    reason = "tests"
)]

mod access;
mod expiry;
mod odd_inputs;
mod pages;
