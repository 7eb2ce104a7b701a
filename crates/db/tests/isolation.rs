//! Nothing of tenant B is visible to, or changeable by, tenant A: every table, found by looking, not by a list.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;
#[path = "common/schema.rs"]
mod description;

use authflow_db::migrate::{MIGRATIONS, TableKind, tables};
use authflow_db::{Db, DbError, RowSecurityError, exec, q};
use authflow_types::TenantId;
use common::{Folder, TEST, fast, new_tenant, scratch};
use description::{Schema, of_postgres, of_sqlite};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

fn tenant_tables() -> Vec<(&'static str, &'static str)> {
    let all = MIGRATIONS
        .iter()
        .flat_map(|migration| tables(migration.sql).unwrap());
    all.filter_map(|(table, kind)| match kind {
        TableKind::Tenant { column } => Some((table, column)),
        TableKind::System => None,
    })
    .collect()
}

/// An INSERT of one row of `tenant` with something in every column, as literals.
fn seed(schema: &Schema, table: &str, tenant_column: &str, tenant: TenantId, postgres: bool) -> String {
    let uuid = |uuid: uuid::Uuid| {
        if postgres {
            format!("'{uuid}'")
        } else {
            format!("x'{}'", uuid.simple())
        }
    };
    let columns = &schema[table].columns;
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.kind.as_str() {
            _ if column.name == tenant_column => uuid(tenant.as_uuid()),
            "BLOB" if column.name == "id" || column.name.ends_with("_id") => uuid(new_tenant().as_uuid()),
            "BLOB" if postgres => "'\\x00'".to_owned(),
            "BLOB" => "x'00'".to_owned(),
            // One text that serves as JSON too, and that no other tenant has.
            "TEXT" => format!("'\"{tenant}\"'"),
            "INTEGER" if postgres && column.name.ends_with("_at") || column.name.ends_with("_until") => {
                if postgres {
                    "'2026-01-01'".to_owned()
                } else {
                    "1".to_owned()
                }
            }
            "INTEGER" | "BOOLEAN" if postgres && column.name == "auth_time" => "'2026-01-01'".to_owned(),
            "INTEGER" => "1".to_owned(),
            "BOOLEAN" => "true".to_owned(),
            other => panic!("{table}.{} has the unknown type {other}", column.name),
        })
        .collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    )
}

#[tokio::test]
async fn no_table_shows_another_tenants_rows_on_postgres() {
    let Some(scratch) = scratch().await else { return };
    let db = Db::connect(&scratch.url(), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    let schema = of_postgres(&scratch.url()).await;
    let (a, b) = (new_tenant(), new_tenant());
    let mut owner = PgConnection::connect(&scratch.url()).await.unwrap();
    owner
        .execute("SET session_replication_role = replica")
        .await
        .unwrap();
    for (table, column) in tenant_tables() {
        owner
            .execute(AssertSqlSafe(seed(&schema, table, column, b, true)))
            .await
            .unwrap();
    }
    for (table, column) in tenant_tables() {
        let leak = |text: String| -> &'static str { text.leak() };
        let count = leak(format!("SELECT COUNT(*) FROM {table}"));
        let mut tx = db.read(a).await.unwrap();
        assert_eq!(q!(tx, fetch_one<(i64,)>, count).unwrap(), (0,), "{table} leaks");
        let mut tx = db.read(b).await.unwrap();
        assert_eq!(q!(tx, fetch_one<(i64,)>, count).unwrap(), (1,), "{table} hides");
        let mut tx = db.read_system(TEST).await.unwrap();
        assert_eq!(
            q!(tx, fetch_one<(i64,)>, count).unwrap(),
            (1,),
            "{table} hides from the system"
        );
        // A may neither change nor delete what is B's, nor write in B's name.
        let mut tx = db.begin(a).await.unwrap();
        let update = leak(format!("UPDATE {table} SET {column} = {column}"));
        assert_eq!(exec!(tx, update).unwrap(), 0, "{table}");
        let delete = leak(format!("DELETE FROM {table}"));
        assert_eq!(exec!(tx, delete).unwrap(), 0, "{table}");
        let error = exec!(tx, leak(seed(&schema, table, column, b, true))).unwrap_err();
        assert!(matches!(error, DbError::RowSecurity(_)), "{table}: {error:?}");
        // Nor give away its own.
        let mut tx = db.begin(b).await.unwrap();
        let give = leak(format!("UPDATE {table} SET {column} = $1"));
        let error = exec!(tx, give, a).unwrap_err();
        assert!(matches!(error, DbError::RowSecurity(_)), "{table}: {error:?}");
    }
}

/// A connection without a transaction of ours has no tenant and sees nothing.
#[tokio::test]
async fn no_tenant_means_no_rows_on_postgres() {
    let Some(scratch) = scratch().await else { return };
    let db = Db::connect(&scratch.url(), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    let tenant = common::insert_tenant(&db).await;
    let mut connection = PgConnection::connect(&scratch.url()).await.unwrap();
    connection.execute("SET ROLE authflow_app").await.unwrap();
    let count = "SELECT COUNT(*) FROM tenants";
    let before: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    // After a transaction the setting is '' rather than NULL.
    let set = format!("BEGIN; SET LOCAL app.tenant_id = '{}'; COMMIT", tenant.as_uuid());
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(set)))
        .await
        .unwrap();
    let after: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!((before, after), (0, 0));
}

#[tokio::test]
async fn no_table_shows_another_tenants_rows_on_sqlite() {
    let folder = Folder::new("leak");
    let db = Db::connect(&folder.url(), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    let schema = of_sqlite(&folder.url()).await;
    let (a, b) = (new_tenant(), new_tenant());
    let mut owner = SqliteConnection::connect(&folder.url()).await.unwrap();
    owner.execute("PRAGMA foreign_keys = OFF").await.unwrap();
    for (table, column) in tenant_tables() {
        owner
            .execute(AssertSqlSafe(seed(&schema, table, column, b, false)))
            .await
            .unwrap();
        let sql: &'static str = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1").leak();
        let mut tx = db.read(a).await.unwrap();
        assert_eq!(q!(tx, fetch_one<(i64,)>, sql, a).unwrap(), (0,), "{table} leaks");
        let mut tx = db.read(b).await.unwrap();
        assert_eq!(q!(tx, fetch_one<(i64,)>, sql, b).unwrap(), (1,), "{table} hides");
    }
}

#[tokio::test]
async fn serving_is_refused_where_row_security_would_not_bind() {
    let Some(scratch) = scratch().await else { return };
    let db = Db::connect(&scratch.url(), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    db.check_row_security().await.unwrap();
    scratch
        .execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
        .await
        .unwrap();
    let error = db.check_row_security().await.unwrap_err();
    let expected = RowSecurityError::NotForced {
        table: "users".to_owned(),
    };
    assert!(
        matches!(&error, DbError::RowSecurityUnbound(error) if *error == expected),
        "{error:?}"
    );
    scratch
        .execute("ALTER TABLE users FORCE ROW LEVEL SECURITY; DROP POLICY users_tenant ON users")
        .await
        .unwrap();
    let error = db.check_row_security().await.unwrap_err();
    assert!(
        matches!(&error, DbError::RowSecurityUnbound(error) if *error == expected),
        "{error:?}"
    );
    scratch
        .execute(
            "CREATE POLICY users_tenant ON users USING (true); CREATE POLICY extra ON users USING (true)",
        )
        .await
        .unwrap();
    let error = db.check_row_security().await.unwrap_err();
    assert!(matches!(&error, DbError::RowSecurityUnbound(_)), "{error:?}");
    scratch
        .execute("DROP POLICY extra ON users; ALTER TABLE clients OWNER TO authflow_app")
        .await
        .unwrap();
    let error = db.check_row_security().await.unwrap_err();
    assert!(
        matches!(&error, DbError::RowSecurityUnbound(RowSecurityError::Owner { table, .. }) if table == "clients"),
        "{error:?}"
    );
}
