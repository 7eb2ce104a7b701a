//! Second factors of users: authenticator apps, recovery codes, and the browsers where none is asked for.
//!
//! ```text
//!   (none) ──first factor added──▶ on: `user.mfa_enabled_at`, `mfa.enabled`, recovery codes shown once
//!      ▲                            │
//!      └──────last one removed──────┘  `mfa.disabled`; trusted browsers and recovery codes go
//! ```
//!
//! What is asked when is decided in `sign_in::policy`; how a proof is checked, in `sign_in::methods`. Read `ops.rs`,
//! `totp.rs`, `recovery.rs`, `trusted.rs`.

mod api;
mod ops;
mod recovery;
mod remove_all;
mod set_up;
mod store;
mod totp;
mod trusted;

pub use api::routes;
pub use ops::{
    Overview, disable, drop_recovery_codes, enable, has_recovery_codes, is_left, overview,
    renew_recovery_codes,
};
pub use recovery::{
    RECOVERY_CODE_COUNT, count as recovery_codes_left, renew as first_recovery_codes, use_code,
};
pub use remove_all::remove_all;
pub use set_up::{ShownSecret, TotpSetUp, begin as begin_totp, finish as finish_totp};
pub use totp::{Authenticator, add as add_totp, list as list_totp, remove as remove_totp, use_totp};
pub use trusted::{TrustedDevice, forget, forget_all, is_trusted, trust};
