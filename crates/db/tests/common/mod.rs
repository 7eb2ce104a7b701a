//! What the tests of this crate share: a migrated database of either kind, made for one test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "every test binary uses its own part"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;

use authflow_db::scratch::ScratchDatabase;
use authflow_db::{Db, DbOptions, Synchronous, SystemScope, Tx, exec};
use authflow_types::{SystemRng, TenantId, Timestamp, UserId};

pub const TEST: SystemScope = SystemScope::new("test");

/// Runs one body on a migrated database of each kind: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($(#[doc = $doc:literal])* async fn $name:ident($db:ident: Db) $body:block) => {
        $(#[doc = $doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($db: Db) $body

            #[tokio::test]
            async fn sqlite() {
                let db = Db::connect("sqlite::memory:", &Default::default()).await.unwrap();
                db.migrate().await.unwrap();
                body(db).await;
            }

            #[tokio::test]
            async fn postgres() {
                let Some(scratch) = $crate::common::migrated_scratch().await else { return };
                let db = Db::connect(&scratch.url(), &Default::default()).await.unwrap();
                body(db).await;
            }
        }
    };
}

/// A `PostgreSQL` database of this test's own; says once and loudly if there is no cluster to make it in.
pub async fn scratch() -> Option<ScratchDatabase> {
    let url = cluster_url()?;
    Some(
        ScratchDatabase::create(&url)
            .await
            .expect("the test cluster answers"),
    )
}

/// The same, with the schema in it.
pub async fn migrated_scratch() -> Option<ScratchDatabase> {
    let url = cluster_url()?;
    Some(
        ScratchDatabase::create_migrated(&url)
            .await
            .expect("the test cluster answers"),
    )
}

fn cluster_url() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the test's own configuration")]
    let url = std::env::var("AUTHFLOW_TEST_POSTGRES_URL");
    let Ok(url) = url else {
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            // Not `eprintln!`, which a passing test keeps to itself.
            let text =
                "\n*** postgres: not run, AUTHFLOW_TEST_POSTGRES_URL is not set (see scripts/postgres) ***\n";
            std::io::stderr().write_all(text.as_bytes()).ok();
        });
        return None;
    };
    Some(url)
}

/// A folder for one test, removed with this value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("authflow-db-{test}-{}", std::process::id()));
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}/test.db", self.0.display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// For tests of behaviour, which survive no power loss anyway.
pub fn fast() -> DbOptions {
    DbOptions {
        sqlite_synchronous: Synchronous::Off,
        ..DbOptions::default()
    }
}

pub fn new_tenant() -> TenantId {
    TenantId::new(Timestamp::from_secs(1_700_000_000), &SystemRng::default())
}

pub fn new_user() -> UserId {
    UserId::new(Timestamp::from_secs(1_700_000_000), &SystemRng::default())
}

pub async fn insert_tenant(db: &Db) -> TenantId {
    let tenant = new_tenant();
    let mut tx = db.begin(tenant).await.unwrap();
    let sql = "INSERT INTO tenants (id, slug, name, issuer, status, settings, branding, data_key, created_at, updated_at)
               VALUES ($1, $2, $2, $2, 'active', '{}', '{}', $3, $4, $4)";
    let at = Timestamp::from_secs(1);
    exec!(tx, sql, tenant, tenant.to_string(), vec![0_u8], at).unwrap();
    tx.commit().await.unwrap();
    tenant
}

pub async fn insert_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<u64, authflow_db::DbError> {
    let sql = "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)
               VALUES ($1, $2, 'active', '{}', '{}', $3, $3)";
    exec!(tx, sql, tenant, user, Timestamp::from_secs(2))
}

pub async fn count_users(db: &Db, tenant: TenantId) -> i64 {
    let mut tx = db.read(tenant).await.unwrap();
    let sql = "SELECT COUNT(*) FROM users WHERE tenant_id = $1";
    authflow_db::q!(tx, fetch_one<(i64,)>, sql, tenant).unwrap().0
}
