//! `SQLite`: kill -9 in a storm of writers loses nothing that was acknowledged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use authflow_db::{Db, DbOptions, q};
use authflow_types::{TenantId, UserId};
use common::{Folder, insert_tenant, insert_user, new_user};

const CHILD: &str = "AUTHFLOW_DB_CRASH_URL";

/// Not a test of its own: the process that is killed. Prints every acknowledged id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_writes_until_it_is_killed() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let db = Db::connect(&url, &DbOptions::default()).await.unwrap();
    db.migrate().await.unwrap();
    let tenant = insert_tenant(&db).await;
    writeln!(std::io::stdout(), "tenant {tenant}").unwrap();
    for _ in 0..32 {
        let db = db.clone();
        tokio::spawn(async move {
            loop {
                let user = new_user();
                let mut tx = db.begin(tenant).await.unwrap();
                insert_user(&mut tx, tenant, user).await.unwrap();
                tx.commit().await.unwrap();
                writeln!(std::io::stdout(), "stored {user}").unwrap();
            }
        });
    }
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn killed_process_has_stored_everything_that_it_acknowledged() {
    let folder = Folder::new("crash");
    let mut killed_between = 0;
    for wanted in [1, 40, 300] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, folder.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut tenant: Option<TenantId> = None;
        let mut acknowledged = BTreeSet::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // After the kill the rest of what was printed is still read: it was acknowledged.
        for line in &mut lines {
            let line = line.unwrap();
            // The first line shares its line with the test harness's own words.
            if let Some((_, id)) = line.rsplit_once("tenant ") {
                tenant = Some(id.parse().unwrap());
            } else if let Some(id) = line.strip_prefix("stored ")
                && let Ok(id) = id.parse::<UserId>()
            {
                acknowledged.insert(id);
                if acknowledged.len() == wanted {
                    child.kill().unwrap();
                }
            }
        }
        child.wait().unwrap();
        let db = Db::connect(&folder.url(), &DbOptions::default()).await.unwrap();
        let tenant = tenant.expect("the child got as far as its tenant");
        let mut tx = db.read(tenant).await.unwrap();
        let sql = "SELECT id FROM users WHERE tenant_id = $1";
        let rows = q!(tx, fetch_all<(UserId,)>, sql, tenant).unwrap();
        let stored: BTreeSet<UserId> = rows.into_iter().map(|(id,)| id).collect();
        assert!(acknowledged.len() >= wanted);
        assert!(acknowledged.is_subset(&stored), "an acknowledged row is gone");
        killed_between += stored.len() - acknowledged.len();
        drop(tx);
        db.close().await;
    }
    // Rows stored and not acknowledged are allowed; that there are some shows that the kill came in the middle.
    println!("{killed_between} rows were stored and not yet acknowledged");
}
