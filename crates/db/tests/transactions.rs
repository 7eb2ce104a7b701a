//! What a transaction promises, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use std::time::Duration;

use authflow_db::{Db, DbError, Json, Notification, Sql, exec, q};
use authflow_types::{Timestamp, UserId};
use common::{TEST, count_users, insert_tenant, insert_user, new_tenant, new_user};

on_both! {
    async fn committed_rows_are_read_back_and_dropped_ones_are_not(db: Db) {
        let tenant = insert_tenant(&db).await;
        let (kept, dropped, rolled_back) = (new_user(), new_user(), new_user());
        let mut tx = db.begin(tenant).await.unwrap();
        assert_eq!(insert_user(&mut tx, tenant, kept).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, dropped).await.unwrap();
        drop(tx);
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, rolled_back).await.unwrap();
        tx.rollback().await;
        let mut tx = db.read(tenant).await.unwrap();
        let sql = "SELECT id FROM users WHERE tenant_id = $1";
        assert_eq!(q!(tx, fetch_all<(UserId,)>, sql, tenant).unwrap(), [(kept,)]);
    }
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Row {
    id: UserId,
    profile: Json<serde_json::Value>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

on_both! {
    async fn values_survive_the_round_trip(db: Db) {
        let tenant = insert_tenant(&db).await;
        let row = Row {
            id: new_user(),
            profile: Json(serde_json::json!({"name": "Zoë \u{0}not", "n": [1, 2.5, null]})),
            created_at: Timestamp::from_micros(1_700_000_000_123_456),
            updated_at: Some(Timestamp::from_micros(-1)),
        };
        // jsonb takes no NUL; the value is the same on both without it.
        let row = Row { profile: Json(serde_json::json!({"name": "Zoë", "n": [1, 2.5, null]})), ..row };
        let mut tx = db.begin(tenant).await.unwrap();
        let sql = "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)
                   VALUES ($1, $2, 'active', $3, '{}', $4, $5)
                   RETURNING id, profile, created_at, updated_at";
        let stored = q!(tx, fetch_one<Row>, sql, tenant, row.id, &row.profile, row.created_at, row.updated_at);
        assert_eq!(stored.unwrap(), row);
        let sql = "SELECT COUNT(*) FROM users WHERE tenant_id = $1 AND profile ->> 'name' = $2";
        assert_eq!(q!(tx, fetch_one<(i64,)>, sql, tenant, "Zoë").unwrap(), (1,));
    }
}

on_both! {
    async fn failed_statement_ends_the_transaction(db: Db) {
        let tenant = insert_tenant(&db).await;
        let user = new_user();
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, user).await.unwrap();
        let error = insert_user(&mut tx, tenant, user).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        let error = insert_user(&mut tx, tenant, new_user()).await.unwrap_err();
        assert!(matches!(error, DbError::Aborted), "{error:?}");
        let error = tx.commit().await.unwrap_err();
        assert!(matches!(error, DbError::Aborted), "{error:?}");
        assert_eq!(count_users(&db, tenant).await, 0);
    }
}

on_both! {
    async fn conflict_clause_leaves_the_transaction_alive(db: Db) {
        let tenant = insert_tenant(&db).await;
        let user = new_user();
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, user).await.unwrap();
        let sql = "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)
                   VALUES ($1, $2, 'active', '{}', '{}', $3, $3) ON CONFLICT DO NOTHING";
        assert_eq!(exec!(tx, sql, tenant, user, Timestamp::from_secs(2)).unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(count_users(&db, tenant).await, 1);
    }
}

async fn violated(db: &Db, tenant: authflow_types::TenantId, sql: &'static str) -> DbError {
    let mut tx = db.begin(tenant).await.unwrap();
    exec!(tx, sql, tenant, tenant.to_string()).unwrap_err()
}

on_both! {
    async fn violated_constraint_has_the_same_name(db: Db) {
        let tenant = insert_tenant(&db).await;
        let name = |error: DbError| match error {
            DbError::UniqueViolation { constraint } => constraint,
            other => panic!("{other:?}"),
        };
        let sql = "INSERT INTO tenants SELECT $1, slug || $2, name || $2, issuer || $2, custom_domain, status, settings,
                   branding, data_key, created_at, updated_at FROM tenants";
        assert_eq!(name(violated(&db, tenant, sql).await), "tenants_pkey");
        let user = new_user();
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, user).await.unwrap();
        let error = insert_user(&mut tx, tenant, user).await.unwrap_err();
        assert_eq!(name(error), "users_pkey");
        let mut tx = db.begin_system(TEST).await.unwrap();
        let sql = "INSERT INTO tenants SELECT $1, slug, name, $2, custom_domain, status, settings,
                   branding, data_key, created_at, updated_at FROM tenants";
        let other = new_tenant();
        let error = exec!(tx, sql, other, other.to_string()).unwrap_err();
        assert_eq!(name(error), "tenants_slug_key");
        let mut tx = db.begin(tenant).await.unwrap();
        let sql = "INSERT INTO scopes (tenant_id, id, name, description, created_at) VALUES ($1, $2, 'a', '', $3)";
        let at = Timestamp::from_secs(1);
        exec!(tx, sql, tenant, new_user(), at).unwrap();
        let error = exec!(tx, sql, tenant, new_user(), at).unwrap_err();
        assert_eq!(name(error), "scopes_name");
    }
}

on_both! {
    async fn broken_constraints_are_told_apart(db: Db) {
        let tenant = insert_tenant(&db).await;
        let at = Timestamp::from_secs(1);
        let sql = "INSERT INTO credentials (tenant_id, id, user_id, kind, data, created_at, updated_at)
                   VALUES ($1, $2, $3, 'password', '', $4, $4)";
        let mut tx = db.begin(tenant).await.unwrap();
        let error = match exec!(tx, sql, tenant, new_user(), new_user(), at) {
            Ok(_) => tx.commit().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error, DbError::ForeignKey(_)), "{error:?}");
        let mut tx = db.begin(tenant).await.unwrap();
        let sql = "INSERT INTO users (tenant_id, id, status, profile, attributes, created_at, updated_at)
                   VALUES ($1, $2, NULL, '{}', '{}', $3, $3)";
        let error = exec!(tx, sql, tenant, new_user(), at).unwrap_err();
        assert!(matches!(error, DbError::Constraint(_)), "{error:?}");
        let mut tx = db.begin(tenant).await.unwrap();
        let error = exec!(tx, "DELETE FROM nowhere").unwrap_err();
        assert!(matches!(error, DbError::NotMigrated(_)), "{error:?}");
        let mut tx = db.read(tenant).await.unwrap();
        let sql = "SELECT id FROM users WHERE tenant_id = $1 AND id = $2";
        let error = q!(tx, fetch_one<(UserId,)>, sql, tenant, new_user()).unwrap_err();
        assert!(matches!(error, DbError::RowNotFound), "{error:?}");
    }
}

on_both! {
    async fn reading_transaction_cannot_write(db: Db) {
        let tenant = insert_tenant(&db).await;
        let mut tx = db.read(tenant).await.unwrap();
        let error = insert_user(&mut tx, tenant, new_user()).await.unwrap_err();
        assert!(matches!(error, DbError::ReadOnly(_)), "{error:?}");
    }
}

on_both! {
    async fn reading_transaction_sees_one_snapshot(db: Db) {
        let tenant = insert_tenant(&db).await;
        let sql = "SELECT COUNT(*) FROM users WHERE tenant_id = $1";
        let mut reading = db.read(tenant).await.unwrap();
        assert_eq!(q!(reading, fetch_one<(i64,)>, sql, tenant).unwrap(), (0,));
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, new_user()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(q!(reading, fetch_one<(i64,)>, sql, tenant).unwrap(), (0,));
        drop(reading);
        assert_eq!(count_users(&db, tenant).await, 1);
    }
}

on_both! {
    async fn missing_or_surplus_values_are_refused(db: Db) {
        let tenant = insert_tenant(&db).await;
        let mut tx = db.read(tenant).await.unwrap();
        let sql = "SELECT COUNT(*) FROM users WHERE tenant_id = $1";
        let error = q!(tx, fetch_one<(i64,)>, sql).unwrap_err();
        assert!(matches!(error, DbError::Arity { expected: 1, given: 0 }), "{error:?}");
        let error = q!(tx, fetch_one<(i64,)>, sql, tenant, tenant).unwrap_err();
        assert!(matches!(error, DbError::Arity { expected: 1, given: 2 }), "{error:?}");
        assert_eq!(q!(tx, fetch_one<(i64,)>, sql, tenant).unwrap(), (0,));
    }
}

on_both! {
    async fn undecodable_row_is_corrupt_and_spares_the_transaction(db: Db) {
        let tenant = insert_tenant(&db).await;
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, new_user()).await.unwrap();
        let error = q!(tx, fetch_all<(i64,)>, "SELECT status FROM users WHERE tenant_id = $1", tenant).unwrap_err();
        assert!(matches!(error, DbError::Corrupt(_)), "{error:?}");
        tx.commit().await.unwrap();
        assert_eq!(count_users(&db, tenant).await, 1);
    }
}

on_both! {
    async fn system_scope_sees_every_tenant(db: Db) {
        let (a, b) = (insert_tenant(&db).await, insert_tenant(&db).await);
        let mut tx = db.begin_system(TEST).await.unwrap();
        assert_eq!(tx.tenant(), None);
        insert_user(&mut tx, a, new_user()).await.unwrap();
        insert_user(&mut tx, b, new_user()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.read_system(TEST).await.unwrap();
        assert_eq!(q!(tx, fetch_one<(i64,)>, "SELECT COUNT(*) FROM users").unwrap(), (2,));
        assert_eq!(db.read(a).await.unwrap().tenant(), Some(a));
    }
}

on_both! {
    async fn notification_reaches_a_listener_once_it_is_committed(db: Db) {
        let tenant = insert_tenant(&db).await;
        let mut listener = db.listen().await.unwrap();
        let mut tx = db.begin(tenant).await.unwrap();
        tx.notify("forgotten").await.unwrap();
        drop(tx);
        let mut tx = db.begin(tenant).await.unwrap();
        tx.notify("one").await.unwrap();
        tx.notify("two").await.unwrap();
        tx.commit().await.unwrap();
        for expected in ["one", "two"] {
            let heard = tokio::time::timeout(Duration::from_secs(10), listener.next()).await;
            assert_eq!(heard.unwrap().unwrap(), Notification::Payload(expected.to_owned()));
        }
    }
}

on_both! {
    async fn closed_database_says_so(db: Db) {
        db.ping().await.unwrap();
        db.close().await;
        let tenant = new_tenant();
        assert!(matches!(db.begin(tenant).await.unwrap_err(), DbError::Closed));
        assert!(matches!(db.read(tenant).await.unwrap_err(), DbError::Closed));
        assert!(matches!(db.ping().await.unwrap_err(), DbError::Closed));
    }
}

#[tokio::test]
async fn unreachable_database_is_unavailable_at_once() {
    // Port 1 of the loopback interface: nobody listens.
    let error = Db::connect("postgres://u:hunter2@127.0.0.1:1/d", &common::fast())
        .await
        .unwrap_err();
    assert!(matches!(error, DbError::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
    let error = Db::connect("sqlite:/nonexistent/folder/a.db", &common::fast())
        .await
        .unwrap_err();
    assert!(matches!(error, DbError::File(_)), "{error:?}");
}

#[tokio::test]
async fn schema_that_is_not_there_is_named() {
    let db = Db::connect("sqlite::memory:", &common::fast()).await.unwrap();
    let error = insert_user(
        &mut db.begin(new_tenant()).await.unwrap(),
        new_tenant(),
        new_user(),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, DbError::NotMigrated(_)), "{error:?}");
    let Some(scratch) = common::scratch().await else {
        return;
    };
    let db = Db::connect(&scratch.url(), &common::fast()).await.unwrap();
    // The role is the cluster's and may exist already; the table does not.
    let error = match db.begin(new_tenant()).await {
        Ok(mut tx) => insert_user(&mut tx, new_tenant(), new_user()).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, DbError::NotMigrated(_)), "{error:?}");
}

/// Changes a user and, if that was there, notes it: one trip on either database.
const CHANGE_AND_NOTE: Sql = Sql {
    postgres: "WITH changed AS (UPDATE users SET status = $3 WHERE tenant_id = $1 AND id = $2 RETURNING id),
                    noted AS (INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at)
                              SELECT $1, 'user', id, $4, $4 FROM changed)
               SELECT id FROM changed",
    sqlite: "UPDATE users SET status = $3 WHERE tenant_id = $1 AND id = $2 RETURNING id;
             INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at)
             SELECT $1, 'user', $2, $4, $4 WHERE changes() = 1",
};

on_both! {
    async fn two_changes_go_in_one_statement(db: Db) {
        let tenant = insert_tenant(&db).await;
        let (known, unknown) = (new_user(), new_user());
        let at = Timestamp::from_secs(3);
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, known).await.unwrap();
        for (user, expected) in [(known, Some((known,))), (unknown, None)] {
            let changed = q!(tx, fetch_optional<(UserId,)>, CHANGE_AND_NOTE, tenant, user, "disabled", at);
            assert_eq!(changed.unwrap(), expected);
        }
        let sql = "SELECT subject_id, kind FROM revocations WHERE tenant_id = $1";
        let noted = q!(tx, fetch_all<(UserId, String)>, sql, tenant).unwrap();
        assert_eq!(noted, [(known, "user".to_owned())]);
    }
}

#[tokio::test]
async fn listener_that_fell_behind_is_told_so() {
    let db = Db::connect("sqlite::memory:", &common::fast()).await.unwrap();
    db.migrate().await.unwrap();
    let mut listener = db.listen().await.unwrap();
    let mut tx = db.begin_system(TEST).await.unwrap();
    for n in 0..600 {
        tx.notify(&n.to_string()).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(listener.next().await.unwrap(), Notification::Missed);
    for n in 256..600 {
        assert_eq!(
            listener.next().await.unwrap(),
            Notification::Payload(n.to_string())
        );
    }
}

/// As when the server restarts, or a firewall forgets the connection.
#[tokio::test]
async fn connections_that_the_server_closed_are_replaced_without_an_error() {
    let Some(scratch) = common::scratch().await else {
        return;
    };
    let db = Db::connect(&scratch.url(), &common::fast()).await.unwrap();
    db.migrate().await.unwrap();
    let mut listener = db.listen().await.unwrap();
    let tenant = insert_tenant(&db).await;
    let open = [
        db.read(tenant).await.unwrap(),
        db.read(tenant).await.unwrap(),
        db.read(tenant).await.unwrap(),
    ];
    drop(open);
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    scratch.execute(terminate).await.unwrap();
    assert_eq!(count_users(&db, tenant).await, 0);
    let mut tx = db.begin(tenant).await.unwrap();
    insert_user(&mut tx, tenant, new_user()).await.unwrap();
    tx.commit().await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Ok(heard) = listener.next().await {
                return heard;
            }
        }
    });
    assert_eq!(heard.await.unwrap(), Notification::Missed);
}

/// A request that goes away in the middle of a statement leaves neither locks nor rows, nor a connection out of step.
#[tokio::test]
async fn cancelled_statement_is_undone_and_its_connection_stays_in_step() {
    let Some(scratch) = common::scratch().await else {
        return;
    };
    let options = authflow_db::DbOptions {
        max_connections: 1,
        ..common::fast()
    };
    let db = Db::connect(&scratch.url(), &options).await.unwrap();
    db.migrate().await.unwrap();
    let tenant = insert_tenant(&db).await;
    for _ in 0..20 {
        let mut tx = db.begin(tenant).await.unwrap();
        insert_user(&mut tx, tenant, new_user()).await.unwrap();
        let slow = "SELECT COUNT(*) FROM users WHERE tenant_id = $1 AND pg_sleep(0.01) IS NOT NULL";
        tokio::select! {
            biased;
            _ = async { q!(tx, fetch_one<(i64,)>, slow, tenant) } => panic!("was not cancelled"),
            () = tokio::task::yield_now() => {}
        }
        drop(tx);
        assert_eq!(count_users(&db, tenant).await, 0);
    }
}
