//! Operators: the users of the `system` tenant who run the installation, and how the first of them comes to be.
//!
//! ```text
//!   no operator ──serve, `operator claim-link`──▶ a link is open ──POST──▶ claimed: no link is made any more
//!                                                  │  ▲ a newer link replaces it
//!                                                  ▼ a day: worthless
//! ```
//!
//! Nothing has a default password: whoever reads the terminal of the first start becomes the first operator, once.
//! Read `ops.rs`, then `api.rs` (the page behind the link).

mod api;
mod error;
mod ops;
mod store;

pub(crate) use api::routes;
pub use error::OperatorError;
pub use ops::{
    CLAIM_TTL, ClaimLink, NewOperator, OpenClaim, claim, create, find_claim, is_claimed, issue_claim, list,
};
pub(crate) use ops::{ensure_demo, prepare};
