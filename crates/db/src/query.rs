//! Running one statement on either database: the macros [`q!`](crate::q) and [`exec!`](crate::exec).
//!
//! Values are encoded for the transaction's database when they are named; rows are decoded by
//! `sqlx::FromRow`, which `#[derive(sqlx::FromRow)]` and tuples implement for both databases at once.

use std::sync::Arc;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Encode, FromRow, Postgres, Sqlite, Type};

use crate::dialect::{Dialect, Sql};
use crate::error::DbError;
use crate::tx::Tx;

/// A value that both databases can store.
pub trait Bind:
    Type<Postgres> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + for<'q> Encode<'q, Sqlite>
{
}

impl<T> Bind for T where
    T: Type<Postgres> + Type<Sqlite> + for<'q> Encode<'q, Postgres> + for<'q> Encode<'q, Sqlite>
{
}

/// A row type that both databases can fill: a tuple, or a struct with `#[derive(sqlx::FromRow)]`.
pub trait Record: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> {}

impl<T> Record for T where T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> {}

#[derive(Debug)]
pub(crate) enum Values {
    Postgres(PgArguments),
    Sqlite(SqliteArguments),
}

/// The values of one statement, encoded for one database.
#[derive(Debug)]
pub struct Args(Result<Values, DbError>);

impl Args {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self(Ok(match dialect {
            Dialect::Postgres => Values::Postgres(PgArguments::default()),
            Dialect::Sqlite => Values::Sqlite(SqliteArguments::default()),
        }))
    }

    /// Appends the value of the next parameter. A value that cannot be encoded fails the statement.
    pub fn add<T: Bind>(&mut self, value: T) {
        let Ok(values) = &mut self.0 else { return };
        let added = match values {
            Values::Postgres(arguments) => arguments.add(value),
            Values::Sqlite(arguments) => arguments.add(value),
        };
        if let Err(error) = added {
            self.0 = Err(DbError::Encode(Arc::from(error)));
        }
    }

    /// Checks the number of values against the parameters of `text`: `SQLite` would take a missing one for NULL.
    pub(crate) fn for_text(self, text: &str) -> Result<Values, DbError> {
        let values = self.0?;
        let given = match &values {
            Values::Postgres(arguments) => arguments.len(),
            Values::Sqlite(arguments) => arguments.len(),
        };
        let expected = parameters(text);
        if expected == given {
            Ok(values)
        } else {
            Err(DbError::Arity { expected, given })
        }
    }
}

/// The highest `$n` in `text`. Text literals are not excluded: none of ours holds `$` and a digit.
fn parameters(text: &str) -> usize {
    let mut highest = 0;
    for part in text.split('$').skip(1) {
        let digits = part.bytes().take_while(u8::is_ascii_digit);
        let n = digits.fold(0_usize, |n, digit| n * 10 + usize::from(digit - b'0'));
        highest = highest.max(n);
    }
    highest
}

/// All rows. Give the statement a `LIMIT`.
#[doc(hidden)]
pub async fn fetch_all<T: Record>(tx: &mut Tx, sql: Sql, args: Args) -> Result<Vec<T>, DbError> {
    let rows = tx.rows(sql, args).await?;
    let records = match rows {
        Rows::Postgres(rows) => rows.iter().map(T::from_row).collect(),
        Rows::Sqlite(rows) => rows.iter().map(T::from_row).collect::<Result<Vec<T>, _>>(),
    };
    Ok(records?)
}

/// The first row, if there is one.
#[doc(hidden)]
pub async fn fetch_optional<T: Record>(tx: &mut Tx, sql: Sql, args: Args) -> Result<Option<T>, DbError> {
    let record = match tx.first_row(sql, args).await? {
        None => None,
        Some(FirstRow::Postgres(row)) => Some(T::from_row(&row)?),
        Some(FirstRow::Sqlite(row)) => Some(T::from_row(&row)?),
    };
    Ok(record)
}

/// The first row; [`DbError::RowNotFound`] without one.
#[doc(hidden)]
pub async fn fetch_one<T: Record>(tx: &mut Tx, sql: Sql, args: Args) -> Result<T, DbError> {
    fetch_optional(tx, sql, args).await?.ok_or(DbError::RowNotFound)
}

pub(crate) enum Rows {
    Postgres(Vec<PgRow>),
    Sqlite(Vec<SqliteRow>),
}

pub(crate) enum FirstRow {
    Postgres(PgRow),
    Sqlite(SqliteRow),
}

/// Runs a statement and decodes its rows: `q!(tx, fetch_optional<Row>, SQL, a, b)`.
///
/// The second word is `fetch_one<T>` (`Result<T, _>`), `fetch_optional<T>` (`Result<Option<T>, _>`) or
/// `fetch_all<T>` (`Result<Vec<T>, _>`); `T` is a [`Record`](crate::Record). `SQL` is a `&'static str` or a
/// [`Sql`](crate::Sql); the values bind to `$1`, `$2`, ... `tx` is a [`Tx`](crate::Tx) or `&mut Tx`.
#[macro_export]
macro_rules! q {
    ($tx:expr, $fetch:ident<$t:ty>, $sql:expr $(, $value:expr)* $(,)?) => {{
        let tx: &mut $crate::Tx = $tx.by_ref();
        #[allow(unused_mut, reason = "a statement without values adds none")]
        let mut args = tx.args();
        $( args.add($value); )*
        $crate::query::$fetch::<$t>(tx, $crate::Sql::from($sql), args).await
    }};
}

/// Runs a statement and gives the number of rows it changed: `exec!(tx, SQL, a, b)?`.
#[macro_export]
macro_rules! exec {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        let tx: &mut $crate::Tx = $tx.by_ref();
        #[allow(unused_mut, reason = "a statement without values adds none")]
        let mut args = tx.args();
        $( args.add($value); )*
        tx.execute($crate::Sql::from($sql), args).await
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_parameter_counts() {
        assert_eq!(parameters("SELECT 1"), 0);
        assert_eq!(parameters("SELECT $2, $1, $10 WHERE a = $2"), 10);
        assert_eq!(parameters("x = $1"), 1);
    }
}
