//! The types that operators give, and the types values share.

use sqlparser::ast::DataType as SqlType;

use crate::model::{BinaryOp, DataType};

/// The most digits of a decimal.
const MAX_DIGITS: u8 = 38;

/// Gives the digits before and after the point of an exact number's type.
pub(super) const fn digits(data_type: &DataType) -> Option<(u8, u8)> {
    Some(match data_type {
        DataType::Int8 | DataType::UInt8 => (3, 0),
        DataType::Int16 | DataType::UInt16 => (5, 0),
        DataType::Int32 | DataType::UInt32 => (10, 0),
        DataType::Int64 => (19, 0),
        DataType::UInt64 => (20, 0),
        DataType::Decimal { precision, scale } => (precision.saturating_sub(*scale), *scale),
        _ => return None,
    })
}

/// Gives the decimal of these digits before and after the point; at most 38, the fraction kept.
pub(super) const fn decimal(whole: u8, scale: u8) -> DataType {
    let precision = whole.saturating_add(scale);
    let precision = if precision > MAX_DIGITS { MAX_DIGITS } else { precision };
    DataType::Decimal { precision: if precision == 0 { 1 } else { precision }, scale }
}

/// Gives the type that holds the values of both types; `None` where there is none.
pub(super) fn common(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{Date, Float32, Float64, Timestamp, TimestampTz, UInt64};
    if left == right {
        return Some(left.clone());
    }
    match (left, right) {
        (Float32 | Float64, other) | (other, Float32 | Float64) => other.is_numeric().then_some(Float64),
        (Date, moment @ (Timestamp | TimestampTz)) | (moment @ (Timestamp | TimestampTz), Date) => Some(moment.clone()),
        _ => {
            let ((a, s), (b, t)) = (digits(left)?, digits(right)?);
            Some(match (left.is_integer() && right.is_integer(), *left == UInt64 || *right == UInt64) {
                (true, false) => DataType::Int64,
                (true, true) if is_unsigned(left) && is_unsigned(right) => UInt64,
                _ => decimal(a.max(b), s.max(t)),
            })
        }
    }
}

const fn is_unsigned(data_type: &DataType) -> bool {
    matches!(data_type, DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64)
}

/// Gives the type of a calculation with two exact numbers; `None` where it would need over 38 digits after the point.
pub(super) fn exact(left: &DataType, op: BinaryOp, right: &DataType) -> Option<DataType> {
    let ((a, s), (b, t)) = (digits(left)?, digits(right)?);
    match op {
        BinaryOp::Divide => Some(DataType::Float64),
        BinaryOp::Multiply => (s + t <= MAX_DIGITS).then(|| decimal(a + b, s + t)),
        BinaryOp::Modulo => Some(decimal(a.max(b), s.max(t))),
        _ => Some(decimal(a.max(b) + 1, s.max(t))),
    }
}

/// Tells whether values of one type can be cast to another.
pub(super) fn castable(from: &DataType, to: &DataType) -> bool {
    use DataType::{Date, String, Time, Timestamp, TimestampTz};
    if from.is_nested() || to.is_nested() {
        return false;
    }
    from == to
        || *from == String
        || *to == String
        || (from.is_numeric() && to.is_numeric())
        || matches!(
            (from, to),
            (Date, Timestamp | TimestampTz) | (Timestamp | TimestampTz, Date | Time | Timestamp | TimestampTz)
        )
}

/// Gives the type that a name in a `CAST` means: the contract's names first, then SQL's.
///
/// # Errors
/// What to do, where it means none.
pub(super) fn named(name: &SqlType) -> Result<DataType, String> {
    let text = name.to_string().to_lowercase();
    if let Some(data_type) = DataType::parse_scalar(&text) {
        return Ok(data_type);
    }
    let (head, tail) = text.split_once('(').map_or((text.as_str(), ""), |(head, tail)| (head.trim(), tail));
    Ok(match head {
        "decimal" | "numeric" | "dec" => {
            return DataType::parse_scalar(&format!("decimal({tail}"))
                .ok_or_else(|| "say how many digits: decimal(12,2), at most 38".to_owned());
        }
        "boolean" => DataType::Bool,
        "tinyint" => DataType::Int8,
        "smallint" | "int2" => DataType::Int16,
        "int" | "integer" | "int4" => DataType::Int32,
        "bigint" => DataType::Int64,
        "real" | "float4" => DataType::Float32,
        "double" | "double precision" | "float" | "float8" => DataType::Float64,
        "text" | "varchar" | "char" | "character" | "character varying" | "nvarchar" => DataType::String,
        "datetime" | "timestamp without time zone" => DataType::Timestamp,
        "timestamp with time zone" => DataType::TimestampTz,
        "time without time zone" => DataType::Time,
        "blob" | "bytea" | "varbinary" | "bytes" => DataType::Binary,
        _ => {
            return Err("use a type of the contract: int64, decimal(12,2), float64, string, date, timestamp".to_owned());
        }
    })
}
