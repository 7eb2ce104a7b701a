//! `PostgreSQL`: one URL, a pool in the role `authflow_app`, and single connections in the URL's own role.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};

use crate::error::{DbError, DriverError, RowSecurityError};
use crate::options::DbOptions;
use crate::tx::{Inner, Scope, Tx};

/// The role that serves: no login, no ownership, bound by row-level security.
pub(crate) const APP_ROLE: &str = "authflow_app";

/// Every table: whether the current role owns it, and whether row-level security is forced by exactly the two
/// policies that the migrations made.
const TABLE_SECURITY: &str = "SELECT c.relname::text, pg_has_role(c.relowner, 'USAGE'),
        c.relrowsecurity AND c.relforcerowsecurity AND (
            SELECT COUNT(*) = 2 AND bool_and(
                p.polname IN (c.relname || '_tenant', c.relname || '_system')
                AND pg_get_expr(p.polqual, c.oid) LIKE '%current_setting(''app.%'
                AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%current_setting(''app.%')
            FROM pg_policy p WHERE p.polrelid = c.oid)
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1";

const OLDEST_SERVER: i32 = 140_000;

pub(crate) struct PostgresDb {
    pub(crate) pool: PgPool,
    owner: PgConnectOptions,
    acquire_timeout: Duration,
    max_connections: u32,
}

impl PostgresDb {
    pub(crate) async fn connect(url: PgConnectOptions, options: &DbOptions) -> Result<Self, DbError> {
        let owner = quiet(url).application_name("authflow");
        // WHY: as start-up options the role and the timeouts cost no round trip, and a missing role is an error at
        // once; from the pool's `after_connect` it would be retried until the acquire timeout.
        let app = owner.clone().options([
            ("role", APP_ROLE.to_owned()),
            (
                "statement_timeout",
                options.statement_timeout.as_millis().to_string(),
            ),
            ("idle_in_transaction_session_timeout", "60000".to_owned()),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .max_lifetime(options.max_lifetime)
            .idle_timeout(options.idle_timeout)
            .connect_lazy_with(app);
        let db = Self {
            pool,
            owner,
            acquire_timeout: options.acquire_timeout,
            max_connections: options.max_connections.max(1),
        };
        db.owner_connection().await?.close().await.ok();
        Ok(db)
    }

    /// A connection in the URL's own role, outside the pool: to migrate, and to look at the schema.
    pub(crate) async fn owner_connection(&self) -> Result<PgConnection, DbError> {
        let connecting = tokio::time::timeout(self.acquire_timeout, self.owner.connect());
        let mut connection = connecting
            .await
            .map_err(|_| DbError::Unavailable(DriverError::new(sqlx::Error::PoolTimedOut)))??;
        let row = sqlx::query(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version')",
        )
        .fetch_one(&mut connection)
        .await?;
        if row.try_get::<i32, _>(0)? < OLDEST_SERVER {
            return Err(DbError::ServerTooOld {
                found: row.try_get(1)?,
            });
        }
        Ok(connection)
    }

    pub(crate) async fn begin(&self, scope: Scope, read_only: bool) -> Result<Tx, DbError> {
        let mut attempts = 0;
        loop {
            let error = match self.pool.begin_with(scope.begin_postgres(read_only)).await {
                Ok(tx) => return Ok(Tx::new(Inner::Postgres(tx), scope)),
                Err(error) => error,
            };
            // An idle connection that the server closed meanwhile: nothing was sent that could have had an effect.
            // After a restart of the server every idle connection is one.
            if attempts < self.max_connections && was_closed_while_idle(&error) {
                attempts += 1;
                continue;
            }
            return Err(error.into());
        }
    }

    pub(crate) async fn check_row_security(&self) -> Result<(), DbError> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
        )
        .fetch_one(&mut *connection)
        .await?;
        let role: String = row.try_get(0)?;
        if row.try_get(1)? {
            return Err(RowSecurityError::Exempt { role }.into());
        }
        let tables = sqlx::query(TABLE_SECURITY).fetch_all(&mut *connection).await?;
        let tenant_tables = crate::migrate::tenant_tables();
        for row in tables {
            let (table, owned): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
            let forced: Option<bool> = row.try_get(2)?;
            if owned {
                return Err(RowSecurityError::Owner { role, table }.into());
            }
            if forced != Some(true) && tenant_tables.contains(&table.as_str()) {
                return Err(RowSecurityError::NotForced { table }.into());
            }
        }
        Ok(())
    }
}

/// Statements are traced by the slices, not by the driver; slow ones are still reported, without their values.
fn quiet(options: PgConnectOptions) -> PgConnectOptions {
    match "off".parse() {
        Ok(off) => options.log_statements(off),
        Err(_) => options,
    }
}

fn was_closed_while_idle(error: &sqlx::Error) -> bool {
    use std::io::ErrorKind as K;
    match error {
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            K::BrokenPipe | K::ConnectionReset | K::ConnectionAborted | K::UnexpectedEof
        ),
        // admin_shutdown, crash_shutdown, idle_session_timeout
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P05"))
        }
        _ => false,
    }
}
