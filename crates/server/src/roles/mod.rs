//! Who administers what: built-in roles of users of the `system` tenant, as a table of role and action.
//!
//! An operator's role is one in the `system` tenant and reaches every tenant; the others are given in one tenant each.
//! What a request may do is an [`Authority`]; what it is about comes as [`Authorized`], which only
//! [`Cx::fetch_for`](crate::Cx::fetch_for) makes. Read `model.rs` (roles, actions, the table), `authorized.rs`, `ops.rs`.

mod authorized;
mod error;
mod model;
mod ops;
mod store;

pub use authorized::{Authority, Authorized, Fetch};
pub use error::{Denied, RoleError};
pub use model::{Action, Role};
pub use ops::{Assignment, assign, authority_of, has_operator, list, list_of_user, withdraw};
