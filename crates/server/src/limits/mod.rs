//! Limits: on guessing, on requests, and on whom to believe about where a request came from.
//!
//! - [`GuessingLimits`] slows down whoever guesses passwords and codes, and cannot be turned into a lock-out
//!   of the account's owner by a stranger.
//! - [`RateLimiter`] is a plain GCRA limiter for requests by client, address or any other key.
//! - [`TrustedProxies`] finds the client's address behind reverse proxies without believing forged headers.
//!
//! All state is in memory, bounded, and per process: a restart forgets it, and an attacker cannot cheaply push
//! one counter out by filling the table with others (see `table`). Keys are hashed under random keys of the
//! process, so no identifier or address is kept. Time is an input. Every number is in [`LimitsConfig`].
//!
//! Read `config`, `guessing`, `rate`, `client_address`, `address`, `table`.

mod address;
mod client_address;
mod config;
mod guessing;
mod rate;
mod table;

pub use address::{AddressPrefix, PrefixLengths};
pub use client_address::{ClientAddress, ForwardHeader, TrustedProxies};
pub use config::{AccountConfig, BackoffConfig, LimitsConfig, LimitsConfigError, RateConfig};
pub use guessing::{Attempt, Decision, GuessKey, GuessingLimits, Wait};
pub use rate::{RateDecision, RateLimiter};
