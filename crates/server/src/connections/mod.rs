//! Connections: other providers that users of a tenant sign in with, whose word counts for which account.
//!
//! ```text
//!   create ──▶ enabled ◀── set_enabled ──▶ disabled        delete: the connection and its links go, accounts stay
//! ```
//!
//! A connection is one client registration at one provider, made from a preset. Who somebody is there is an identity;
//! linked to a user it opens their account. What makes a link is decided in `sign_in::upstream` and on the account page;
//! here it is only kept.
//!
//! What it refuses to do: talk to an address that the outbound guard does not permit, keep a provider's tokens, or let one
//! identity open two accounts.
//!
//! Read `model.rs`, `ops.rs` (connections), `linking.rs` (identities), `routing.rs` (whose sign-in goes where), `provider.rs` (what is fetched), `flow.rs` (one
//! request and its answer).

mod error;
pub(crate) mod flow;
mod identity_store;
mod linking;
mod model;
mod ops;
mod provider;
mod routing;
mod store;

pub use error::ConnectionError;
pub use linking::identities_of;
pub use model::{AppleTeam, Connection, ConnectionSettings, LinkedBy, UpstreamIdentity};
pub use ops::{
    Changed, Enabled, NewConnection, create, delete, enabled, find, find_by_id, get, list, set_enabled,
    update,
};

pub(crate) use linking::{
    Kept, find_identity, find_pending, has_other_than, is_linking, link, put_pending, take_pending, unlink,
    unlink_all, use_identity,
};
pub(crate) use model::{Pending, WantedAccount};
pub(crate) use ops::{find_by_id_within, form_targets};
pub(crate) use provider::UpstreamError;
pub(crate) use routing::{of_request, of_typed, vouched_email};
