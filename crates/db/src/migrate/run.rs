//! Running migrations.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use authflow_types::Digest;

use super::{Migration, MigrationError, MigrationReport, SchemaState, expand};
use crate::db::{Backend, Db};
use crate::dialect::Dialect;
use crate::error::DbError;
use crate::postgres::{APP_ROLE, PostgresDb};
use crate::sqlite::SqliteDb;

const CREATE_HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL)";
const SELECT_HISTORY: &str = "SELECT version, name, digest FROM schema_migrations ORDER BY version";
const INSERT_HISTORY: &str = "INSERT INTO schema_migrations (version, name, digest) VALUES ($1, $2, $3)";
/// One migration at a time per database, whoever runs it.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_lock(7305240117)";
const ADVISORY_UNLOCK: &str = "SELECT pg_advisory_unlock(7305240117)";

type History = Vec<(i64, String, String)>;

pub(crate) async fn run(db: &Db, migrations: &[Migration]) -> Result<MigrationReport, DbError> {
    match &db.0 {
        Backend::Postgres(postgres) => run_postgres(postgres, migrations).await,
        Backend::Sqlite(sqlite) => run_sqlite(sqlite, migrations).await,
    }
}

pub(crate) async fn state(db: &Db, migrations: &[Migration]) -> Result<SchemaState, DbError> {
    let history = match &db.0 {
        Backend::Postgres(postgres) => {
            let mut connection = postgres.owner_connection().await?;
            let exists = "SELECT to_regclass('schema_migrations') IS NOT NULL";
            let history = if connection.fetch_one(exists).await?.try_get(0)? {
                postgres_history(&mut connection).await?
            } else {
                History::new()
            };
            connection.close().await.ok();
            history
        }
        Backend::Sqlite(sqlite) => {
            let mut connection = sqlite.connection().await?;
            let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations')";
            let history = if connection.fetch_one(exists).await?.try_get(0)? {
                sqlite_history(&mut connection).await?
            } else {
                History::new()
            };
            connection.close().await.ok();
            history
        }
    };
    Ok(compare(&history, migrations))
}

fn compare(history: &History, migrations: &[Migration]) -> SchemaState {
    let expected = migrations.last().map_or(0, |migration| migration.version);
    match history.last().map(|(version, _, _)| *version) {
        None => SchemaState::Empty,
        Some(found) if found < expected => SchemaState::Behind { found, expected },
        Some(found) if found > expected => SchemaState::Ahead { found, expected },
        Some(_) => SchemaState::Current,
    }
}

/// The migrations still to run; refuses a history that is not a beginning of `migrations`.
fn remaining<'m>(history: &History, migrations: &'m [Migration]) -> Result<&'m [Migration], MigrationError> {
    if let SchemaState::Ahead { found, expected } = compare(history, migrations) {
        return Err(MigrationError::FromTheFuture { found, expected });
    }
    for (index, (version, name, digest)) in history.iter().enumerate() {
        let same = migrations
            .get(index)
            .is_some_and(|migration| migration.version == *version && digest_of(migration) == *digest);
        if !same {
            return Err(MigrationError::Edited {
                version: *version,
                name: name.clone(),
            });
        }
    }
    Ok(migrations.get(history.len()..).unwrap_or_default())
}

fn digest_of(migration: &Migration) -> String {
    hex(Digest::of(migration.sql.as_bytes()).as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// Sixteen characters that change with any migration.
pub(crate) fn fingerprint() -> String {
    let all: String = super::MIGRATIONS.iter().map(digest_of).collect();
    let mut text = hex(Digest::of(all.as_bytes()).as_bytes());
    text.truncate(16);
    text
}

fn expanded(migration: &Migration, dialect: Dialect) -> Result<String, MigrationError> {
    expand(migration.sql, dialect).map_err(|source| MigrationError::Expand {
        version: migration.version,
        source,
    })
}

fn report(history: &History, applied: &[Migration]) -> MigrationReport {
    let last = history.last().map_or(0, |(version, _, _)| *version);
    MigrationReport {
        applied: applied
            .iter()
            .map(|migration| migration.name.to_owned())
            .collect(),
        version: applied.last().map_or(last, |migration| migration.version),
    }
}

async fn sqlite_history(connection: &mut SqliteConnection) -> Result<History, DbError> {
    Ok(sqlx::query_as(SELECT_HISTORY).fetch_all(connection).await?)
}

async fn postgres_history(connection: &mut PgConnection) -> Result<History, DbError> {
    Ok(sqlx::query_as(SELECT_HISTORY).fetch_all(connection).await?)
}

async fn run_sqlite(sqlite: &SqliteDb, migrations: &[Migration]) -> Result<MigrationReport, DbError> {
    let mut connection = sqlite.connection().await?;
    connection.execute(CREATE_HISTORY).await?;
    // The lock covers all of them: what another process has run meanwhile is seen.
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let history = sqlite_history(&mut tx).await?;
    let rest = remaining(&history, migrations)?;
    for migration in rest {
        let text = expanded(migration, Dialect::Sqlite)?;
        tx.execute(sqlx::raw_sql(AssertSqlSafe(text))).await?;
        sqlx::query(INSERT_HISTORY)
            .bind(migration.version)
            .bind(migration.name)
            .bind(digest_of(migration))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    connection.close().await.ok();
    Ok(report(&history, rest))
}

async fn run_postgres(postgres: &PostgresDb, migrations: &[Migration]) -> Result<MigrationReport, DbError> {
    let mut connection = postgres.owner_connection().await?;
    connection.execute(ADVISORY_LOCK).await?;
    let result = migrate_locked(&mut connection, migrations).await;
    connection.execute(ADVISORY_UNLOCK).await.ok();
    connection.close().await.ok();
    result
}

async fn migrate_locked(
    connection: &mut PgConnection,
    migrations: &[Migration],
) -> Result<MigrationReport, DbError> {
    ensure_role(connection).await?;
    connection.execute("SET client_min_messages = warning").await?;
    connection.execute(CREATE_HISTORY).await?;
    let history = postgres_history(connection).await?;
    let rest = remaining(&history, migrations)?;
    for migration in rest {
        let text = expanded(migration, Dialect::Postgres)?;
        let mut tx = connection.begin().await?;
        tx.execute(sqlx::raw_sql(AssertSqlSafe(text))).await?;
        sqlx::query(INSERT_HISTORY)
            .bind(migration.version)
            .bind(migration.name)
            .bind(digest_of(migration))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
    }
    grant(connection).await?;
    Ok(report(&history, rest))
}

/// Creates `authflow_app` if it is missing, makes sure that row-level security binds it and that this user may take it.
async fn ensure_role(connection: &mut PgConnection) -> Result<(), DbError> {
    // Roles are the cluster's: another database's migration may be at it right now.
    let create = "DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authflow_app') THEN
            CREATE ROLE authflow_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$";
    if let Err(error) = connection.execute(create).await {
        return Err(if is_denied(&error) {
            MigrationError::MayNotCreateRole.into()
        } else {
            error.into()
        });
    }
    let unsafe_role =
        "SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = 'authflow_app'";
    if connection.fetch_one(unsafe_role).await?.try_get(0)? {
        return Err(MigrationError::UnsafeRole.into());
    }
    if take_role(connection).await.is_ok() {
        return Ok(());
    }
    let mut attempts = 0;
    while let Err(error) = connection.execute("GRANT authflow_app TO CURRENT_USER").await {
        attempts += 1;
        // `tuple concurrently updated`: another database's migration grants at the same time.
        let raced = matches!(&error, sqlx::Error::Database(e) if e.code().as_deref() == Some("XX000"));
        if !raced || attempts > 20 {
            return Err(MigrationError::MayNotTakeRole.into());
        }
    }
    take_role(connection)
        .await
        .map_err(|_| MigrationError::MayNotTakeRole.into())
}

async fn take_role(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute("SET ROLE authflow_app").await?;
    connection.execute("RESET ROLE").await?;
    Ok(())
}

fn is_denied(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some("42501"))
}

/// Gives `authflow_app` the use of every table, now and later, and no more than a look at the history.
async fn grant(connection: &mut PgConnection) -> Result<(), DbError> {
    let schema: String = connection
        .fetch_one("SELECT quote_ident(current_schema())")
        .await?
        .try_get(0)?;
    let statements = format!(
        "BEGIN;
         GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {APP_ROLE};
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP_ROLE};
         ALTER DEFAULT PRIVILEGES IN SCHEMA {schema}
             GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
         ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
         REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM {APP_ROLE};
         COMMIT;"
    );
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(statements)))
        .await?;
    Ok(())
}
