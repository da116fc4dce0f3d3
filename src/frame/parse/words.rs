//! Words for cells that do not parse: what is wrong with the value, to be read behind it.

use std::borrow::Cow;

use crate::frame::parse::reader;
use crate::model::number::{self, FloatError};
use crate::model::temporal::Pattern;
use crate::model::{Column, DataType, ParseCode};

/// Says what is wrong with a cell's text: `has blanks around it`.
#[must_use]
pub fn detail(column: &Column, code: ParseCode, text: &[u8]) -> Cow<'static, str> {
    let plain = match code {
        ParseCode::InvalidUtf8 => return not_utf8(text).into(),
        ParseCode::FieldTooLong => "makes the batch too large for one column",
        ParseCode::JsonType => "is text, and lists and structs are read from JSON or Parquet",
        _ if text.is_empty() => "is empty",
        _ if text.trim_ascii().len() < text.len() && code != ParseCode::NotBinary => "has blanks around it",
        ParseCode::NotBool => "is none of true, false, t, f, yes, no, y, n, 1 and 0",
        ParseCode::IntegerRange => return out_of_range(&column.data_type).into(),
        ParseCode::NotInteger => not_a_number(text).unwrap_or("is not an integer"),
        ParseCode::NotDecimal => not_a_number(text).unwrap_or("is not a decimal"),
        ParseCode::NotNumber => not_a_number(text).unwrap_or("is not a number"),
        ParseCode::NotFinite => return not_finite(column, text).into(),
        ParseCode::DecimalRange => return misfit(&column.data_type, text).into(),
        ParseCode::NotDate | ParseCode::NotTime | ParseCode::NotTimestamp => return not_temporal(column, text),
        ParseCode::NotBinary if reader::is_hex(column) => "is not hex: two digits a byte",
        ParseCode::NotBinary => "is not base64 with its padding",
        other => other.title(),
    };
    plain.into()
}

fn not_utf8(text: &[u8]) -> String {
    let Err(error) = std::str::from_utf8(text) else { return String::from("is not UTF-8") };
    let at = error.valid_up_to();
    let byte = text.get(at).copied().unwrap_or_default();
    format!("is not UTF-8: its byte {} is 0x{byte:02X}", at + 1)
}

fn out_of_range(data_type: &DataType) -> String {
    let range = match data_type {
        DataType::Int8 => format!("{} to {}", i8::MIN, i8::MAX),
        DataType::Int16 => format!("{} to {}", i16::MIN, i16::MAX),
        DataType::Int32 => format!("{} to {}", i32::MIN, i32::MAX),
        DataType::Int64 => format!("{} to {}", i64::MIN, i64::MAX),
        DataType::UInt8 => format!("0 to {}", u8::MAX),
        DataType::UInt16 => format!("0 to {}", u16::MAX),
        DataType::UInt32 => format!("0 to {}", u32::MAX),
        DataType::UInt64 => format!("0 to {}", u64::MAX),
        _ => return String::from("does not fit the type"),
    };
    format!("is outside {data_type}: {range}")
}

/// Names the common reasons why a number is not one of the type.
fn not_a_number(text: &[u8]) -> Option<&'static str> {
    if number::float(text, false).is_ok() {
        // A number all the same, only not one of this type.
        let exponent = text.iter().any(|byte| matches!(byte, b'e' | b'E'));
        return Some(if exponent { "has an exponent" } else { "has a decimal point" });
    }
    let bare: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b',' | b'_' | b'\'' | b' ')).collect();
    (bare.len() < text.len() && number::float(&bare, false).is_ok()).then_some("has separators in it")
}

fn not_finite(column: &Column, text: &[u8]) -> String {
    match number::float(text, true) {
        Ok(value) if !value.is_finite() => String::from("is not finite, and the column does not say allow_nan"),
        Ok(_) | Err(FloatError::NotFinite | FloatError::Malformed) => format!("is too large for {}", column.data_type),
    }
}

fn misfit(data_type: &DataType, text: &[u8]) -> String {
    let DataType::Decimal { precision, scale } = data_type else { return String::from("does not fit the type") };
    format!("has {}", number::decimal_misfit(text, *precision, *scale))
}

fn not_temporal(column: &Column, text: &[u8]) -> Cow<'static, str> {
    let pattern = match column.format.as_deref().map(Pattern::new).transpose() {
        Ok(pattern) => pattern,
        Err(error) => return format!("cannot be read by the format: {error}").into(),
    };
    // The default is made ready only where it may tell something.
    let pattern = || pattern.unwrap_or_else(|| Pattern::default_for(&column.data_type));
    if without_nanos(text).is_some_and(|coarse| pattern().matches(&coarse)) {
        return "is finer than a microsecond".into();
    }
    match (&column.data_type, column.format.as_deref()) {
        (DataType::Date, None) => "is no real day written as YYYY-MM-DD".into(),
        (DataType::Date, Some(format)) => format!("is no real day written as {format}").into(),
        (DataType::Time, None) => "is no time of day written as HH:MM:SS".into(),
        (DataType::Time, Some(format)) => format!("is no time of day written as {format}").into(),
        (DataType::TimestampTz, None) => {
            "is no moment with its offset written as YYYY-MM-DDTHH:MM:SS+HH:MM or Z".into()
        }
        (_, None) => "is no moment written as YYYY-MM-DD HH:MM:SS".into(),
        (_, Some(format)) => format!("is no moment written as {format}").into(),
    }
}

/// Turns every digit past the sixth behind a point into a zero; `None` where that changes nothing.
fn without_nanos(text: &[u8]) -> Option<Vec<u8>> {
    if !text.contains(&b'.') {
        return None;
    }
    let mut digits = None;
    let zeroed = text.iter().map(|byte| {
        digits = match (byte, digits) {
            (b'.', _) => Some(0),
            (b'0'..=b'9', Some(count)) => Some(count + 1usize),
            _ => None,
        };
        if digits.is_some_and(|count| count > 6) { b'0' } else { *byte }
    });
    let zeroed: Vec<u8> = zeroed.collect();
    (zeroed != text).then_some(zeroed)
}
