//! Migrations: forward only, one neutral text for both databases, each in one transaction.
//!
//! A migration is a file `migrations/NNNN_name.sql`, listed in [`MIGRATIONS`], never edited once merged. The text is
//! expanded per database by [`expand`](self::expand); the digest of the neutral text is kept in `schema_migrations`,
//! so that an edited migration or a schema from the future is refused.

mod expand;
mod run;

pub use expand::{ExpandError, TableKind, expand, tables};
pub(crate) use run::{fingerprint, run, state};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number: 1, 2, 3, ...
    pub version: i64,
    /// What it does, in a word or two.
    pub name: &'static str,
    /// The neutral text.
    pub sql: &'static str,
}

/// Every migration in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "initial",
        sql: include_str!("../../migrations/0001_initial.sql"),
    },
    Migration {
        version: 2,
        name: "user_imports",
        sql: include_str!("../../migrations/0002_user_imports.sql"),
    },
    Migration {
        version: 3,
        name: "events_by_subject",
        sql: include_str!("../../migrations/0003_events_by_subject.sql"),
    },
    Migration {
        version: 4,
        name: "messages",
        sql: include_str!("../../migrations/0004_messages.sql"),
    },
    Migration {
        version: 5,
        name: "second_factors",
        sql: include_str!("../../migrations/0005_second_factors.sql"),
    },
    Migration {
        version: 6,
        name: "passkeys",
        sql: include_str!("../../migrations/0006_passkeys.sql"),
    },
    Migration {
        version: 7,
        name: "connections",
        sql: include_str!("../../migrations/0007_connections.sql"),
    },
    Migration {
        version: 8,
        name: "account",
        sql: include_str!("../../migrations/0008_account.sql"),
    },
    Migration {
        version: 9,
        name: "generations",
        sql: include_str!("../../migrations/0009_generations.sql"),
    },
    Migration {
        version: 10,
        name: "operators",
        sql: include_str!("../../migrations/0010_operators.sql"),
    },
    Migration {
        version: 11,
        name: "used_proofs_of_work",
        sql: include_str!("../../migrations/0011_used_proofs_of_work.sql"),
    },
    Migration {
        version: 12,
        name: "places_and_phones",
        sql: include_str!("../../migrations/0012_places_and_phones.sql"),
    },
];

/// How a schema compares with this version of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// Nothing has been migrated.
    Empty,
    /// Migrations are missing.
    Behind {
        /// The schema's version.
        found: i64,
        /// The program's.
        expected: i64,
    },
    /// As this version expects.
    Current,
    /// A newer version of the program has migrated it.
    Ahead {
        /// The schema's version.
        found: i64,
        /// The program's.
        expected: i64,
    },
}

/// What [`Db::migrate`](crate::Db::migrate) did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The names of the migrations that ran, in order; empty if the schema was current.
    pub applied: Vec<String>,
    /// The schema's version now.
    pub version: i64,
}

/// Why a schema cannot be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// A newer version of the program has migrated the database.
    #[error("database schema is version {found} and this program knows {expected}, use a newer authflow")]
    FromTheFuture {
        /// The schema's version.
        found: i64,
        /// The program's.
        expected: i64,
    },
    /// A migration is not the one that ran.
    #[error("migration {version} `{name}` was edited after it ran, restore it")]
    Edited {
        /// Its number.
        version: i64,
        /// Its name.
        name: String,
    },
    /// A migration's text does not expand.
    #[error("migration {version} cannot be expanded")]
    Expand {
        /// Its number.
        version: i64,
        /// Why.
        #[source]
        source: ExpandError,
    },
    /// The role `authflow_app` exists and row-level security would not bind it.
    #[error(
        "role `authflow_app` is a superuser, bypasses row-level security or can log in, drop or alter it"
    )]
    UnsafeRole,
    /// The role `authflow_app` is missing and this user may not create it.
    #[error(
        "user may not create role `authflow_app`, have an administrator run `CREATE ROLE authflow_app; GRANT authflow_app TO <user>`"
    )]
    MayNotCreateRole,
    /// This user may not take the role `authflow_app`.
    #[error(
        "user may not take role `authflow_app`, have an administrator run `GRANT authflow_app TO <user>`"
    )]
    MayNotTakeRole,
}

/// The tables that hold tenant data, as declared by the migrations.
pub(crate) fn tenant_tables() -> Vec<&'static str> {
    MIGRATIONS
        .iter()
        .flat_map(|migration| tables(migration.sql).unwrap_or_default())
        .filter(|(_, kind)| matches!(kind, TableKind::Tenant { .. }))
        .map(|(table, _)| table)
        .collect()
}
