//! Signing in and signing up: one state machine, driven by the hosted pages and by `POST /oauth2/challenge`.
//!
//! ```text
//!             first factor           second factor, where one is needed         resume, account page
//!   started ──────────────▶ candidate ─────────────────────────▶ authenticated ────────────────────▶ finished
//!      │  ▲ wrong: counted    │ none needed: at once ▲    │ prove again (another account)
//!      │  └── sign-up: pending ◀───────────────────────────┘
//!      │ half an hour (`sessions.sign_in_ttl`)
//!      ▼
//!   expired
//! ```
//!
//! A sign-in is a row: what started it, who tries, which factors are satisfied. It is bound to one browser by a cookie
//! of which the row holds the digest, so that nobody can be signed in by a form or link that somebody else prepared.
//! What `prompt=login` and `max_age` ask for is done in this row or not at all.
//!
//! Every method is one file in `methods/`. Read `model.rs`, `assurance.rs` (what factors are worth), `ops.rs` (start, load,
//! save, finish), `prove.rs` (an attempt under its limits, and what success does), `policy.rs` (whether another factor is
//! needed), `budget.rs` (how many messages somebody gets), `methods/`, `device.rs`, then the pages: `api.rs`, `code.rs` (a code or link that was sent),
//! `gate/` (proof that a browser or a person is there), `second.rs`, `set_up.rs`, `set_up_passkey.rs`, `sign_up.rs`,
//! `register.rs`, `verify.rs`, `recover.rs`, `connect.rs`, `upstream/`, `sign_out.rs`; and `direct/`, the same without pages.
//!
//! Both faces, the pages and the JSON of first-party applications, call `prove::attempt` and `prove::advance`.

mod api;
mod assurance;
mod budget;
mod code;
mod connect;
mod device;
pub(crate) mod direct;
mod error;
pub(crate) mod gate;
mod mailbox;
pub mod methods;
mod model;
mod ops;
mod page;
mod passkey;
pub(crate) mod policy;
pub(crate) mod prove;
mod recover;
mod register;
mod second;
mod set_up;
mod set_up_passkey;
mod sign_out;
mod sign_up;
mod store;
mod upstream;
mod verify;
mod ways;

pub(crate) use api::explain;
pub use assurance::{Assurance, Basis, Factor, Independence};
pub(crate) use budget::{Budget, may_send, shared as shared_budget};
pub use error::SignInError;
pub(crate) use error::{AttemptError, page_of};
pub(crate) use methods::{CODE_TRIES, CODE_TTL};
pub use model::{AccountNext, SignIn, StartedBy};
pub(crate) use prove::{confirm_password, remember_owners_device};
pub(crate) use recover::tell as tell_of_password;
pub(crate) use register::{Refused, Registered};
pub(crate) use sign_up::{password_message, password_min};
pub(crate) use verify::{check_owner, is_signed_in, send_verification, send_verification_to};
pub(crate) use ways::{Way, can_sign_in_without};

pub use ops::{Started, finish, load, save, start, step_up};

use crate::http::Routes;

/// The pages of signing in, up and out.
pub fn routes() -> Routes {
    api::routes()
        .merge(code::routes())
        .merge(gate::routes())
        .merge(passkey::routes())
        .merge(connect::routes())
        .merge(second::routes())
        .merge(set_up::routes())
        .merge(set_up_passkey::routes())
        .merge(sign_up::routes())
        .merge(recover::routes())
        .merge(verify::routes())
        .merge(sign_out::routes())
        .merge(upstream::routes())
}
