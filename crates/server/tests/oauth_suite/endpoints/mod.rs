//! The endpoints beside authorize and token, and the jobs behind them.

mod harness;

mod introspection;
mod jobs;
mod logout;
mod metadata;
mod registration;
mod revocation;
mod userinfo;
