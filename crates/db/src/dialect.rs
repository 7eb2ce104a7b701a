//! The two dialects and their named differences.
//!
//! One SQL text serves both databases. Where that is impossible, the two texts stand side by side in a [`Sql`]
//! constant, here, so that the list of differences is one file long.

/// Which database a transaction talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `PostgreSQL` 14 or later.
    Postgres,
    /// `SQLite` in write-ahead logging mode.
    Sqlite,
}

/// One statement in both dialects. A `&'static str` converts to the same text for both.
///
/// Each statement is a trip: to the server, or to the thread of the `SQLite` connection. Where a hot path has to change
/// two tables, `PostgreSQL` does it in one statement (`WITH .. UPDATE .. RETURNING .. INSERT`), and the text for `SQLite`
/// may hold two, separated by `;`: they run one after the other in one trip, see the same `$n`, and the second may ask
/// `changes()` how many rows the first has changed. The rows of both are given, and the sum of changed rows.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// The text for `PostgreSQL`.
    pub postgres: &'static str,
    /// The text for `SQLite`.
    pub sqlite: &'static str,
}

impl Sql {
    /// The text for `dialect`.
    pub const fn text(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
        }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self {
            postgres: text,
            sqlite: text,
        }
    }
}

/// Tells other processes; `$1` is the payload. `SQLite` keeps it in a table that listeners read.
pub const NOTIFY: Sql = Sql {
    postgres: "SELECT CAST(0 AS BIGINT) FROM pg_notify('authflow', $1)",
    sqlite: "INSERT INTO notifications (payload) VALUES ($1) RETURNING id",
};

/// Answers that the database can be read.
pub const PING: Sql = Sql {
    postgres: "SELECT CAST(1 AS BIGINT)",
    sqlite: "SELECT COUNT(*) FROM sqlite_schema",
};

/// Takes up to `$3` due jobs at `$1` under a lease until `$2`. `PostgreSQL` workers step over each other's rows;
/// `SQLite` has one writer at a time.
pub const CLAIM_JOBS: Sql = Sql {
    postgres: "UPDATE jobs SET leased_until = $2, attempt_count = attempt_count + 1 \
               WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM jobs WHERE finished_at IS NULL AND run_at <= $1 \
               AND (leased_until IS NULL OR leased_until <= $1) ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED) \
               RETURNING tenant_id, id, kind, payload, attempt_count, leased_until",
    sqlite: "UPDATE jobs SET leased_until = $2, attempt_count = attempt_count + 1 \
             WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM jobs WHERE finished_at IS NULL AND run_at <= $1 \
             AND (leased_until IS NULL OR leased_until <= $1) ORDER BY run_at LIMIT $3) \
             RETURNING tenant_id, id, kind, payload, attempt_count, leased_until",
};
