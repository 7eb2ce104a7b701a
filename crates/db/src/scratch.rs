//! Databases that last as long as a test.
//!
//! On `SQLite` that is `sqlite::memory:`. On `PostgreSQL` it is a database made for the occasion in a cluster that is
//! the tests' own (`scripts/postgres` starts one): a [`ScratchDatabase`].

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _};

use crate::error::{DbError, DriverError};
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
        let cluster = PgConnectOptions::from_str(cluster_url)
            .map_err(|error| DbUrlError::Postgres(DriverError::new(error)))?;
        let mut connection = cluster.connect().await?;
        let name: String = connection
            .fetch_one("SELECT 'scratch_' || replace(gen_random_uuid()::text, '-', '')")
            .await?
            .try_get(0)?;
        let create = format!("CREATE DATABASE {name}");
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
