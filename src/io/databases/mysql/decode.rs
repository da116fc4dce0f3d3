//! From the server's values (the binary protocol) to Arrow arrays, exactly.
//!
//! | there | read as |
//! |---|---|
//! | `TINYINT` … `BIGINT`, `UNSIGNED` too, `YEAR` | integers of that width (`BOOLEAN` is `TINYINT(1)`, an integer) |
//! | `DECIMAL(p,s)` | the same; with more than 38 digits text |
//! | `FLOAT`, `DOUBLE` | floats, bit by bit |
//! | `DATE`, `DATETIME`, `TIMESTAMP`, `TIME` | the same; `TIMESTAMP` in UTC. A column in which a value is no day of the calendar (`0000-00-00`), or no time of a day (`838:59:59`), comes as text |
//! | `BIT(1)`, `BIT(n)` | truth, a whole number |
//! | `CHAR`, `VARCHAR`, `TEXT`, `ENUM`, `SET`, `JSON` | text, whatever its character set |
//! | `BINARY`, `VARBINARY`, `BLOB`, geometries | bytes |

use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Float64Builder, Int8Builder,
    Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
    UInt8Builder, UInt16Builder, UInt32Builder, UInt64Builder,
};
use mysql::consts::{ColumnFlags, ColumnType};
use mysql::{Column, Value};

use crate::model::DataType;
use crate::model::literal::days_from_civil;

/// The character set of bytes.
const BINARY: u16 = 63;
const DAY: i64 = 86_400_000_000;

/// Why a value does not become part of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// It is no day or no time of a day: the column has to be text.
    Moment,
    /// The server sent something else than it announced.
    Broken,
}

/// Gives the type a column is read as; `wanted` is the contract's, where it is known.
#[must_use]
pub fn type_of(column: &Column, wanted: Option<&DataType>) -> DataType {
    use ColumnType as C;
    let unsigned = column.flags().contains(ColumnFlags::UNSIGNED_FLAG);
    let whole = |signed, other| if unsigned { other } else { signed };
    let found = match column.column_type() {
        C::MYSQL_TYPE_TINY => whole(DataType::Int8, DataType::UInt8),
        C::MYSQL_TYPE_SHORT => whole(DataType::Int16, DataType::UInt16),
        C::MYSQL_TYPE_YEAR => DataType::UInt16,
        C::MYSQL_TYPE_LONG | C::MYSQL_TYPE_INT24 => whole(DataType::Int32, DataType::UInt32),
        C::MYSQL_TYPE_LONGLONG => whole(DataType::Int64, DataType::UInt64),
        C::MYSQL_TYPE_FLOAT => DataType::Float32,
        C::MYSQL_TYPE_DOUBLE => DataType::Float64,
        C::MYSQL_TYPE_DECIMAL | C::MYSQL_TYPE_NEWDECIMAL => decimal_type(column, unsigned),
        C::MYSQL_TYPE_DATE | C::MYSQL_TYPE_NEWDATE => DataType::Date,
        C::MYSQL_TYPE_TIME | C::MYSQL_TYPE_TIME2 => DataType::Time,
        C::MYSQL_TYPE_DATETIME | C::MYSQL_TYPE_DATETIME2 => DataType::Timestamp,
        C::MYSQL_TYPE_TIMESTAMP | C::MYSQL_TYPE_TIMESTAMP2 => DataType::TimestampTz,
        C::MYSQL_TYPE_BIT if column.column_length() == 1 => DataType::Bool,
        C::MYSQL_TYPE_BIT => DataType::UInt64,
        C::MYSQL_TYPE_NULL | C::MYSQL_TYPE_JSON | C::MYSQL_TYPE_ENUM | C::MYSQL_TYPE_SET => DataType::String,
        C::MYSQL_TYPE_GEOMETRY | C::MYSQL_TYPE_VECTOR => DataType::Binary,
        _ if column.flags().intersects(ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG) => DataType::String,
        _ if column.character_set() == BINARY => DataType::Binary,
        _ => DataType::String,
    };
    match (wanted, &found) {
        (Some(DataType::Bool), _) if found.is_integer() => DataType::Bool,
        (Some(wanted @ (DataType::Timestamp | DataType::TimestampTz)), DataType::Timestamp | DataType::TimestampTz) => {
            wanted.clone()
        }
        _ => found,
    }
}

fn decimal_type(column: &Column, unsigned: bool) -> DataType {
    let scale = column.decimals();
    // The length counts a point and a sign.
    let signs = u32::from(scale > 0) + u32::from(!unsigned);
    match u8::try_from(column.column_length().saturating_sub(signs)) {
        Ok(precision) if (1..=38).contains(&precision) && scale <= precision => DataType::Decimal { precision, scale },
        _ => DataType::String,
    }
}

macro_rules! pushes {
    ($builder:expr, $value:expr) => {
        match $value {
            Value::Int(number) => $builder.append_value(number.try_into().map_err(|_| Misfit::Broken)?),
            Value::UInt(number) => $builder.append_value(number.try_into().map_err(|_| Misfit::Broken)?),
            Value::Bytes(bits) => $builder.append_value(bits_of(&bits)?.try_into().map_err(|_| Misfit::Broken)?),
            _ => return Err(Misfit::Broken),
        }
    };
}

/// Collects the values of one column.
pub struct Collected {
    values: Values,
    /// Digits behind the point of a moment's second.
    digits: u8,
    /// Its moments are days.
    day: bool,
    odd: Odd,
}

/// What becomes of a moment that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// Its column has to be text.
    Text,
    /// `0000-00-00` is NULL, as the address asks for; others want text.
    ZeroIsNull,
    /// It is NULL.
    Null,
}

impl Odd {
    const fn is_null(self, value: &Value) -> bool {
        match self {
            Self::Text => false,
            Self::ZeroIsNull => matches!(value, Value::Date(0, 0, 0, 0, 0, 0, 0)),
            Self::Null => true,
        }
    }
}

enum Values {
    Bool(BooleanBuilder),
    Int8(Int8Builder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    UInt8(UInt8Builder),
    UInt16(UInt16Builder),
    UInt32(UInt32Builder),
    UInt64(UInt64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal(Decimal128Builder, u8, u8),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder, bool),
    Text(StringBuilder),
    Binary(BinaryBuilder),
}

impl Collected {
    /// Prepares a column that is read as a type (as [`type_of`] gives it, or text).
    #[must_use]
    pub fn new(column: &Column, data_type: &DataType, odd: Odd) -> Self {
        let values = match data_type {
            DataType::Bool => Values::Bool(BooleanBuilder::new()),
            DataType::Int8 => Values::Int8(Int8Builder::new()),
            DataType::Int16 => Values::Int16(Int16Builder::new()),
            DataType::Int32 => Values::Int32(Int32Builder::new()),
            DataType::Int64 => Values::Int64(Int64Builder::new()),
            DataType::UInt8 => Values::UInt8(UInt8Builder::new()),
            DataType::UInt16 => Values::UInt16(UInt16Builder::new()),
            DataType::UInt32 => Values::UInt32(UInt32Builder::new()),
            DataType::UInt64 => Values::UInt64(UInt64Builder::new()),
            DataType::Float32 => Values::Float32(Float32Builder::new()),
            DataType::Float64 => Values::Float64(Float64Builder::new()),
            DataType::Decimal { precision, scale } => Values::Decimal(Decimal128Builder::new(), *precision, *scale),
            DataType::Date => Values::Date(Date32Builder::new()),
            DataType::Time => Values::Time(Time64MicrosecondBuilder::new()),
            DataType::Timestamp => Values::Timestamp(TimestampMicrosecondBuilder::new(), false),
            DataType::TimestampTz => Values::Timestamp(TimestampMicrosecondBuilder::new(), true),
            DataType::Binary => Values::Binary(BinaryBuilder::new()),
            DataType::String | DataType::List(_) | DataType::Struct(_) => Values::Text(StringBuilder::new()),
        };
        let day = matches!(column.column_type(), ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE);
        Self { values, digits: column.decimals(), day, odd }
    }

    /// Appends a value; gives the bytes it takes.
    ///
    /// # Errors
    /// Where it is not of the column's type.
    pub fn push(&mut self, value: Value) -> Result<usize, Misfit> {
        if value == Value::NULL {
            self.null();
            return Ok(1);
        }
        match &mut self.values {
            Values::Bool(values) => values.append_value(truth(&value)?),
            Values::Int8(values) => pushes!(values, value),
            Values::Int16(values) => pushes!(values, value),
            Values::Int32(values) => pushes!(values, value),
            Values::Int64(values) => pushes!(values, value),
            Values::UInt8(values) => pushes!(values, value),
            Values::UInt16(values) => pushes!(values, value),
            Values::UInt32(values) => pushes!(values, value),
            Values::UInt64(values) => pushes!(values, value),
            Values::Float32(values) => match value {
                Value::Float(number) => values.append_value(number),
                _ => return Err(Misfit::Broken),
            },
            Values::Float64(values) => match value {
                Value::Double(number) => values.append_value(number),
                Value::Float(number) => values.append_value(number.into()),
                _ => return Err(Misfit::Broken),
            },
            Values::Decimal(values, _, scale) => match &value {
                Value::Bytes(text) => values.append_value(decimal(text, *scale).ok_or(Misfit::Broken)?),
                _ => return Err(Misfit::Broken),
            },
            Values::Text(values) => match value {
                Value::Bytes(text) => {
                    values.append_value(std::str::from_utf8(&text).map_err(|_| Misfit::Broken)?);
                    return Ok(text.len() + 4);
                }
                other => values.append_value(text(&other, self.day, self.digits).ok_or(Misfit::Broken)?),
            },
            Values::Binary(values) => match value {
                Value::Bytes(bytes) => {
                    values.append_value(&bytes);
                    return Ok(bytes.len() + 4);
                }
                _ => return Err(Misfit::Broken),
            },
            Values::Date(_) | Values::Time(_) | Values::Timestamp(..) => return self.moment(&value),
        }
        Ok(8)
    }

    fn moment(&mut self, value: &Value) -> Result<usize, Misfit> {
        let read = match (&mut self.values, value) {
            (Values::Date(values), Value::Date(year, month, day, ..)) => {
                civil(*year, *month, *day).map(|day| values.append_value(day))
            }
            (Values::Timestamp(values, _), Value::Date(year, month, day, hour, minute, second, micros)) => {
                let clock = clock(u32::from(*hour), *minute, *second, *micros);
                civil(*year, *month, *day).map(|day| values.append_value(i64::from(day) * DAY + clock))
            }
            (Values::Time(values), Value::Time(negative, days, hour, minute, second, micros)) => {
                let clock = clock(u32::from(*hour), *minute, *second, *micros);
                let fits = *days == 0 && clock < DAY && (!negative || clock == 0);
                fits.then(|| values.append_value(clock))
            }
            _ => return Err(Misfit::Broken),
        };
        match read {
            Some(()) => {}
            None if self.odd.is_null(value) => self.null(),
            None => return Err(Misfit::Moment),
        }
        Ok(8)
    }

    fn null(&mut self) {
        match &mut self.values {
            Values::Bool(values) => values.append_null(),
            Values::Int8(values) => values.append_null(),
            Values::Int16(values) => values.append_null(),
            Values::Int32(values) => values.append_null(),
            Values::Int64(values) => values.append_null(),
            Values::UInt8(values) => values.append_null(),
            Values::UInt16(values) => values.append_null(),
            Values::UInt32(values) => values.append_null(),
            Values::UInt64(values) => values.append_null(),
            Values::Float32(values) => values.append_null(),
            Values::Float64(values) => values.append_null(),
            Values::Decimal(values, ..) => values.append_null(),
            Values::Date(values) => values.append_null(),
            Values::Time(values) => values.append_null(),
            Values::Timestamp(values, _) => values.append_null(),
            Values::Text(values) => values.append_null(),
            Values::Binary(values) => values.append_null(),
        }
    }

    /// Gives what was collected, and begins anew.
    pub fn take(&mut self) -> ArrayRef {
        match &mut self.values {
            Values::Bool(values) => Arc::new(values.finish()),
            Values::Int8(values) => Arc::new(values.finish()),
            Values::Int16(values) => Arc::new(values.finish()),
            Values::Int32(values) => Arc::new(values.finish()),
            Values::Int64(values) => Arc::new(values.finish()),
            Values::UInt8(values) => Arc::new(values.finish()),
            Values::UInt16(values) => Arc::new(values.finish()),
            Values::UInt32(values) => Arc::new(values.finish()),
            Values::UInt64(values) => Arc::new(values.finish()),
            Values::Float32(values) => Arc::new(values.finish()),
            Values::Float64(values) => Arc::new(values.finish()),
            Values::Decimal(values, precision, scale) => {
                let made = values.finish();
                match made.clone().with_precision_and_scale(*precision, scale.cast_signed()) {
                    Ok(typed) => Arc::new(typed),
                    // Not for the types `type_of` gives.
                    Err(_) => Arc::new(made),
                }
            }
            Values::Date(values) => Arc::new(values.finish()),
            Values::Time(values) => Arc::new(values.finish()),
            Values::Timestamp(values, utc) => {
                let made = values.finish();
                if *utc { Arc::new(made.with_timezone("UTC")) } else { Arc::new(made) }
            }
            Values::Text(values) => Arc::new(values.finish()),
            Values::Binary(values) => Arc::new(values.finish()),
        }
    }
}

fn truth(value: &Value) -> Result<bool, Misfit> {
    Ok(match value {
        Value::Int(number) => *number != 0,
        Value::UInt(number) => *number != 0,
        Value::Bytes(bits) => bits.iter().any(|byte| *byte != 0),
        _ => return Err(Misfit::Broken),
    })
}

/// Reads the bytes of a `BIT(n)`, the highest first.
fn bits_of(bytes: &[u8]) -> Result<u64, Misfit> {
    if bytes.len() > 8 {
        return Err(Misfit::Broken);
    }
    Ok(bytes.iter().fold(0, |bits, byte| (bits << 8) | u64::from(*byte)))
}

/// Reads a decimal as the server writes it, all digits of its scale; `None` where it is none.
fn decimal(text: &[u8], scale: u8) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (mut unscaled, mut behind, mut point) = (0_i128, 0_u8, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                unscaled = unscaled.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                behind += u8::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let unscaled = unscaled.checked_mul(10_i128.checked_pow(u32::from(scale.checked_sub(behind)?))?)?;
    (!digits.is_empty()).then_some(if negative { -unscaled } else { unscaled })
}

/// Gives the days since 1970 of a day that is one: years 1 to 9999.
fn civil(year: u16, month: u8, day: u8) -> Option<i32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u8::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    let real = (1..=9999).contains(&year) && (1..=longest).contains(&day);
    real.then(|| days_from_civil(i32::from(year), u32::from(month), u32::from(day)))
}

fn clock(hours: u32, minutes: u8, seconds: u8, micros: u32) -> i64 {
    ((i64::from(hours) * 60 + i64::from(minutes)) * 60 + i64::from(seconds)) * 1_000_000 + i64::from(micros)
}

/// Writes a value that is no text as the server itself writes it.
fn text(value: &Value, day_only: bool, digits: u8) -> Option<String> {
    let mut text = String::new();
    let micros = match value {
        Value::Int(number) => return Some(number.to_string()),
        Value::UInt(number) => return Some(number.to_string()),
        Value::Float(number) => return Some(number.to_string()),
        Value::Double(number) => return Some(number.to_string()),
        Value::Date(year, month, day, hour, minute, second, micros) => {
            // Writing into a string never fails.
            let _ = write!(text, "{year:04}-{month:02}-{day:02}");
            if day_only {
                return Some(text);
            }
            let _ = write!(text, " {hour:02}:{minute:02}:{second:02}");
            *micros
        }
        Value::Time(negative, days, hour, minute, second, micros) => {
            let hours = days.saturating_mul(24).saturating_add(u32::from(*hour));
            let sign = if *negative { "-" } else { "" };
            let _ = write!(text, "{sign}{hours:02}:{minute:02}:{second:02}");
            *micros
        }
        Value::NULL | Value::Bytes(_) => return None,
    };
    let digits = if digits > 6 { if micros == 0 { 0 } else { 6 } } else { usize::from(digits) };
    if digits > 0 {
        let fraction = format!("{micros:06}");
        let _ = write!(text, ".{}", fraction.get(..digits).unwrap_or(&fraction));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_every_digit() {
        assert_eq!(decimal(b"-0.05", 2), Some(-5));
        assert_eq!(decimal(b"000012.50", 2), Some(1250));
        assert_eq!(decimal(b"12", 2), Some(1200));
        assert_eq!(decimal(&[b'9'; 38], 0), Some(99_999_999_999_999_999_999_999_999_999_999_999_999));
        for wrong in [&b""[..], b"-", b"1.234", b"1.2.3", b"1e3", &[b'9'; 60]] {
            assert_eq!(decimal(wrong, 2), None, "{}", String::from_utf8_lossy(wrong));
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(civil(1970, 1, 2), Some(1));
        assert_eq!(civil(2000, 2, 29), Some(11_016));
        for (year, month, day) in [(0, 0, 0), (2023, 2, 29), (2024, 0, 1), (2024, 1, 0), (0, 1, 1), (2024, 13, 1)] {
            assert_eq!(civil(year, month, day), None);
        }
    }

    #[test]
    fn moments_are_written_as_the_server_writes_them() {
        let time = Value::Time(true, 34, 22, 59, 59, 120_000);
        assert_eq!(text(&time, false, 0).as_deref(), Some("-838:59:59"));
        assert_eq!(text(&time, false, 3).as_deref(), Some("-838:59:59.120"));
        let zero = Value::Date(0, 0, 0, 0, 0, 0, 0);
        assert_eq!(text(&zero, false, 6).as_deref(), Some("0000-00-00 00:00:00.000000"));
        assert_eq!(text(&zero, true, 0).as_deref(), Some("0000-00-00"));
    }
}
