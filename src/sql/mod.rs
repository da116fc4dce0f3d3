//! DDL and statements as SQL text. This file is ANSI; one file a dialect says what differs.
//!
//! Names are always quoted, so a table may be called `order` or `a"b`.

pub mod duckdb;
pub mod mysql;
pub mod postgres;
pub mod redshift;
pub mod script;
pub mod scripts;
pub mod snowflake;

pub use duckdb::DuckDb;
pub use mysql::MySql;
pub use postgres::Postgres;
pub use redshift::Redshift;
pub use snowflake::Snowflake;

use crate::model::{CellTest, Check, Column, DataType, Severity, Table};

/// Says how one database spells what the standard spells otherwise. Every method has the standard's answer.
pub trait Dialect {
    /// Spells a type.
    fn type_name(&self, data_type: &DataType) -> String {
        ansi_type(self, data_type)
    }

    /// Quotes a name.
    fn quote(&self, name: &str) -> String {
        identifier(name)
    }

    /// Spells the type of a table's column, where that depends on more than the contract's type: keys, lengths.
    fn column_type(&self, _table: &Table, column: &Column) -> String {
        self.type_name(&column.data_type)
    }
}

/// The standard itself.
#[derive(Debug, Clone, Copy)]
pub struct Ansi;

impl Dialect for Ansi {}

/// Quotes a name: `a"b` becomes `"a""b"`.
#[must_use]
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes text as a string literal: `it's` becomes `'it''s'`.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Quotes several names and sets commas between them.
#[must_use]
pub fn identifiers<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(identifier).collect();
    quoted.join(", ")
}

/// Tells for each column whether every clean row has a value there: its `required` rule rejects (severity error, no
/// `where`), or it is part of the primary key.
#[must_use]
pub fn not_null(table: &Table) -> Vec<bool> {
    let mut answer = vec![false; table.columns.len()];
    let keys = table.primary_key.iter().flat_map(|key| key.columns.iter().copied());
    let required = table.rules.iter().filter_map(|rule| {
        let always = rule.severity == Severity::Error && rule.condition.is_none();
        let path = rule.columns.first().filter(|path| path.steps.is_empty())?;
        (always && rule.check == Check::Cell(CellTest::Required)).then_some(path.column)
    });
    for column in keys.chain(required) {
        if let Some(slot) = answer.get_mut(column) {
            *slot = true;
        }
    }
    answer
}

/// Gives the columns of the primary key, where there is one.
#[must_use]
pub fn key_columns(table: &Table) -> Vec<&Column> {
    let key = table.primary_key.as_ref();
    key.map(|key| key.columns.iter().filter_map(|&column| table.columns.get(column)).collect()).unwrap_or_default()
}

/// Writes `CREATE TABLE name (…)` for a contract's table: exact types, `NOT NULL`, `PRIMARY KEY`. `name` is SQL
/// already: quoted, qualified if need be.
#[must_use]
pub fn create_table(dialect: &dyn Dialect, name: &str, table: &Table) -> String {
    let mut lines = column_lines(dialect, table, &not_null(table));
    let keys = key_columns(table);
    // No database here indexes lists or structs.
    if !keys.is_empty() && !keys.iter().any(|column| column.data_type.is_nested()) {
        let names: Vec<String> = keys.iter().map(|column| dialect.quote(&column.name)).collect();
        lines.push(format!("PRIMARY KEY ({})", names.join(", ")));
    }
    format!("CREATE TABLE {name} (\n  {}\n)", lines.join(",\n  "))
}

/// Writes `CREATE TEMPORARY TABLE name (…)` for rows on their way: exact types, no constraints.
#[must_use]
pub fn create_stage(dialect: &dyn Dialect, name: &str, table: &Table) -> String {
    format!("CREATE TEMPORARY TABLE {name} (\n  {}\n)", column_lines(dialect, table, &[]).join(",\n  "))
}

fn column_lines(dialect: &dyn Dialect, table: &Table, not_null: &[bool]) -> Vec<String> {
    let line = |(index, column): (usize, &Column)| {
        let end = if not_null.get(index) == Some(&true) { " NOT NULL" } else { "" };
        format!("{} {}{end}", dialect.quote(&column.name), dialect.column_type(table, column))
    };
    table.columns.iter().enumerate().map(line).collect()
}

/// Writes a query of some columns in the contract's types, whatever types the table in the database has.
#[must_use]
pub fn select(dialect: &dyn Dialect, from: &str, columns: &[&Column]) -> String {
    let cast = |column: &&Column| {
        let name = dialect.quote(&column.name);
        format!("CAST({name} AS {}) AS {name}", dialect.type_name(&column.data_type))
    };
    let list: Vec<String> = columns.iter().map(cast).collect();
    format!("SELECT {} FROM {from}", list.join(", "))
}

/// Writes the statement that moves all rows of one table into another, column by name.
#[must_use]
pub fn insert_select(into: &str, from: &str, table: &Table) -> String {
    let columns = identifiers(table.columns.iter().map(|column| column.name.as_str()));
    format!("INSERT INTO {into} ({columns}) SELECT {columns} FROM {from}")
}

/// Writes the statement that deletes the rows of `target` whose primary key stands in `stage`.
#[must_use]
pub fn delete_matching(target: &str, stage: &str, table: &Table) -> String {
    format!("DELETE FROM {target} AS karat_old WHERE {}", same_key(stage, "karat_new", "karat_old", table))
}

/// Writes the query that counts the rows of `stage` whose primary key stands in `target`.
#[must_use]
pub fn count_matching(target: &str, stage: &str, table: &Table) -> String {
    format!("SELECT count(*) FROM {stage} AS karat_new WHERE {}", same_key(target, "karat_old", "karat_new", table))
}

/// Writes the query that counts the primary keys standing more than once in `stage`.
#[must_use]
pub fn count_repeated(stage: &str, table: &Table) -> String {
    let keys = identifiers(key_columns(table).iter().map(|column| column.name.as_str()));
    format!("SELECT count(*) FROM (SELECT {keys} FROM {stage} GROUP BY {keys} HAVING count(*) > 1) AS karat_repeated")
}

fn same_key(inner: &str, inner_alias: &str, outer_alias: &str, table: &Table) -> String {
    let pairs: Vec<String> = key_columns(table)
        .iter()
        .map(|column| {
            let name = identifier(&column.name);
            format!("{inner_alias}.{name} = {outer_alias}.{name}")
        })
        .collect();
    format!("EXISTS (SELECT 1 FROM {inner} AS {inner_alias} WHERE {})", pairs.join(" AND "))
}

/// Spells a type as the standard does. Unsigned types, which it lacks, become the next wider one that holds them all.
fn ansi_type<D: Dialect + ?Sized>(dialect: &D, data_type: &DataType) -> String {
    let fixed = match data_type {
        DataType::Bool => "BOOLEAN",
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "SMALLINT",
        DataType::Int32 | DataType::UInt16 => "INTEGER",
        DataType::Int64 | DataType::UInt32 => "BIGINT",
        DataType::UInt64 => "DECIMAL(20,0)",
        DataType::Float32 => "REAL",
        DataType::Float64 => "DOUBLE PRECISION",
        DataType::String => "VARCHAR",
        DataType::Date => "DATE",
        DataType::Time => "TIME(6)",
        DataType::Timestamp => "TIMESTAMP(6)",
        DataType::TimestampTz => "TIMESTAMP(6) WITH TIME ZONE",
        DataType::Binary => "VARBINARY",
        DataType::Decimal { precision, scale } => return format!("DECIMAL({precision},{scale})"),
        DataType::List(item) => return format!("{} ARRAY", dialect.type_name(&item.data_type)),
        DataType::Struct(fields) => return format!("ROW({})", fields_text(dialect, fields)),
    };
    fixed.to_owned()
}

/// Writes the fields of a struct: `"a" INTEGER, "b" VARCHAR`.
fn fields_text<D: Dialect + ?Sized>(dialect: &D, fields: &[Column]) -> String {
    let list: Vec<String> = fields
        .iter()
        .map(|field| format!("{} {}", dialect.quote(&field.name), dialect.type_name(&field.data_type)))
        .collect();
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NullPolicy, PrimaryKey, Rule, SourceSpec};

    fn required(table: &Table, path: &str, severity: Severity) -> Rule {
        Rule {
            id: format!("{path}.required"),
            kind: "required",
            code: "R101",
            columns: vec![table.path(path).unwrap()],
            check: Check::Cell(CellTest::Required),
            severity,
            condition: None,
            max_failures: None,
            nulls: NullPolicy::Ignore,
            description: None,
            dimension: None,
            brief: String::new(),
            message: String::new(),
            place: (1, 1),
        }
    }

    fn table() -> Table {
        let item = Column::new("sku", DataType::String);
        let basket = DataType::List(Box::new(Column::new("item", DataType::Struct(vec![item]))));
        let mut table = Table {
            name: "a\"b".to_owned(),
            description: None,
            source: SourceSpec::default(),
            primary_key: Some(PrimaryKey { columns: vec![0] }),
            columns: vec![
                Column::new("id", DataType::UInt64),
                Column::new("price", DataType::Decimal { precision: 12, scale: 2 }),
                Column::new("note", DataType::String),
                Column::new("basket", basket),
            ],
            rules: Vec::new(),
            generation: crate::model::TableGeneration::default(),
        };
        table.rules = vec![
            required(&table, "price", Severity::Error),
            required(&table, "note", Severity::Warning),
            required(&table, "basket[].sku", Severity::Error),
        ];
        table
    }

    #[test]
    fn names_and_text_are_quoted() {
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("it's"), "'it''s'");
    }

    #[test]
    fn only_rules_that_reject_every_null_make_a_column_not_null() {
        assert_eq!(not_null(&table()), [true, true, false, false]);
    }

    #[test]
    fn create_table_is_ansi() {
        assert_eq!(
            create_table(&Ansi, &identifier("a\"b"), &table()),
            "CREATE TABLE \"a\"\"b\" (\n  \"id\" DECIMAL(20,0) NOT NULL,\n  \"price\" DECIMAL(12,2) NOT NULL,\n  \
             \"note\" VARCHAR,\n  \"basket\" ROW(\"sku\" VARCHAR) ARRAY,\n  PRIMARY KEY (\"id\")\n)"
        );
    }

    #[test]
    fn a_stage_has_no_constraints() {
        let text = create_stage(&Ansi, "stage", &table());
        assert!(!text.contains("NOT NULL") && !text.contains("PRIMARY KEY"), "{text}");
    }

    #[test]
    fn statements_join_on_every_key_column() {
        let mut table = table();
        table.primary_key = Some(PrimaryKey { columns: vec![0, 2] });
        assert_eq!(
            delete_matching("t", "s", &table),
            "DELETE FROM t AS karat_old WHERE EXISTS (SELECT 1 FROM s AS karat_new WHERE \
             karat_new.\"id\" = karat_old.\"id\" AND karat_new.\"note\" = karat_old.\"note\")"
        );
        assert_eq!(
            count_repeated("s", &table),
            "SELECT count(*) FROM (SELECT \"id\", \"note\" FROM s GROUP BY \"id\", \"note\" HAVING count(*) > 1) \
             AS karat_repeated"
        );
    }
}
