//! DuckDB: it has every integer, `BLOB`, lists as `T[]` and structs as `STRUCT(…)`.

use crate::model::DataType;
use crate::sql::{Dialect, fields_text};

/// The dialect of DuckDB.
#[derive(Debug, Clone, Copy)]
pub struct DuckDb;

impl Dialect for DuckDb {
    fn type_name(&self, data_type: &DataType) -> String {
        let fixed = match data_type {
            DataType::Bool => "BOOLEAN",
            DataType::Int8 => "TINYINT",
            DataType::Int16 => "SMALLINT",
            DataType::Int32 => "INTEGER",
            DataType::Int64 => "BIGINT",
            DataType::UInt8 => "UTINYINT",
            DataType::UInt16 => "USMALLINT",
            DataType::UInt32 => "UINTEGER",
            DataType::UInt64 => "UBIGINT",
            DataType::Float32 => "FLOAT",
            DataType::Float64 => "DOUBLE",
            DataType::String => "VARCHAR",
            DataType::Date => "DATE",
            DataType::Time => "TIME",
            DataType::Timestamp => "TIMESTAMP",
            DataType::TimestampTz => "TIMESTAMPTZ",
            DataType::Binary => "BLOB",
            DataType::Decimal { precision, scale } => return format!("DECIMAL({precision},{scale})"),
            DataType::List(item) => return format!("{}[]", self.type_name(&item.data_type)),
            DataType::Struct(fields) => return format!("STRUCT({})", fields_text(self, fields)),
        };
        fixed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    #[test]
    fn nested_types_nest() {
        let fields = vec![
            Column::new("a\"b", DataType::Decimal { precision: 38, scale: 6 }),
            Column::new("days", DataType::List(Box::new(Column::new("item", DataType::Date)))),
        ];
        let list = DataType::List(Box::new(Column::new("item", DataType::Struct(fields))));
        assert_eq!(DuckDb.type_name(&list), "STRUCT(\"a\"\"b\" DECIMAL(38,6), \"days\" DATE[])[]");
    }
}
