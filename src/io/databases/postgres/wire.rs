//! Wire: in which of PostgreSQL's types a column travels, and whether a column that is there takes the contract's values.
//!
//! A column fits where each value is either stored exactly or refused by its row: a wider integer, a `numeric` with at
//! least the places, a `varchar` (too long a value is refused), a `uuid` or an enum for text. A narrower integer fits
//! too, since every value is looked at before it is sent; a `numeric` with fewer places would round, so it does not.

use crate::io::databases::postgres::tables::Column;
use crate::model::DataType;

/// A binary form of PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Numeric,
    Float4,
    Float8,
    /// Also what takes the same bytes: `varchar`, `citext`, `json`, enums.
    Text,
    /// A version, then JSON text.
    Jsonb,
    Uuid,
    Date,
    Time,
    Moment,
    Bytes,
}

impl Wire {
    /// Gives the form of a contract's type in a table made by karat.
    #[must_use]
    pub const fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Bool => Self::Bool,
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => Self::Int2,
            DataType::Int32 | DataType::UInt16 => Self::Int4,
            DataType::Int64 | DataType::UInt32 => Self::Int8,
            DataType::UInt64 | DataType::Decimal { .. } => Self::Numeric,
            DataType::Float32 => Self::Float4,
            DataType::Float64 => Self::Float8,
            DataType::String => Self::Text,
            DataType::Date => Self::Date,
            DataType::Time => Self::Time,
            DataType::Timestamp | DataType::TimestampTz => Self::Moment,
            DataType::Binary => Self::Bytes,
            DataType::List(_) | DataType::Struct(_) => Self::Jsonb,
        }
    }

    /// Gives the form in which a column of the target takes a contract's type; `None` where it does not.
    #[must_use]
    pub fn into_column(data_type: &DataType, column: &Column) -> Option<Self> {
        if column.is_enum {
            return matches!(data_type, DataType::String).then_some(Self::Text);
        }
        let known = match column.base.as_str() {
            "bool" => Self::Bool,
            "int2" => Self::Int2,
            "int4" => Self::Int4,
            "int8" => Self::Int8,
            "numeric" => Self::Numeric,
            "float4" => Self::Float4,
            "float8" => Self::Float8,
            "text" | "varchar" | "bpchar" | "citext" | "json" => Self::Text,
            "jsonb" => Self::Jsonb,
            "uuid" => Self::Uuid,
            "date" => Self::Date,
            "time" => Self::Time,
            "timestamp" | "timestamptz" => Self::Moment,
            "bytea" => Self::Bytes,
            _ => return None,
        };
        let whole = |wire| matches!(wire, Self::Int2 | Self::Int4 | Self::Int8);
        let fits = match data_type {
            DataType::Bool => known == Self::Bool,
            _ if data_type.is_integer() => whole(known) || (known == Self::Numeric && places(column.typmod) >= 0),
            DataType::Decimal { scale, .. } => known == Self::Numeric && places(column.typmod) >= i32::from(*scale),
            DataType::Float32 => matches!(known, Self::Float4 | Self::Float8),
            DataType::Float64 => known == Self::Float8,
            DataType::String => matches!(known, Self::Text | Self::Jsonb | Self::Uuid),
            DataType::Date => known == Self::Date,
            DataType::Time => known == Self::Time && exact(column.typmod),
            DataType::Timestamp => column.base == "timestamp" && exact(column.typmod),
            DataType::TimestampTz => column.base == "timestamptz" && exact(column.typmod),
            DataType::Binary => known == Self::Bytes,
            DataType::List(_) | DataType::Struct(_) => known == Self::Jsonb || column.base == "json",
            _ => false,
        };
        fits.then_some(known)
    }
}

/// Gives the places behind the point that a `numeric` keeps.
const fn places(typmod: i32) -> i32 {
    if typmod < 4 {
        return i32::MAX;
    }
    // Eleven bits with a sign.
    (((typmod - 4) & 0x7ff) ^ 1024) - 1024
}

/// Tells whether a moment keeps its microseconds.
const fn exact(typmod: i32) -> bool {
    typmod < 0 || typmod >= 6
}

/// Gives the precision and scale of a `numeric` by its modifier, where it has them.
#[must_use]
pub fn precision(typmod: i32) -> Option<(i32, i32)> {
    (typmod >= 4).then(|| (((typmod - 4) >> 16) & 0xffff, places(typmod)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(base: &str, typmod: i32) -> Column {
        Column { base: base.to_owned(), typmod, ..Column::default() }
    }

    const fn numeric(precision: i32, scale: i32) -> i32 {
        ((precision << 16) | (scale & 0x7ff)) + 4
    }

    #[test]
    fn a_column_fits_where_nothing_is_rounded() {
        let fits = |data_type: DataType, base, typmod| Wire::into_column(&data_type, &column(base, typmod)).is_some();
        let money = || DataType::Decimal { precision: 12, scale: 2 };
        assert!(fits(money(), "numeric", -1) && fits(money(), "numeric", numeric(10, 2)));
        assert!(!fits(money(), "numeric", numeric(12, 1)) && !fits(money(), "float8", -1));
        assert!(fits(DataType::Int64, "int4", -1) && fits(DataType::UInt64, "numeric", numeric(20, 0)));
        assert!(!fits(DataType::Int64, "numeric", numeric(20, -2)) && !fits(DataType::Int64, "text", -1));
        assert!(fits(DataType::Timestamp, "timestamp", 6) && !fits(DataType::Timestamp, "timestamp", 0));
        assert!(!fits(DataType::Timestamp, "timestamptz", -1) && !fits(DataType::Date, "timestamp", -1));
        assert!(fits(DataType::String, "varchar", 9) && fits(DataType::String, "uuid", -1));
        assert!(fits(DataType::Float32, "float8", -1) && !fits(DataType::Float64, "float4", -1));
    }

    #[test]
    fn modifiers_are_taken_apart() {
        assert_eq!(precision(numeric(38, 6)), Some((38, 6)));
        assert_eq!(precision(numeric(3, -2)), Some((3, -2)));
        assert_eq!(precision(-1), None);
    }
}
