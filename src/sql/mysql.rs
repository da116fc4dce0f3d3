//! MariaDB and MySQL: names in backticks, unsigned integers, text compared by bytes, lists and structs as `JSON`.
//!
//! Text is `LONGTEXT`, but `VARCHAR(n)` where the contract says `max_length: n` with a short n, or where it is part of
//! the primary key (255 without a `max_length`), since only that can be indexed whole. `TIMESTAMP` ends in 2038, so
//! moments with a zone are `DATETIME(6)` in UTC.

use crate::model::{CellTest, Check, Column, DataType, Severity, Table};
use crate::sql::{Dialect, key_columns};

/// The dialect of MariaDB and MySQL.
#[derive(Debug, Clone, Copy)]
pub struct MySql {
    /// The collation of text columns: one that compares by bytes, best without padding (`utf8mb4_nopad_bin` in
    /// MariaDB, `utf8mb4_0900_bin` in MySQL 8).
    pub collation: &'static str,
}

impl Default for MySql {
    /// Takes the collation that every server has; it takes `a` and `a ` for the same.
    fn default() -> Self {
        Self { collation: "utf8mb4_bin" }
    }
}

/// Characters of a key column, where the contract says nothing.
const KEY_CHARACTERS: u64 = 255;
/// Bytes that an index holds at most, four a character, and a `VARCHAR`'s longest length that is worth one.
const KEY_BYTES: u64 = 3072;
/// Bytes of a row that may be `VARCHAR`, of the 65,535 that a row has.
const ROW_BYTES: u64 = 40_000;

impl Dialect for MySql {
    fn type_name(&self, data_type: &DataType) -> String {
        let fixed = match data_type {
            DataType::Bool => "BOOLEAN",
            DataType::Int8 => "TINYINT",
            DataType::Int16 => "SMALLINT",
            DataType::Int32 => "INT",
            DataType::Int64 => "BIGINT",
            DataType::UInt8 => "TINYINT UNSIGNED",
            DataType::UInt16 => "SMALLINT UNSIGNED",
            DataType::UInt32 => "INT UNSIGNED",
            DataType::UInt64 => "BIGINT UNSIGNED",
            DataType::Float32 => "FLOAT",
            DataType::Float64 => "DOUBLE",
            DataType::String => return self.text("LONGTEXT"),
            DataType::Date => "DATE",
            DataType::Time => "TIME(6)",
            DataType::Timestamp | DataType::TimestampTz => "DATETIME(6)",
            DataType::Binary => "LONGBLOB",
            DataType::Decimal { precision, scale } => return format!("DECIMAL({precision},{scale})"),
            DataType::List(_) | DataType::Struct(_) => "JSON",
        };
        fixed.to_owned()
    }

    fn quote(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn column_type(&self, table: &Table, column: &Column) -> String {
        let keys = key_columns(table);
        let is_key = keys.iter().any(|key| key.name == column.name);
        match column.data_type {
            DataType::Binary if is_key => "VARBINARY(255)".to_owned(),
            DataType::String => match characters(table, column, &keys) {
                Some(length) => self.text(&format!("VARCHAR({length})")),
                None => self.text("LONGTEXT"),
            },
            _ => self.type_name(&column.data_type),
        }
    }
}

impl MySql {
    fn text(self, name: &str) -> String {
        format!("{name} CHARACTER SET utf8mb4 COLLATE {}", self.collation)
    }
}

/// Gives the characters a text column is made for; `None` for any number.
fn characters(table: &Table, column: &Column, keys: &[&Column]) -> Option<u64> {
    let longest = max_length(table, column);
    if keys.iter().any(|key| key.name == column.name) {
        let texts = keys.iter().filter(|key| key.data_type == DataType::String).count();
        let others = u64::try_from(keys.len() - texts).unwrap_or(0) * 256;
        let share = KEY_BYTES.saturating_sub(others) / 4 / u64::try_from(texts).unwrap_or(1).max(1);
        return Some(longest.unwrap_or(KEY_CHARACTERS).clamp(1, share.max(1)));
    }
    let short = |length: &u64| (1..=KEY_CHARACTERS).contains(length);
    let all = table.columns.iter().filter_map(|column| max_length(table, column)).filter(short).sum::<u64>();
    longest.filter(|length| short(length) && all * 4 <= ROW_BYTES)
}

/// Gives the length that every clean value of a column keeps to.
fn max_length(table: &Table, column: &Column) -> Option<u64> {
    let index = table.column_index(&column.name)?;
    let longest = table.rules.iter().filter_map(|rule| match rule.check {
        Check::Cell(CellTest::Length { maximum, .. }) => {
            let whole = rule.columns.first().is_some_and(|path| path.column == index && path.steps.is_empty());
            let always = rule.severity == Severity::Error && rule.condition.is_none();
            maximum.filter(|_| whole && always)
        }
        _ => None,
    });
    longest.min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PrimaryKey, SourceSpec, TableGeneration};
    use crate::sql::create_table;

    fn table(key: &[usize]) -> Table {
        Table {
            name: "a`b".to_owned(),
            description: None,
            source: SourceSpec::default(),
            primary_key: Some(PrimaryKey { columns: key.to_vec() }),
            columns: vec![
                Column::new("id", DataType::UInt64),
                Column::new("na`me", DataType::String),
                Column::new("tags", DataType::List(Box::new(Column::new("item", DataType::String)))),
            ],
            rules: Vec::new(),
            generation: TableGeneration::default(),
        }
    }

    #[test]
    fn names_are_quoted_by_backticks() {
        let dialect = MySql::default();
        assert_eq!(
            create_table(&dialect, &dialect.quote("a`b"), &table(&[0])),
            "CREATE TABLE `a``b` (\n  `id` BIGINT UNSIGNED NOT NULL,\n  \
             `na``me` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,\n  `tags` JSON,\n  PRIMARY KEY (`id`)\n)"
        );
    }

    #[test]
    fn keys_fit_an_index() {
        let dialect = MySql::default();
        let mut table = table(&[1]);
        assert!(dialect.column_type(&table, &table.columns[1]).starts_with("VARCHAR(255) "));
        for n in 0..8 {
            table.columns.push(Column::new(format!("k{n}"), DataType::String));
        }
        table.primary_key = Some(PrimaryKey { columns: vec![0, 1, 3, 4, 5, 6, 7, 8, 9, 10] });
        let text = dialect.column_type(&table, &table.columns[1]);
        assert!(text.starts_with("VARCHAR(78) "), "{text}");
    }
}
