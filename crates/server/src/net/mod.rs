//! Outbound HTTP to addresses that other people choose: client metadata, `jwks_uri`, logout and webhook targets.
//!
//! A tenant must not be able to make this server talk to what only this server can reach. So every address is
//! tested at the moment it is connected to, whether it came from a name or was written as a number; redirects are
//! not followed, proxies of the environment are not used, `https` is required, time and size are bounded.
//! An operator may name networks that are allowed although they are not public.
//!
//! What it refuses to do: decide from a name, resolve twice (the address tested is the address used, which
//! defeats rebinding), and read an answer to its end because the other side keeps sending.
//!
//! Read `address`, `guard`, `client`.

mod address;
mod client;
mod error;
mod guard;

pub use address::is_public;
pub use client::{Captured, GuardedClient, Outbound};
pub use error::{FetchError, Refusal};
pub use guard::{GuardConfig, Lookup, LookupFuture, NetworkException, SystemLookup};
