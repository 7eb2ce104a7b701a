//! Users of a tenant: who they are (profile), how they are recognised (identifiers), how they prove it (credentials).
//!
//! ```text
//!            create                set_status
//!   (nobody) ──────▶ active ◀──────────────────▶ disabled    disabling ends sessions, refresh families and tokens
//! ```
//!
//! Nothing here starts a session: that is `sign_in`. Read `identifier.rs` (the written rules of normalisation),
//! `profile.rs` (OIDC claims), `model.rs`, `ops.rs`, `password.rs`.

mod before;
mod change;
mod deletion;
mod disposable;
mod error;
mod identifier;
mod invitation;
mod model;
mod ops;
mod password;
mod profile;
mod store;
pub mod transfer;
mod wrong_seconds;

pub use change::{
    IdentifierChange, OBJECTION_TTL, begin_change, confirm_email_change, find_change, make_primary,
    prove_phone_change, refuse_email_change, remove_identifier, settle_phone_change, undo_email_change,
};
pub use deletion::{cancel_deletion, delete_due, request_deletion};
pub use disposable::{DisposableDomains, DisposableListError, is_refused_as_disposable};
pub use error::IdentityError;
pub(crate) use identifier::is_invisible;
pub use identifier::{IdentifierError, IdentifierKind, IdentifierValue};
pub use invitation::{INVITATION_TTL, Invitation, accept_invitation, find_invitation, invite};
pub use model::{Identifier, User, UserStatus};
pub use ops::{
    NewUser, create_user, find_by_identifier, find_by_identifier_evenly, find_identifier, find_user,
    find_user_within, get_user, hold, list, set_status, update_profile, verify_identifier,
};
pub(crate) use password::has_password;
pub use password::{
    NewPassword, PasswordRecord, credentials, disown, find_password, hash_password, hash_password_for,
    password_of, prove_mailbox, record_password_use, reset_password, set_password,
};
pub(crate) use password::{password_set_at, password_set_at_of};
pub use profile::{Address, Profile, ProfileError};
pub use wrong_seconds::{SECOND_FAILURES_MAX, count_wrong, forgive_wrong, is_exhausted};
