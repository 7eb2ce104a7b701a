//! Passkeys (Web Authentication Level 3): making, listing, naming and removing them, and proving oneself with one.
//!
//! ```text
//!   POST options ─▶ challenge kept (one for a session or sign-in, five minutes) ─▶ browser ─▶ POST response
//!                                              │                                                 │
//!                                              └── gone with the first answer, right or wrong ◀──┘
//! ```
//!
//! What a response must fulfil is `authflow_proto::webauthn`; here is what it is held against: the tenant's relying
//! party (`rp.rs`), the challenge of this browser, the stored credential. A passkey belongs to the RP ID that it was made
//! for: after a change of domain it is listed, and says so, but neither offered nor accepted.
//!
//! # Security
//! Tenants below one host share its RP ID, as browsers see only the host. A credential is looked up within the tenant and
//! names its user, so that another tenant's is unknown here; a browser may still offer it.
//!
//! Read `rp.rs`, `model.rs`, `register.rs`, `prove.rs`, `ops.rs`, then the faces: `api.rs` (account page), `well_known.rs`.

mod api;
mod error;
mod model;
mod ops;
mod prove;
mod register;
mod rp;
mod store;
mod well_known;

pub(crate) use api::SECTION;
pub use error::PasskeyError;
pub use model::{PASSKEY_NAME_MAX, Passkey};
pub(crate) use ops::remove_all;
pub use ops::{decline_offer, has_other_than, is_offer_due, list, overview, remove, rename};
pub use prove::{Proven, begin as begin_proof, prove};
pub use register::{Made, begin as begin_registration, finish as finish_registration};
pub use rp::RelyingParty;

use crate::http::Routes;

/// The account page's part, and the documents that browsers look for.
pub fn routes() -> Routes {
    api::routes().merge(well_known::routes())
}
