//! `PostgreSQL`: one URL, a pool in the role `authflow_app`, and single connections in the URL's own role.

mod transaction;

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};

pub(crate) use transaction::PgTransaction;

use crate::error::{DbError, RowSecurityError};
use crate::options::DbOptions;
use crate::pool::{Pool, timed_out};
use crate::tx::{Inner, Mode, Scope, Tx};

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
    pool: Arc<Pool<PgConnection>>,
    /// As the application's role.
    app: PgConnectOptions,
    /// As the URL's user.
    owner: PgConnectOptions,
}

impl PostgresDb {
    pub(crate) async fn connect(url: PgConnectOptions, options: &DbOptions) -> Result<Self, DbError> {
        let owner = quiet(url)
            .application_name("authflow")
            .statement_cache_capacity(256);
        // WHY: as start-up options the role and the timeouts cost no round trip.
        let app = owner.clone().options([
            ("role", APP_ROLE.to_owned()),
            (
                "statement_timeout",
                options.statement_timeout.as_millis().to_string(),
            ),
            ("idle_in_transaction_session_timeout", "60000".to_owned()),
            // No statement of ours runs long enough to repay compiling it.
            ("jit", "off".to_owned()),
        ]);
        let pool = Pool::new(options.max_connections, options.acquire_timeout)
            .with_limits(options.max_lifetime, options.idle_timeout);
        let db = Self {
            pool: Arc::new(pool),
            app,
            owner,
        };
        db.owner_connection().await?.close().await.ok();
        Ok(db)
    }

    async fn open(&self, options: &PgConnectOptions) -> Result<PgConnection, DbError> {
        let opening = tokio::time::timeout(self.pool.acquire_timeout(), options.connect());
        Ok(opening.await.map_err(|_| timed_out())??)
    }

    /// A connection in the URL's own role, outside the pool: to migrate, and to look at the schema.
    pub(crate) async fn owner_connection(&self) -> Result<PgConnection, DbError> {
        let mut connection = self.open(&self.owner).await?;
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

    pub(crate) async fn begin(&self, scope: Scope, mode: Mode) -> Result<Tx, DbError> {
        loop {
            let mut leased = self.pool.acquire().await?;
            let rested = leased.connection().is_some();
            if !rested {
                leased.set(self.open(&self.app).await?);
            }
            match PgTransaction::begin(leased, scope.begin_postgres(mode)).await {
                Ok(transaction) => return Ok(Tx::new(Inner::Postgres(transaction), scope)),
                // The server closed the connection while it was at rest: nothing was sent that could have had an
                // effect. It will have closed the others too.
                Err(error) if rested && was_closed_while_idle(&error) => self.pool.clear(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A listener on a connection of its own, which it replaces when it breaks.
    pub(crate) async fn listener(&self) -> Result<PgListener, DbError> {
        let own = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(self.pool.acquire_timeout())
            .connect_lazy_with(self.app.clone());
        Ok(PgListener::connect_with(&own).await?)
    }

    pub(crate) async fn close(&self) {
        for connection in self.pool.close() {
            connection.close().await.ok();
        }
    }

    pub(crate) async fn check_row_security(&self) -> Result<(), DbError> {
        let mut connection = self.open(&self.app).await?;
        let checked = check_row_security(&mut connection).await;
        connection.close().await.ok();
        checked
    }
}

async fn check_row_security(connection: &mut PgConnection) -> Result<(), DbError> {
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
