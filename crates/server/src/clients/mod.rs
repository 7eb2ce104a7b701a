//! Clients: applications that sign their users in through a tenant (RFC 6749 2).
//!
//! Registered by command, by the management API, or by themselves (`oauth::registration`). Hot paths read them from
//! memory; every change is pushed to all nodes when it commits.

mod error;
mod model;
mod ops;
mod store;

pub use error::ClientError;
pub use model::{Client, ClientPolicy, ClientSecret, ClientStatus, IntrospectionReach, RefreshPolicy};
pub use ops::{
    Created, NewClient, add_secret, consume_initial_access_token, create, create_initial_access_token,
    delete, find, get, is_initial_access_token, is_registered_origin, list, secret_context, set_status,
    update,
};
