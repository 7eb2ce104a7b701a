//! From the neutral text to a database's own.
//!
//! | word | `PostgreSQL` | `SQLite` |
//! |---|---|---|
//! | `text` | `text COLLATE "C"` | `TEXT` |
//! | `uuid`, `bytea` | as written | `BLOB` |
//! | `jsonb` | as written | `TEXT` |
//! | `timestamptz`, `bigint` | as written | `INTEGER` |
//! | `boolean` | as written | `BOOLEAN` |
//!
//! Words inside text literals, quoted names and comments are left alone; no column may bear one of these names.
//! Directives are whole lines: `--!tenant TABLE [COLUMN]` (tenant data: row-level security is forced, with the tenant
//! in COLUMN, `tenant_id` if not given), `--!system TABLE` (the installation's own data, no policy),
//! `--!postgres STATEMENT` and `--!sqlite STATEMENT` (true differences). Every table carries one of the first two.

use crate::dialect::Dialect;

/// Whose data a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Tenants': row-level security on `column`.
    Tenant {
        /// The column with the tenant's id.
        column: &'static str,
    },
    /// The installation's.
    System,
}

/// Why a migration's text does not expand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// A line begins with `--!` and is no directive.
    #[error("line {line} is not a directive")]
    Directive {
        /// Its number.
        line: usize,
    },
    /// A table that is declared neither tenant data nor system data, or both.
    #[error("table `{table}` needs exactly one of `--!tenant` and `--!system`")]
    Unclassified {
        /// The table.
        table: String,
    },
    /// A directive for a table that the migration does not create.
    #[error("directive names table `{table}`, which this migration does not create")]
    UnknownTable {
        /// The table.
        table: String,
    },
}

/// The tables that a migration creates, in order, and whose data they hold.
///
/// # Errors
/// [`ExpandError`].
pub fn tables(sql: &'static str) -> Result<Vec<(&'static str, TableKind)>, ExpandError> {
    let created = created_tables(sql);
    let mut classified: Vec<(&str, TableKind)> = Vec::new();
    for (index, line) in sql.lines().enumerate() {
        let Some(directive) = line.strip_prefix("--!") else {
            continue;
        };
        let mut words = directive.split_whitespace();
        let (table, kind) = match (words.next(), words.next(), words.next(), words.next()) {
            (Some("tenant"), Some(table), column, None) => {
                let column = column.unwrap_or("tenant_id");
                (table, TableKind::Tenant { column })
            }
            (Some("system"), Some(table), None, None) => (table, TableKind::System),
            (Some("postgres" | "sqlite"), Some(_), _, _) => continue,
            _ => return Err(ExpandError::Directive { line: index + 1 }),
        };
        if !created.contains(&table) {
            return Err(ExpandError::UnknownTable {
                table: table.to_owned(),
            });
        }
        classified.push((table, kind));
    }
    for table in &created {
        if classified.iter().filter(|(name, _)| name == table).count() != 1 {
            return Err(ExpandError::Unclassified {
                table: (*table).to_owned(),
            });
        }
    }
    Ok(classified)
}

fn created_tables(sql: &'static str) -> Vec<&'static str> {
    let words: Vec<&str> = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| line.split([' ', '(', ';']))
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(3)
        .filter_map(|window| match window {
            [create, table, name]
                if create.eq_ignore_ascii_case("create") && table.eq_ignore_ascii_case("table") =>
            {
                Some(*name)
            }
            _ => None,
        })
        .collect()
}

/// The statements of a migration for one database.
///
/// # Errors
/// [`ExpandError`].
pub fn expand(sql: &'static str, dialect: Dialect) -> Result<String, ExpandError> {
    let classified = tables(sql)?;
    let mut out = String::with_capacity(sql.len() * 2);
    for line in sql.lines() {
        match line.strip_prefix("--!").and_then(|rest| rest.split_once(' ')) {
            Some((own, statement)) if is_for(own, dialect) => {
                out.push_str(statement.trim_end_matches(';'));
                out.push_str(";\n");
            }
            Some(_) => {}
            None => {
                expand_words(line, dialect, &mut out);
                out.push('\n');
            }
        }
    }
    if dialect == Dialect::Postgres {
        for (table, kind) in classified {
            if let TableKind::Tenant { column } = kind {
                out.push_str(&policies(table, column));
            }
        }
    }
    Ok(out)
}

fn is_for(word: &str, dialect: Dialect) -> bool {
    matches!(
        (word, dialect),
        ("postgres", Dialect::Postgres) | ("sqlite", Dialect::Sqlite)
    )
}

/// Two permissive policies: the transaction's tenant, and the system scope.
fn policies(table: &str, column: &str) -> String {
    let tenant = format!("{column} = NULLIF(current_setting('app.tenant_id', true), '')::uuid");
    let system = "current_setting('app.scope', true) = 'system'";
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n\
         ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n\
         CREATE POLICY {table}_tenant ON {table} USING ({tenant}) WITH CHECK ({tenant});\n\
         CREATE POLICY {table}_system ON {table} USING ({system}) WITH CHECK ({system});\n"
    )
}

/// Expands the type words of one line; text literals and quoted names do not span lines.
fn expand_words(line: &str, dialect: Dialect, out: &mut String) {
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (part, tail) = match first {
            '\'' | '"' => quoted(rest, first),
            '-' if rest.starts_with("--") => (rest, ""),
            _ if is_word(first) => rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            _ => rest.split_at(first.len_utf8()),
        };
        out.push_str(if is_word(first) { word(part, dialect) } else { part });
        rest = tail;
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn quoted(text: &str, quote: char) -> (&str, &str) {
    let end = text
        .char_indices()
        .skip(1)
        .find(|&(_, c)| c == quote)
        .map_or(text.len(), |(at, c)| at + c.len_utf8());
    text.split_at(end)
}

fn word(word: &str, dialect: Dialect) -> &str {
    match (dialect, word) {
        (Dialect::Postgres, "text") => "text COLLATE \"C\"",
        (Dialect::Sqlite, "uuid" | "bytea") => "BLOB",
        (Dialect::Sqlite, "jsonb" | "text") => "TEXT",
        (Dialect::Sqlite, "timestamptz" | "bigint") => "INTEGER",
        (Dialect::Sqlite, "boolean") => "BOOLEAN",
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "-- a text comment\nCREATE TABLE a (\n    id uuid PRIMARY KEY,\n    note text NOT NULL DEFAULT 'text uuid'\n);\n\
                       --!tenant a id\n--!sqlite SELECT 1\n--!postgres SELECT 2;\n";

    #[test]
    fn types_become_the_databases_own() {
        let sqlite = expand(SQL, Dialect::Sqlite).unwrap();
        assert!(sqlite.contains("id BLOB PRIMARY KEY"));
        assert!(sqlite.contains("note TEXT NOT NULL DEFAULT 'text uuid'"));
        assert!(sqlite.contains("SELECT 1;") && !sqlite.contains("SELECT 2"));
        assert!(!sqlite.contains("POLICY"));
        let postgres = expand(SQL, Dialect::Postgres).unwrap();
        assert!(postgres.contains("note text COLLATE \"C\" NOT NULL DEFAULT 'text uuid'"));
        assert!(postgres.contains("ALTER TABLE a FORCE ROW LEVEL SECURITY"));
        assert!(postgres.contains("USING (id = NULLIF("));
        assert!(postgres.contains("-- a text comment"));
    }

    #[test]
    fn a_table_without_classification_is_refused() {
        let table = "a".to_owned();
        assert_eq!(
            tables("CREATE TABLE a (id uuid);"),
            Err(ExpandError::Unclassified { table })
        );
        let table = "b".to_owned();
        assert_eq!(tables("--!system b\n"), Err(ExpandError::UnknownTable { table }));
        assert_eq!(tables("--!tenent b\n"), Err(ExpandError::Directive { line: 1 }));
    }
}
