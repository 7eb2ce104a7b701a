//! Bringing users in and taking them out again, as lines of JSON: nothing is locked in.
//!
//! - [`import`] reads lines, checks each by the rules that hold for everybody ([`Line`](line) is the form), and writes
//!   them in batches: users, identifiers, password hashes and one `user.created` each, in one transaction with the
//!   line that the import has come to. Interrupted, it goes on from there.
//! - [`export`] streams the same form.
//!
//! A line that is refused is reported with its number and never stops the others. Password hashes are checked, not
//! verified: that happens at the first sign-in, which also replaces them by our own.
//!
//! Read `line.rs` (the form), `hashes.rs` (password hashes with parameters of their own), `import.rs`, `batch.rs`,
//! `store.rs`, `export.rs`.

mod batch;
mod export;
mod hashes;
mod import;
mod line;
mod store;

pub use export::{ExportError, ExportOptions, export};
pub use hashes::HashDefaults;
pub use import::{
    ImportError, ImportOptions, ImportReport, ImportSummary, Input, OnConflict, Progress, import,
};
pub use line::LineError;
