//! The same test on `SQLite`, always, and on `PostgreSQL`, when it is there.

use authflow_server::config::{Config, DatabaseUrl};

use crate::TestApp;
use crate::postgres::{CLUSTER_VARIABLE, scratch_database};

/// With `1` in this variable a missing `PostgreSQL` is a failure instead of a remark: the project's test command sets it.
pub const REQUIRE_VARIABLE: &str = "AUTHFLOW_TEST_REQUIRE_POSTGRES";

impl TestApp {
    /// An installation on `SQLite` in memory.
    pub async fn sqlite() -> Self {
        Self::sqlite_with(|_| {}).await
    }

    /// The same, configured differently.
    pub async fn sqlite_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::open(DatabaseUrl::Sqlite(":memory:".into()), None, change).await
    }

    /// An installation on `PostgreSQL`; `None` where there is no cluster, which is said once.
    pub async fn postgres() -> Option<Self> {
        Self::postgres_with(|_| {}).await
    }

    /// The same, configured differently.
    pub async fn postgres_with(change: impl FnOnce(&mut Config)) -> Option<Self> {
        let database = scratch_database().await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
        let required = std::env::var(REQUIRE_VARIABLE).is_ok_and(|value| value == "1");
        assert!(
            database.is_some() || !required,
            "{REQUIRE_VARIABLE} is set and {CLUSTER_VARIABLE} is not"
        );
        let database = database?;
        let url = DatabaseUrl::Postgres(database.url().parse().unwrap());
        Some(Self::open(url, Some(database), change).await)
    }
}

/// Tests on both databases: each `async fn name(t: TestApp) { .. }` becomes `name::sqlite` and `name::postgres`.
/// `async fn name(t: TestApp, |config| { .. }) { .. }` configures the installation first.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($t:ident: $app:ty $(, |$config:ident| $change:block)?) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from around it")]
            use super::*;

            async fn body($t: $app) $body

            #[allow(unused_variables, reason = "most tests change nothing")]
            fn change(config: &mut authflow_server::config::Config) {
                $(let $config = config; $change)?
            }

            #[tokio::test]
            async fn sqlite() {
                body($crate::TestApp::sqlite_with(change).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                if let Some(t) = $crate::TestApp::postgres_with(change).await {
                    body(t).await;
                }
            }
        }
    )+};
}
