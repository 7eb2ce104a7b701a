//! `SQLite`: writers that share a commit neither lose each other's work nor wait for ever.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use authflow_db::{Db, DbError, DbOptions, Synchronous, exec, q};
use authflow_types::{TenantId, UserId};
use common::{Folder, count_users, fast, insert_tenant, insert_user, new_user};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::task::{JoinHandle, yield_now};

async fn opened(test: &str, options: &DbOptions) -> (Folder, Db, TenantId) {
    let folder = Folder::new(test);
    let db = Db::connect(&folder.url(), options).await.unwrap();
    db.migrate().await.unwrap();
    let tenant = insert_tenant(&db).await;
    (folder, db, tenant)
}

async fn users(db: &Db, tenant: TenantId) -> BTreeSet<UserId> {
    let mut tx = db.read(tenant).await.unwrap();
    let sql = "SELECT id FROM users WHERE tenant_id = $1";
    let rows = q!(tx, fetch_all<(UserId,)>, sql, tenant).unwrap();
    rows.into_iter().map(|(id,)| id).collect()
}

/// A task that inserts `user` in a transaction of its own.
fn write(db: &Db, tenant: TenantId, user: UserId) -> JoinHandle<Result<(), DbError>> {
    let db = db.clone();
    tokio::spawn(async move {
        let mut tx = db.begin(tenant).await?;
        insert_user(&mut tx, tenant, user).await?;
        tx.commit().await
    })
}

/// Lets every other task run until it waits for something outside (these tests run on one thread).
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_writers_are_all_stored_in_fewer_commits() {
    let full = DbOptions {
        sqlite_synchronous: Synchronous::Full,
        ..DbOptions::default()
    };
    let (folder, db, tenant) = opened("storm", &full).await;
    let expected: BTreeSet<UserId> = (0..200).map(|_| new_user()).collect();
    let tasks: Vec<_> = expected.iter().map(|user| write(&db, tenant, *user)).collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(users(&db, tenant).await, expected);
    let (transactions, commits) = db.shared_commits().unwrap();
    assert_eq!(transactions, 201);
    assert!(commits < 150, "{commits} commits");
    db.close().await;
    let db = Db::connect(&folder.url(), &full).await.unwrap();
    assert_eq!(users(&db, tenant).await, expected);
}

#[tokio::test]
async fn waiting_writers_share_the_commit_of_the_last() {
    let (_folder, db, tenant) = opened("share", &fast()).await;
    let (_, before) = db.shared_commits().unwrap();
    let mut first = db.begin(tenant).await.unwrap();
    let others: Vec<_> = (0..10).map(|_| write(&db, tenant, new_user())).collect();
    settle().await;
    insert_user(&mut first, tenant, new_user()).await.unwrap();
    first.commit().await.unwrap();
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(count_users(&db, tenant).await, 11);
    assert_eq!(db.shared_commits().unwrap().1 - before, 1);
}

#[tokio::test]
async fn nobody_waits_for_more_than_the_limit() {
    let options = DbOptions {
        sqlite_max_shared: 3,
        ..fast()
    };
    let (_folder, db, tenant) = opened("limit", &options).await;
    let (_, before) = db.shared_commits().unwrap();
    let mut first = db.begin(tenant).await.unwrap();
    let others: Vec<_> = (0..5).map(|_| write(&db, tenant, new_user())).collect();
    settle().await;
    insert_user(&mut first, tenant, new_user()).await.unwrap();
    first.commit().await.unwrap();
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(db.shared_commits().unwrap().1 - before, 2);
}

#[tokio::test]
async fn failed_and_dropped_transactions_leave_their_companions_untouched() {
    let (_folder, db, tenant) = opened("isolated", &fast()).await;
    let (_, before) = db.shared_commits().unwrap();
    let (kept, twice, dropped, last) = (new_user(), new_user(), new_user(), new_user());
    let mut first = db.begin(tenant).await.unwrap();
    insert_user(&mut first, tenant, kept).await.unwrap();
    let failing = {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin(tenant).await.unwrap();
            insert_user(&mut tx, tenant, twice).await.unwrap();
            insert_user(&mut tx, tenant, kept).await.unwrap_err()
        })
    };
    let dropping = {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin(tenant).await.unwrap();
            insert_user(&mut tx, tenant, dropped).await.unwrap();
        })
    };
    let last_task = write(&db, tenant, last);
    settle().await;
    first.commit().await.unwrap();
    assert!(failing.await.unwrap().is_unique_violation());
    dropping.await.unwrap();
    last_task.await.unwrap().unwrap();
    assert_eq!(users(&db, tenant).await, BTreeSet::from([kept, last]));
    assert_eq!(db.shared_commits().unwrap().1 - before, 1);
}

/// The last of the line drops its transaction: who waits for a commit must not wait for a successor that never comes.
#[tokio::test]
async fn last_writer_that_gives_up_commits_the_others() {
    let (_folder, db, tenant) = opened("gives-up", &fast()).await;
    let kept = new_user();
    let mut first = db.begin(tenant).await.unwrap();
    insert_user(&mut first, tenant, kept).await.unwrap();
    let last = {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin(tenant).await.unwrap();
            insert_user(&mut tx, tenant, new_user()).await.unwrap();
        })
    };
    settle().await;
    first.commit().await.unwrap();
    last.await.unwrap();
    assert_eq!(users(&db, tenant).await, BTreeSet::from([kept]));
}

/// Aborts the only waiter after 0, 1, 2, .. steps of the commit that hands the connection to it.
#[tokio::test]
async fn cancelled_waiter_never_strands_who_waits_for_the_commit() {
    let (_folder, db, tenant) = opened("cancelled-waiter", &fast()).await;
    let mut expected = BTreeSet::new();
    for steps in 0..12 {
        let user = new_user();
        let mut first = db.begin(tenant).await.unwrap();
        insert_user(&mut first, tenant, user).await.unwrap();
        let waiter = {
            let db = db.clone();
            tokio::spawn(async move {
                let _tx = db.begin(tenant).await.unwrap();
                std::future::pending::<()>().await;
            })
        };
        yield_now().await;
        let commit = tokio::spawn(first.commit());
        for _ in 0..steps {
            yield_now().await;
        }
        waiter.abort();
        commit.await.unwrap().unwrap();
        expected.insert(user);
    }
    assert_eq!(users(&db, tenant).await, expected);
}

/// Drops the future of a commit that waits for others: theirs still comes, and the writer stays usable.
#[tokio::test]
async fn cancelled_commit_never_strands_its_companions() {
    let (_folder, db, tenant) = opened("cancelled-commit", &fast()).await;
    for steps in 0..12 {
        let user = new_user();
        let mut first = db.begin(tenant).await.unwrap();
        insert_user(&mut first, tenant, new_user()).await.unwrap();
        let second = write(&db, tenant, user);
        yield_now().await;
        let commit = tokio::spawn(first.commit());
        for _ in 0..steps {
            yield_now().await;
        }
        commit.abort();
        second.await.unwrap().unwrap();
        assert!(users(&db, tenant).await.contains(&user));
    }
}

/// Many writers, every third cancelled somewhere, every fifth failing: what was acknowledged is there after reopening,
/// what failed is not, and the writer is still in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn storm_with_cancellations_keeps_every_acknowledged_write() {
    let (folder, db, tenant) = opened("chaos", &fast()).await;
    let taken = new_user();
    write(&db, tenant, taken).await.unwrap().unwrap();
    let mut acknowledged = BTreeSet::from([taken]);
    let mut refused = BTreeSet::new();
    for round in 0..20 {
        let tasks: Vec<_> = (0..60)
            .map(|n| {
                let (db, user) = (db.clone(), new_user());
                let task = tokio::spawn(async move {
                    let mut tx = db.begin(tenant).await?;
                    insert_user(&mut tx, tenant, user).await?;
                    if n % 5 == 0 {
                        insert_user(&mut tx, tenant, taken).await?;
                    }
                    tx.commit().await
                });
                (n, user, task)
            })
            .collect();
        for (n, _, task) in &tasks {
            if n % 3 == 0 {
                for _ in 0..(n * 7 + round * 3) % 11 {
                    yield_now().await;
                }
                task.abort();
            }
        }
        for (_, user, task) in tasks {
            match task.await {
                Ok(Ok(())) => assert!(acknowledged.insert(user)),
                Ok(Err(error)) => {
                    assert!(error.is_unique_violation(), "{error:?}");
                    refused.insert(user);
                }
                Err(cancelled) => assert!(cancelled.is_cancelled()),
            }
        }
    }
    let stored = users(&db, tenant).await;
    assert!(acknowledged.is_subset(&stored));
    assert!(refused.is_disjoint(&stored));
    db.close().await;
    let db = Db::connect(&folder.url(), &fast()).await.unwrap();
    assert_eq!(users(&db, tenant).await, stored);
    write(&db, tenant, new_user()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_is_told_to_everybody_concerned_and_passes() {
    let (_folder, db, tenant) = opened("full", &fast()).await;
    let mut tx = db.begin(tenant).await.unwrap();
    let pages = q!(tx, fetch_one<(i64,)>, "PRAGMA page_count").unwrap().0;
    let limit: &'static str = format!("PRAGMA max_page_count = {}", pages + 6).leak();
    exec!(tx, limit).unwrap();
    tx.commit().await.unwrap();
    let mut acknowledged = BTreeSet::new();
    let mut full = 0;
    for _ in 0..8 {
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let user = new_user();
                (user, write(&db, tenant, user))
            })
            .collect();
        for (user, task) in tasks {
            match task.await.unwrap() {
                Ok(()) => assert!(acknowledged.insert(user)),
                Err(DbError::DiskFull(_)) => full += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(full > 0, "the disk was never full");
    assert_eq!(users(&db, tenant).await, acknowledged);
    let mut tx = db.begin(tenant).await.unwrap();
    exec!(tx, "PRAGMA max_page_count = 100000").unwrap();
    insert_user(&mut tx, tenant, new_user()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(users(&db, tenant).await.len(), acknowledged.len() + 1);
}

#[tokio::test]
async fn another_process_that_holds_the_lock_makes_us_unavailable_then_available() {
    let options = DbOptions {
        busy_timeout: Duration::from_millis(20),
        ..fast()
    };
    let (folder, db, tenant) = opened("busy", &options).await;
    let mut other = SqliteConnection::connect(&folder.url()).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let error = db.begin(tenant).await.unwrap_err();
    assert!(
        matches!(error, DbError::Unavailable(_)) && error.is_transient(),
        "{error:?}"
    );
    assert_eq!(count_users(&db, tenant).await, 0);
    other.execute("ROLLBACK").await.unwrap();
    write(&db, tenant, new_user()).await.unwrap().unwrap();
}

#[tokio::test]
async fn file_that_is_no_database_is_corrupt() {
    let folder = Folder::new("garbage");
    std::fs::write(folder.path().join("test.db"), [b'x'; 8192]).unwrap();
    let error = Db::connect(&folder.url(), &fast()).await.unwrap_err();
    assert!(matches!(error, DbError::Corrupt(_)), "{error:?}");
}

#[tokio::test]
async fn database_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _db, _) = opened("private", &fast()).await;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.path());
    }
}

/// A runtime that ends while a transaction is open and another waits: nothing hangs, nothing unacknowledged stays.
#[test]
fn end_of_the_runtime_undoes_what_was_not_acknowledged() {
    let folder = Folder::new("runtime");
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let (db, tenant, tx) = first.block_on(async {
        let db = Db::connect(&folder.url(), &fast()).await.unwrap();
        db.migrate().await.unwrap();
        let tenant = insert_tenant(&db).await;
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, new_user()).await.unwrap();
        let _waiting = write(&db, tenant, new_user());
        (db, tenant, tx)
    });
    drop(first);
    drop(tx);
    drop(db);
    runtime().block_on(async {
        let db = Db::connect(&folder.url(), &fast()).await.unwrap();
        assert_eq!(count_users(&db, tenant).await, 0);
        write(&db, tenant, new_user()).await.unwrap().unwrap();
    });
}
