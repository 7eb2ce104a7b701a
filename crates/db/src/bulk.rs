//! Statements over many rows or values at once, for imports: `INSERT .. VALUES (..), (..)` and `.. IN (..)`.

use std::sync::OnceLock;

use crate::error::DbError;
use crate::query::{Args, Bind};
use crate::tx::Tx;

/// How many rows one statement takes; what is left over goes in smaller ones, so that three texts serve every number.
const SIZES: [usize; 3] = [64, 8, 1];

/// How many values an `IN (..)` has; what is left over is filled with the last one.
const LISTED: usize = 128;

/// An `INSERT` of several rows. Made as a `static`: its texts are put together once.
#[derive(Debug)]
pub struct InsertMany {
    head: &'static str,
    columns: usize,
    tail: &'static str,
    texts: OnceLock<[&'static str; 3]>,
}

impl InsertMany {
    /// `head` is `INSERT INTO t (a, b)` with `columns` columns; `tail` is what follows the values, such as
    /// `ON CONFLICT DO NOTHING`.
    pub const fn new(head: &'static str, columns: usize, tail: &'static str) -> Self {
        Self {
            head,
            columns,
            tail,
            texts: OnceLock::new(),
        }
    }

    /// Inserts `rows`; `bind` adds the values of one. Gives the number of rows inserted.
    ///
    /// # Errors
    /// As every statement.
    pub async fn run<T>(
        &self,
        tx: &mut Tx,
        rows: &[T],
        bind: impl Fn(&mut Args, &T),
    ) -> Result<u64, DbError> {
        let texts = self.texts.get_or_init(|| SIZES.map(|size| self.text(size)));
        let mut inserted = 0;
        let mut left = rows;
        while !left.is_empty() {
            let fitting = SIZES.iter().zip(texts).find(|(size, _)| **size <= left.len());
            let Some((size, text)) = fitting else { break };
            let Some((now, later)) = left.split_at_checked(*size) else {
                break;
            };
            let mut args = tx.args();
            for row in now {
                bind(&mut args, row);
            }
            inserted += tx.execute((*text).into(), args).await?;
            left = later;
        }
        Ok(inserted)
    }

    /// The text for `rows` rows; it lives as long as the process, as every statement does.
    fn text(&self, rows: usize) -> &'static str {
        use std::fmt::Write as _;
        let mut text = format!("{} VALUES ", self.head);
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=self.columns {
                let comma = if column == 1 { "" } else { ", " };
                let _ = write!(text, "{comma}${}", row * self.columns + column);
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(self.tail);
        String::leak(text)
    }
}

/// A `SELECT` of the rows whose value is among many. Made as a `static`.
#[derive(Debug)]
pub struct SelectAmong {
    head: &'static str,
    text: OnceLock<&'static str>,
}

impl SelectAmong {
    /// `head` ends in `IN`; its only parameter is `$1`.
    pub const fn new(head: &'static str) -> Self {
        Self {
            head,
            text: OnceLock::new(),
        }
    }

    /// All rows for `values`, however many those are.
    ///
    /// # Errors
    /// As every statement.
    pub async fn run<R: crate::Record, V: Bind + Clone>(
        &self,
        tx: &mut Tx,
        first: impl Bind + Clone,
        values: &[V],
    ) -> Result<Vec<R>, DbError> {
        let text = *self.text.get_or_init(|| self.put_together());
        let mut found = Vec::new();
        for chunk in values.chunks(LISTED) {
            let mut args = tx.args();
            args.add(first.clone());
            let last = chunk.last().into_iter().cycle();
            for value in chunk.iter().chain(last).take(LISTED) {
                args.add(value.clone());
            }
            found.append(&mut crate::query::fetch_all::<R>(tx, text.into(), args).await?);
        }
        Ok(found)
    }

    fn put_together(&self) -> &'static str {
        let list: Vec<String> = (0..LISTED).map(|n| format!("${}", n + 2)).collect();
        String::leak(format!("{} ({})", self.head, list.join(", ")))
    }
}
