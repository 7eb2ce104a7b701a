//! Databases that last as long as a test.
//!
//! On `SQLite` that is `sqlite::memory:`. On `PostgreSQL` it is a database made for the occasion in a cluster that is
//! the tests' own (`scripts/postgres` starts one): a [`ScratchDatabase`].

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _};

use crate::db::Db;
use crate::error::{DbError, DriverError};
use crate::migrate;
use crate::options::DbOptions;
use crate::url::DbUrlError;

/// An empty `PostgreSQL` database, dropped with this value.
#[derive(Debug)]
pub struct ScratchDatabase {
    cluster: PgConnectOptions,
    name: String,
}

impl ScratchDatabase {
    /// Creates a database in the cluster at `cluster_url`, whose user may create databases and roles.
    ///
    /// # Errors
    /// As connecting does.
    pub async fn create(cluster_url: &str) -> Result<Self, DbError> {
        Self::create_like(cluster_url, "template1").await
    }

    /// Creates a database with the schema of this version in it: a copy of one that is migrated once per cluster.
    ///
    /// # Errors
    /// As connecting and migrating do.
    pub async fn create_migrated(cluster_url: &str) -> Result<Self, DbError> {
        let template = template(cluster_url).await?;
        Self::create_like(cluster_url, &template).await
    }

    async fn create_like(cluster_url: &str, template: &str) -> Result<Self, DbError> {
        let cluster = options(cluster_url)?;
        let mut connection = cluster.connect().await?;
        let name: String = connection
            .fetch_one("SELECT 'scratch_' || replace(gen_random_uuid()::text, '-', '')")
            .await?
            .try_get(0)?;
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        connection.execute(AssertSqlSafe(create)).await?;
        connection.close().await.ok();
        Ok(Self { cluster, name })
    }

    /// The address of the database, with its password.
    pub fn url(&self) -> String {
        self.options().to_url_lossy().to_string()
    }

    /// The address of the database for another user.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        let options = self.options().username(user).password(password);
        options.to_url_lossy().to_string()
    }

    /// Runs statements as the cluster's user, who is bound by nothing.
    ///
    /// # Errors
    /// As every statement.
    pub async fn execute(&self, statements: &str) -> Result<(), DbError> {
        let mut connection = self.options().connect().await?;
        let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(statements))).await;
        connection.close().await.ok();
        done?;
        Ok(())
    }

    fn options(&self) -> PgConnectOptions {
        self.cluster.clone().database(&self.name)
    }
}

fn options(cluster_url: &str) -> Result<PgConnectOptions, DbUrlError> {
    PgConnectOptions::from_str(cluster_url).map_err(|error| DbUrlError::Postgres(DriverError::new(error)))
}

/// The name of the migrated database that others are copied from; makes it if this is the first to ask.
async fn template(cluster_url: &str) -> Result<String, DbError> {
    let name = format!("template_{}", migrate::fingerprint());
    let cluster = options(cluster_url)?;
    let mut connection = cluster.connect().await?;
    // Test processes start at once. The lock goes with the connection.
    connection.execute("SELECT pg_advisory_lock(7305240118)").await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        // Under its final name only when it is complete.
        let unfinished = ScratchDatabase::create(cluster_url).await?;
        let db = Db::connect(&unfinished.url(), &DbOptions::default()).await?;
        db.migrate().await?;
        db.close().await;
        let rename = format!("ALTER DATABASE {} RENAME TO {name}", unfinished.name);
        connection.execute(AssertSqlSafe(rename)).await?;
    }
    connection.close().await.ok();
    Ok(name)
}

async fn drop_database(cluster: PgConnectOptions, name: &str) -> Result<(), sqlx::Error> {
    let mut connection: PgConnection = cluster.connect().await?;
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await
}

impl Drop for ScratchDatabase {
    /// Drops the database, also when a test has failed and its runtime is going away: hence the thread.
    ///
    /// WHY: nobody waits for it. A connection that this thread's runtime was just opening cannot go on while we wait, and
    /// `PostgreSQL` waits for it in turn. What is left when the process ends goes with the private cluster.
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster.clone(), std::mem::take(&mut self.name));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if !runtime.is_ok_and(|runtime| runtime.block_on(drop_database(cluster, &name)).is_ok()) {
                tracing::warn!("a scratch database could not be dropped");
            }
        });
    }
}
