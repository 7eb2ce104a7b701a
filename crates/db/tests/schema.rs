//! The schema: the same on both databases, classified, and moved forward only.
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

use std::collections::BTreeSet;

use authflow_db::migrate::{MIGRATIONS, Migration, TableKind, tables};
use authflow_db::{Db, DbError, MigrationError, SchemaState};
use common::{Folder, fast, scratch};
use description::{of_postgres, of_sqlite};

async fn migrated_sqlite(test: &str) -> (Folder, Db) {
    let folder = Folder::new(test);
    let db = Db::connect(&folder.url(), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    (folder, db)
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_keys_and_indexes() {
    let (folder, _db) = migrated_sqlite("parity").await;
    let sqlite = of_sqlite(&folder.url()).await;
    assert!(sqlite.len() > 10 && sqlite["users"].primary_key == ["tenant_id", "id"]);
    let Some(scratch) = scratch().await else { return };
    let db = Db::connect(&scratch.url(), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    let postgres = of_postgres(&scratch.url()).await;
    assert_eq!(
        sqlite.keys().collect::<Vec<_>>(),
        postgres.keys().collect::<Vec<_>>()
    );
    // The history belongs to the runner, which writes it before any migration: each database has it its own way.
    for (name, table) in sqlite.iter().filter(|(name, _)| *name != "schema_migrations") {
        assert_eq!(
            table, &postgres[name],
            "table {name}: SQLite left, PostgreSQL right"
        );
    }
}

#[tokio::test]
async fn every_table_says_whose_data_it_holds() {
    let mut declared: Vec<(&str, TableKind)> = MIGRATIONS
        .iter()
        .flat_map(|migration| tables(migration.sql).unwrap())
        .collect();
    declared.sort_by_key(|(table, _)| *table);
    let names: BTreeSet<&str> = declared.iter().map(|(table, _)| *table).collect();
    assert_eq!(names.len(), declared.len(), "a table is declared twice");
    let (folder, _db) = migrated_sqlite("classified").await;
    let schema = of_sqlite(&folder.url()).await;
    for table in schema.keys().filter(|table| *table != "schema_migrations") {
        assert!(names.contains(table.as_str()), "table {table} is not classified");
    }
    for (table, kind) in declared {
        let columns = &schema[table].columns;
        match kind {
            TableKind::Tenant { column } => {
                let tenant = columns.iter().find(|c| c.name == column).expect(table);
                assert!(!tenant.nullable && tenant.kind == "BLOB", "{table}.{column}");
                // The tenant leads every key, so that no key of one tenant can collide with another's.
                assert_eq!(schema[table].primary_key[0], column, "{table}");
            }
            TableKind::System => assert!(columns.iter().all(|c| c.name != "tenant_id"), "{table}"),
        }
    }
}

#[tokio::test]
async fn migrations_are_numbered_without_gaps() {
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        assert_eq!(
            usize::try_from(migration.version).unwrap(),
            index + 1,
            "{}",
            migration.name
        );
    }
}

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    sql: "CREATE TABLE a (id uuid PRIMARY KEY);\n--!system a\n",
};
const SECOND: Migration = Migration {
    version: 2,
    name: "second",
    sql: "CREATE TABLE b (id uuid PRIMARY KEY, t text);\n--!tenant b id\n",
};
const BROKEN: Migration = Migration {
    version: 2,
    name: "broken",
    sql: "CREATE TABLE b (id uuid PRIMARY KEY);\n--!system b\nCREATE TABL c;\n",
};

/// Every step of a schema's life, on one database.
async fn life_of_a_schema(db: &Db) {
    let report = db.migrate_with(&[FIRST]).await.unwrap();
    assert_eq!((report.applied, report.version), (vec!["first".to_owned()], 1));
    // A migration that fails leaves nothing behind, not even the statements before the mistake.
    db.migrate_with(&[FIRST, BROKEN]).await.unwrap_err();
    let report = db.migrate_with(&[FIRST, SECOND]).await.unwrap();
    assert_eq!((report.applied, report.version), (vec!["second".to_owned()], 2));
    let report = db.migrate_with(&[FIRST, SECOND]).await.unwrap();
    assert_eq!((report.applied, report.version), (vec![], 2));
    let error = db.migrate_with(&[FIRST]).await.unwrap_err();
    let expected = MigrationError::FromTheFuture {
        found: 2,
        expected: 1,
    };
    assert!(
        matches!(&error, DbError::Migration(error) if *error == expected),
        "{error:?}"
    );
    let edited = Migration {
        sql: "CREATE TABLE a (id uuid PRIMARY KEY, x text);\n--!system a\n",
        ..FIRST
    };
    let error = db.migrate_with(&[edited, SECOND]).await.unwrap_err();
    let expected = MigrationError::Edited {
        version: 1,
        name: "first".to_owned(),
    };
    assert!(
        matches!(&error, DbError::Migration(error) if *error == expected),
        "{error:?}"
    );
    // One step more than the program itself knows.
    let expected = i64::try_from(MIGRATIONS.len()).unwrap();
    let further = (3..=expected + 1).map(|version| Migration {
        version,
        name: "further",
        sql: format!("CREATE TABLE f{version} (id uuid PRIMARY KEY);\n--!system f{version}\n").leak(),
    });
    let all: Vec<Migration> = [FIRST, SECOND].into_iter().chain(further).collect();
    db.migrate_with(&all).await.unwrap();
    let found = i64::try_from(all.len()).unwrap();
    assert_eq!(
        db.schema_state().await.unwrap(),
        SchemaState::Ahead { found, expected }
    );
}

#[tokio::test]
async fn schema_moves_forward_only_and_whole_steps_at_a_time() {
    let db = Db::connect("sqlite::memory:", &fast()).await.unwrap();
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Empty);
    life_of_a_schema(&db).await;
    let Some(scratch) = scratch().await else { return };
    let db = Db::connect(&scratch.url(), &fast()).await.unwrap();
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Empty);
    life_of_a_schema(&db).await;
}

/// Several processes start at once on an empty database.
async fn migrate_at_once(url: &str) {
    let mut tasks = Vec::new();
    for _ in 0..6 {
        let db = Db::connect(url, &fast()).await.unwrap();
        tasks.push(tokio::spawn(
            async move { db.migrate().await.unwrap().applied.len() },
        ));
    }
    let mut applied = 0;
    for task in tasks {
        applied += task.await.unwrap();
    }
    assert_eq!(applied, MIGRATIONS.len());
    let db = Db::connect(url, &fast()).await.unwrap();
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
}

#[tokio::test]
async fn nodes_that_migrate_at_once_do_it_once() {
    let folder = Folder::new("at-once");
    migrate_at_once(&folder.url()).await;
    let Some(scratch) = scratch().await else { return };
    migrate_at_once(&scratch.url()).await;
}

/// A user with the rights that a hosted database gives: it owns its database and is no superuser.
#[tokio::test]
async fn ordinary_owner_can_migrate_and_serve() {
    let Some(scratch) = scratch().await else { return };
    let user = format!("owner_{}", std::process::id());
    let name = scratch
        .url()
        .rsplit_once('/')
        .unwrap()
        .1
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    scratch
        .execute(&format!(
            "CREATE ROLE {user} LOGIN PASSWORD 'p' CREATEROLE; ALTER DATABASE {name} OWNER TO {user};
             ALTER SCHEMA public OWNER TO {user};
             DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'authflow_app')
                THEN GRANT authflow_app TO {user} WITH ADMIN OPTION; END IF; END $$"
        ))
        .await
        .unwrap();
    let db = Db::connect(&scratch.url_as(&user, "p"), &fast()).await.unwrap();
    db.migrate().await.unwrap();
    db.check_row_security().await.unwrap();
    db.ping().await.unwrap();
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
    db.close().await;
    scratch
        .execute(&format!(
            "REASSIGN OWNED BY {user} TO CURRENT_USER; DROP OWNED BY {user}"
        ))
        .await
        .unwrap();
    scratch.execute(&format!("DROP ROLE {user}")).await.unwrap();
}
