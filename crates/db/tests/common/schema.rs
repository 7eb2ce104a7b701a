//! A schema as each database describes it, in words that can be compared.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "tests")]

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, SqliteConnection};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The type as `SQLite` declares it.
    pub kind: String,
    pub nullable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    pub name: String,
    pub columns: Vec<String>,
    pub unique: bool,
    pub partial: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    pub table: String,
    pub parent_columns: Vec<String>,
    pub on_delete: String,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub primary_key: Vec<String>,
    pub indexes: Vec<Index>,
    pub foreign_keys: Vec<ForeignKey>,
}

pub type Schema = BTreeMap<String, Table>;

fn list(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

pub async fn of_sqlite(url: &str) -> Schema {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let c = &mut connection;
    let mut schema = Schema::new();
    let sql = "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM pragma_table_list t, pragma_table_info(t.name) c
               WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid";
    let rows: Vec<(String, String, String, bool, i64)> =
        sqlx::query_as(sql).fetch_all(&mut *c).await.unwrap();
    let mut keys: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for (table, name, kind, not_null, position) in rows {
        if position > 0 {
            keys.entry(table.clone())
                .or_default()
                .insert(position, name.clone());
        }
        schema.entry(table).or_default().columns.push(Column {
            name,
            kind,
            nullable: !not_null && position == 0,
        });
    }
    for (name, table) in &mut schema {
        table.primary_key = keys.remove(name).unwrap_or_default().into_values().collect();
        let sql = "SELECT l.name, l.origin, l.\"unique\", l.partial,
                          (SELECT group_concat(i.name) FROM pragma_index_info(l.name) i)
                   FROM pragma_index_list($1) l WHERE l.origin <> 'pk'";
        let rows: Vec<(String, String, bool, bool, String)> = sqlx::query_as(sql)
            .bind(name.clone())
            .fetch_all(&mut *c)
            .await
            .unwrap();
        for (index, origin, unique, partial, columns) in rows {
            let own = if origin == "u" {
                format!("{name}_{}_key", columns.replace(',', "_"))
            } else {
                index
            };
            table.indexes.push(Index {
                name: own,
                columns: list(&columns),
                unique,
                partial,
            });
        }
        table.indexes.sort();
        let sql = "SELECT group_concat(\"from\"), \"table\", group_concat(\"to\"), on_delete
                   FROM (SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq) GROUP BY id";
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(sql)
            .bind(name.clone())
            .fetch_all(&mut *c)
            .await
            .unwrap();
        for (columns, parent, parent_columns, on_delete) in rows {
            let (columns, parent_columns) = (list(&columns), list(&parent_columns));
            table.foreign_keys.push(ForeignKey {
                columns,
                table: parent,
                parent_columns,
                on_delete,
            });
        }
        table.foreign_keys.sort();
    }
    schema
}

/// The neutral type's name on `SQLite`, from `PostgreSQL`'s.
fn kind(postgres: &str) -> String {
    match postgres {
        "uuid" | "bytea" => "BLOB",
        "jsonb" | "text" => "TEXT",
        "timestamp with time zone" | "bigint" => "INTEGER",
        "boolean" => "BOOLEAN",
        other => other,
    }
    .to_owned()
}

pub async fn of_postgres(url: &str) -> Schema {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let c = &mut connection;
    let mut schema = Schema::new();
    let sql = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES', collation_name::text
               FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, ordinal_position";
    let rows: Vec<(String, String, String, bool, Option<String>)> =
        sqlx::query_as(sql).fetch_all(&mut *c).await.unwrap();
    for (table, name, data_type, nullable, collation) in rows {
        if data_type == "text" && table != "schema_migrations" {
            assert_eq!(
                collation.as_deref(),
                Some("C"),
                "{table}.{name} sorts unlike on SQLite"
            );
        }
        schema.entry(table).or_default().columns.push(Column {
            name,
            kind: kind(&data_type),
            nullable,
        });
    }
    let sql = "SELECT t.relname::text, i.relname::text, x.indisprimary, x.indisunique, x.indpred IS NOT NULL,
                      (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k(attnum, n)
                       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)
               FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
               WHERE t.relnamespace = current_schema()::regnamespace";
    let rows: Vec<(String, String, bool, bool, bool, String)> =
        sqlx::query_as(sql).fetch_all(&mut *c).await.unwrap();
    for (table, name, primary, unique, partial, columns) in rows {
        let table = schema.entry(table).or_default();
        if primary {
            table.primary_key = list(&columns);
        } else {
            table.indexes.push(Index {
                name,
                columns: list(&columns),
                unique,
                partial,
            });
        }
    }
    let sql = "SELECT t.relname::text, p.relname::text,
                      CASE f.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT'
                                         ELSE 'NO ACTION' END,
                      (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY k(attnum, n)
                       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum),
                      (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(f.confkey) WITH ORDINALITY k(attnum, n)
                       JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = k.attnum)
               FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
               WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace";
    let rows: Vec<(String, String, String, String, String)> =
        sqlx::query_as(sql).fetch_all(&mut *c).await.unwrap();
    for (table, parent, on_delete, columns, parent_columns) in rows {
        let (columns, parent_columns) = (list(&columns), list(&parent_columns));
        let key = ForeignKey {
            columns,
            table: parent,
            parent_columns,
            on_delete,
        };
        schema.entry(table).or_default().foreign_keys.push(key);
    }
    for table in schema.values_mut() {
        table.indexes.sort();
        table.foreign_keys.sort();
    }
    schema
}
