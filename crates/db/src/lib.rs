//! The only crate that knows SQL drivers: [`Db`], [`Tx`], the dialects, the migrations.
//!
//! `SQLite` (one node) and `PostgreSQL` (several nodes) behind one interface and one SQL text. What it refuses to do:
//! open a transaction that names neither a tenant nor a reason ([`SystemScope`]), run a statement after one has
//! failed, acknowledge a commit that is not durable, serve from a `PostgreSQL` role that row-level security does
//! not bind ([`Db::check_row_security`]).
//!
//! Rules for SQL (dependencies.md 4):
//! - every statement on tenant data carries `tenant_id = $n`: row-level security is the second lock, and `SQLite`
//!   has only the first;
//! - whole numbers are `bigint` and [`i64`]; `SUM(x)` is `CAST(SUM(x) AS BIGINT)`; ids are never cast;
//! - time is a bind of type `Timestamp`, never SQL `now()`;
//! - after any failed statement the transaction is over on both databases: expect conflicts with
//!   `ON CONFLICT DO NOTHING`, not with an error;
//! - consume-once is one conditional `UPDATE .. RETURNING`, never read-then-write.
//!
//! Read in the order [`tx`], [`query`], [`dialect`], [`migrate`]; then `sqlite/writer.rs`, where writers share commits.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod batch;
mod bulk;
mod db;
pub mod dialect;
mod error;
pub mod listen;
pub mod migrate;
mod options;
mod pool;
mod postgres;
pub mod query;
pub mod scratch;
mod sqlite;
pub mod tx;
mod url;

pub use sqlx::types::Json;

pub use batch::{Batcher, Operation};
pub use bulk::{InsertMany, SelectAmong};
pub use db::Db;
pub use dialect::{Dialect, Sql};
pub use error::{DbError, DriverError, RowSecurityError};
pub use listen::{Listener, Notification};
pub use migrate::{MigrationError, MigrationReport, SchemaState};
pub use options::{DbOptions, Synchronous};
pub use query::{Args, Bind, Record};
pub use tx::{SystemScope, Tx};
pub use url::{DbUrl, DbUrlError};
