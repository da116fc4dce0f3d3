//! PostgreSQL: unsigned types become the next wider one, lists and structs `JSONB`, text has no limit.

use crate::model::DataType;
use crate::sql::Dialect;

/// The dialect of PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub struct Postgres;

impl Dialect for Postgres {
    fn type_name(&self, data_type: &DataType) -> String {
        let fixed = match data_type {
            DataType::Bool => "BOOLEAN",
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => "SMALLINT",
            DataType::Int32 | DataType::UInt16 => "INTEGER",
            DataType::Int64 | DataType::UInt32 => "BIGINT",
            DataType::UInt64 => "NUMERIC(20,0)",
            DataType::Float32 => "REAL",
            DataType::Float64 => "DOUBLE PRECISION",
            DataType::String => "TEXT",
            DataType::Date => "DATE",
            DataType::Time => "TIME",
            DataType::Timestamp => "TIMESTAMP",
            DataType::TimestampTz => "TIMESTAMPTZ",
            DataType::Binary => "BYTEA",
            DataType::Decimal { precision, scale } => return format!("NUMERIC({precision},{scale})"),
            DataType::List(_) | DataType::Struct(_) => "JSONB",
        };
        fixed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    #[test]
    fn what_it_lacks_is_spelled_wider() {
        let list = DataType::List(Box::new(Column::new("item", DataType::Date)));
        let names = [DataType::UInt32, DataType::UInt64, DataType::Decimal { precision: 38, scale: 6 }, list];
        assert_eq!(
            names.map(|data_type| Postgres.type_name(&data_type)),
            ["BIGINT", "NUMERIC(20,0)", "NUMERIC(38,6)", "JSONB"]
        );
    }
}
