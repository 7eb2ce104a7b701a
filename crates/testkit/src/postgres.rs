//! `PostgreSQL` for tests: a database of its own for each, in the cluster at `AUTHFLOW_TEST_POSTGRES_URL`.
//!
//! `scripts/postgres start DIR --no-fsync` starts such a cluster and prints its address.

use std::io::Write as _;
use std::sync::Once;

use authflow_db::DbError;
pub use authflow_db::scratch::ScratchDatabase;

/// The variable that holds the address of the tests' cluster.
pub const CLUSTER_VARIABLE: &str = "AUTHFLOW_TEST_POSTGRES_URL";

/// A fresh database with the schema in it, dropped with the value; `None` where there is no cluster, which is said once and loudly.
///
/// # Errors
/// The cluster is configured and does not answer.
pub async fn scratch_database() -> Result<Option<ScratchDatabase>, DbError> {
    static SAID: Once = Once::new();
    #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
    let url = std::env::var(CLUSTER_VARIABLE);
    if let Ok(url) = url {
        return ScratchDatabase::create_migrated(&url).await.map(Some);
    }
    SAID.call_once(|| {
        // Not `eprintln!`, which a passing test keeps to itself.
        let text = format!("\n*** postgres: not run, {CLUSTER_VARIABLE} is not set ***\n");
        std::io::stderr().write_all(text.as_bytes()).ok();
    });
    Ok(None)
}
