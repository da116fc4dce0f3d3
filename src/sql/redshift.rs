//! Amazon Redshift: text has a length in bytes, lists and structs are `SUPER`, bytes are `VARBYTE`.

use crate::model::DataType;
use crate::sql::{Dialect, ansi_type};

/// The most bytes a text of Redshift holds.
pub const TEXT_BYTES: u64 = 65_535;

/// The dialect of Amazon Redshift.
#[derive(Debug, Clone, Copy)]
pub struct Redshift;

impl Dialect for Redshift {
    fn type_name(&self, data_type: &DataType) -> String {
        let fixed = match data_type {
            DataType::String => return format!("VARCHAR({TEXT_BYTES})"),
            DataType::Time => "TIME",
            DataType::Timestamp => "TIMESTAMP",
            DataType::TimestampTz => "TIMESTAMPTZ",
            // Without a length it is 64,000; this is the most that every version takes.
            DataType::Binary => "VARBYTE(1024000)",
            DataType::List(_) | DataType::Struct(_) => "SUPER",
            other => return ansi_type(self, other),
        };
        fixed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    #[test]
    fn types_are_those_of_the_guide() {
        let list = DataType::List(Box::new(Column::new("item", DataType::Date)));
        let names = [DataType::UInt8, DataType::UInt64, DataType::String, DataType::TimestampTz, list]
            .map(|data_type| Redshift.type_name(&data_type));
        assert_eq!(names, ["SMALLINT", "DECIMAL(20,0)", "VARCHAR(65535)", "TIMESTAMPTZ", "SUPER"]);
    }
}
