//! Snowflake: every integer is a `NUMBER`, lists are `ARRAY` and structs `OBJECT`, both without types inside.

use crate::model::DataType;
use crate::sql::Dialect;

/// The dialect of Snowflake.
#[derive(Debug, Clone, Copy)]
pub struct Snowflake;

impl Dialect for Snowflake {
    fn type_name(&self, data_type: &DataType) -> String {
        let fixed = match data_type {
            DataType::Bool => "BOOLEAN",
            DataType::Int8 | DataType::UInt8 => "NUMBER(3,0)",
            DataType::Int16 | DataType::UInt16 => "NUMBER(5,0)",
            DataType::Int32 | DataType::UInt32 => "NUMBER(10,0)",
            DataType::Int64 => "NUMBER(19,0)",
            DataType::UInt64 => "NUMBER(20,0)",
            DataType::Float32 | DataType::Float64 => "FLOAT",
            // A length costs and saves nothing there.
            DataType::String => "VARCHAR",
            DataType::Date => "DATE",
            DataType::Time => "TIME(6)",
            DataType::Timestamp => "TIMESTAMP_NTZ(6)",
            DataType::TimestampTz => "TIMESTAMP_TZ(6)",
            DataType::Binary => "BINARY",
            DataType::Decimal { precision, scale } => return format!("NUMBER({precision},{scale})"),
            DataType::List(_) => "ARRAY",
            DataType::Struct(_) => "OBJECT",
        };
        fixed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_hold_every_value() {
        // 4294967295 and 18446744073709551615.
        assert_eq!(Snowflake.type_name(&DataType::UInt32), "NUMBER(10,0)");
        assert_eq!(Snowflake.type_name(&DataType::UInt64), "NUMBER(20,0)");
    }
}
