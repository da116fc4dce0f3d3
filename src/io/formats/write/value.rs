//! Values as text: exact numbers, ISO 8601 moments, base64 bytes, JSON for what is nested.
//!
//! Written by hand into one buffer: formatting machinery costs several times as much. The arrays must have the types
//! `frame::schema` gives; an array of any other type is written as NULL, so callers check shapes first.

use std::fmt::Debug;
use std::io::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, StructArray};
use arrow_schema::DataType as Arrow;

use crate::model::literal::{civil_from_days, date_text, decimal_text};

const MICROS_A_SECOND: i64 = 1_000_000;
const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends a value as plain text; nothing for NULL. Lists and structs are JSON.
pub fn push_text(out: &mut Vec<u8>, array: &dyn Array, row: usize) {
    if array.is_null(row) {
        return;
    }
    match array.data_type() {
        Arrow::Boolean => {
            if let Some(array) = array.as_boolean_opt() {
                out.extend_from_slice(if array.value(row) { b"true" } else { b"false" });
            }
        }
        Arrow::Int8 => push_integer(out, cell::<Int8Type>(array, row).into()),
        Arrow::Int16 => push_integer(out, cell::<Int16Type>(array, row).into()),
        Arrow::Int32 => push_integer(out, cell::<Int32Type>(array, row).into()),
        Arrow::Int64 => push_integer(out, cell::<Int64Type>(array, row)),
        Arrow::UInt8 => push_digits(out, cell::<UInt8Type>(array, row).into(), 1),
        Arrow::UInt16 => push_digits(out, cell::<UInt16Type>(array, row).into(), 1),
        Arrow::UInt32 => push_digits(out, cell::<UInt32Type>(array, row).into(), 1),
        Arrow::UInt64 => push_digits(out, cell::<UInt64Type>(array, row), 1),
        Arrow::Float32 => {
            let value = cell::<Float32Type>(array, row);
            push_float(out, value.into(), &value);
        }
        Arrow::Float64 => {
            let value = cell::<Float64Type>(array, row);
            push_float(out, value, &value);
        }
        Arrow::Decimal128(_, scale) => {
            push_decimal(out, cell::<Decimal128Type>(array, row), u8::try_from(*scale).unwrap_or(0));
        }
        Arrow::Utf8 => {
            if let Some(array) = array.as_string_opt::<i32>() {
                out.extend_from_slice(array.value(row).as_bytes());
            }
        }
        Arrow::Binary => {
            if let Some(array) = array.as_binary_opt::<i32>() {
                push_base64(out, array.value(row));
            }
        }
        Arrow::Date32 => push_date(out, cell::<Date32Type>(array, row)),
        Arrow::Time64(_) => push_time(out, cell::<Time64MicrosecondType>(array, row)),
        Arrow::Timestamp(_, zone) => {
            push_timestamp(out, cell::<TimestampMicrosecondType>(array, row));
            if zone.is_some() {
                out.push(b'Z');
            }
        }
        _ => push_json(out, array, row),
    }
}

/// Appends a value as JSON: numbers as they are, whatever their size; moments and bytes as strings. NaN and
/// infinities, which JSON lacks, are the strings `NaN`, `Infinity` and `-Infinity`.
pub fn push_json(out: &mut Vec<u8>, array: &dyn Array, row: usize) {
    if array.is_null(row) {
        return out.extend_from_slice(b"null");
    }
    match array.data_type() {
        Arrow::Utf8 => {
            if let Some(array) = array.as_string_opt::<i32>() {
                push_json_string(out, array.value(row));
            }
        }
        Arrow::List(_) => {
            let items = array.as_list_opt::<i32>().map(|array| array.value(row));
            out.push(b'[');
            for item in 0..items.as_ref().map_or(0, Array::len) {
                if item > 0 {
                    out.push(b',');
                }
                if let Some(items) = &items {
                    push_json(out, items, item);
                }
            }
            out.push(b']');
        }
        Arrow::Struct(_) => {
            if let Some(array) = array.as_struct_opt() {
                push_object(out, array, row);
            }
        }
        data_type if is_bare(data_type, array, row) => push_text(out, array, row),
        Arrow::Float32 | Arrow::Float64 | Arrow::Date32 | Arrow::Time64(_) | Arrow::Timestamp(..) | Arrow::Binary => {
            out.push(b'"');
            push_text(out, array, row);
            out.push(b'"');
        }
        _ => out.extend_from_slice(b"null"),
    }
}

fn push_object(out: &mut Vec<u8>, array: &StructArray, row: usize) {
    out.push(b'{');
    for (index, (field, column)) in array.fields().iter().zip(array.columns()).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(out, field.name());
        out.push(b':');
        push_json(out, column, row);
    }
    out.push(b'}');
}

/// Tells whether a value's plain text is its JSON text.
fn is_bare(data_type: &Arrow, array: &dyn Array, row: usize) -> bool {
    match data_type {
        Arrow::Float32 => cell::<Float32Type>(array, row).is_finite(),
        Arrow::Float64 => cell::<Float64Type>(array, row).is_finite(),
        Arrow::Boolean | Arrow::Decimal128(..) => true,
        other => other.is_integer(),
    }
}

fn cell<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive_opt::<T>().map_or_else(T::Native::default, |array| array.value(row))
}

/// Appends a string in JSON quotes.
pub fn push_json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

fn push_integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    push_digits(out, value.unsigned_abs(), 1);
}

/// Appends a number with leading zeros up to `width` digits.
fn push_digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        if value == 0 && used >= width {
            break;
        }
        *slot = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        used += 1;
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

/// The shortest digits that read back as the same float: what Rust's `{:?}` promises.
fn push_float(out: &mut Vec<u8>, value: f64, shortest: &dyn Debug) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"Infinity" } else { b"-Infinity" });
    } else {
        // Writing into a vector never fails.
        let _ = write!(out, "{shortest:?}");
    }
}

fn push_decimal(out: &mut Vec<u8>, unscaled: i128, scale: u8) {
    let (Ok(digits), Some(unit)) = (u64::try_from(unscaled.unsigned_abs()), 10_u64.checked_pow(scale.into())) else {
        return out.extend_from_slice(decimal_text(unscaled, scale).as_bytes());
    };
    if unscaled < 0 {
        out.push(b'-');
    }
    push_digits(out, digits / unit, 1);
    if scale > 0 {
        out.push(b'.');
        push_digits(out, digits % unit, scale.into());
    }
}

fn push_date(out: &mut Vec<u8>, days: i32) {
    let (year, month, day) = civil_from_days(days);
    match u64::try_from(year) {
        Ok(year @ 0..=9999) => {
            push_digits(out, year, 4);
            out.push(b'-');
            push_digits(out, month.into(), 2);
            out.push(b'-');
            push_digits(out, day.into(), 2);
        }
        _ => out.extend_from_slice(date_text(days).as_bytes()),
    }
}

fn push_time(out: &mut Vec<u8>, micros: i64) {
    let micros = micros.rem_euclid(MICROS_A_DAY).unsigned_abs();
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    push_digits(out, seconds / 3600, 2);
    out.push(b':');
    push_digits(out, seconds / 60 % 60, 2);
    out.push(b':');
    push_digits(out, seconds % 60, 2);
    if fraction > 0 {
        out.push(b'.');
        push_digits(out, fraction, 6);
    }
}

fn push_timestamp(out: &mut Vec<u8>, micros: i64) {
    push_date(out, i32::try_from(micros.div_euclid(MICROS_A_DAY)).unwrap_or(i32::MAX));
    out.push(b'T');
    push_time(out, micros);
}

fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.chunks(3) {
        let mut group = 0_u32;
        for index in 0..3 {
            group = group << 8 | u32::from(chunk.get(index).copied().unwrap_or(0));
        }
        for index in 0..4_usize {
            let letter = (group >> (18 - 6 * index) & 63) as usize;
            // n bytes fill n + 1 letters; the rest of the four is padding.
            let padding = index > chunk.len();
            out.push(if padding { b'=' } else { BASE64.get(letter).copied().unwrap_or(b'=') });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
        Int64Array, ListArray, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray, UInt64Array,
    };
    use arrow_schema::{Field, Fields};

    use super::*;

    fn text(array: &dyn Array) -> Vec<String> {
        let written = |row| {
            let mut out = Vec::new();
            push_text(&mut out, array, row);
            String::from_utf8(out).unwrap()
        };
        (0..array.len()).map(written).collect()
    }

    fn json(array: &dyn Array) -> Vec<String> {
        let written = |row| {
            let mut out = Vec::new();
            push_json(&mut out, array, row);
            String::from_utf8(out).unwrap()
        };
        (0..array.len()).map(written).collect()
    }

    #[test]
    fn integers_keep_every_digit() {
        assert_eq!(
            text(&Int64Array::from(vec![i64::MIN, -1, 0, i64::MAX])),
            ["-9223372036854775808", "-1", "0", "9223372036854775807"]
        );
        assert_eq!(json(&UInt64Array::from(vec![Some(u64::MAX), None])), ["18446744073709551615", "null"]);
        assert_eq!(text(&Int8Array::from(vec![i8::MIN])), ["-128"]);
    }

    #[test]
    fn decimals_are_exact() {
        let small = Decimal128Array::from(vec![-5, 0, 1250]).with_precision_and_scale(12, 2).unwrap();
        assert_eq!(json(&small), ["-0.05", "0.00", "12.50"]);
        let nines = 99_999_999_999_999_999_999_999_999_999_999_999_999_i128;
        let large = Decimal128Array::from(vec![nines, -nines]).with_precision_and_scale(38, 30).unwrap();
        assert_eq!(text(&large)[1], "-99999999.999999999999999999999999999999");
        let edge = Decimal128Array::from(vec![i128::from(u64::MAX)]).with_precision_and_scale(38, 19).unwrap();
        assert_eq!(text(&edge), ["1.8446744073709551615"]);
        let far = Decimal128Array::from(vec![1]).with_precision_and_scale(38, 20).unwrap();
        assert_eq!(text(&far), ["0.00000000000000000001"]);
    }

    #[test]
    fn floats_read_back_as_themselves() {
        let values = vec![0.1, -0.0, 1e300, f64::MIN_POSITIVE, 5e-324, 123_456_789.123];
        for (value, text) in values.iter().zip(text(&Float64Array::from(values.clone()))) {
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
        }
        assert_eq!(text(&Float32Array::from(vec![0.1_f32])), ["0.1"]);
        let odd = Float64Array::from(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!(text(&odd), ["NaN", "Infinity", "-Infinity"]);
        assert_eq!(json(&odd)[0], "\"NaN\"");
    }

    #[test]
    fn moments_are_iso() {
        assert_eq!(text(&Date32Array::from(vec![0, 11_017, -1])), ["1970-01-01", "2000-03-01", "1969-12-31"]);
        assert_eq!(
            text(&Time64MicrosecondArray::from(vec![1, 86_399_999_999])),
            ["00:00:00.000001", "23:59:59.999999"]
        );
        let moment = TimestampMicrosecondArray::from(vec![-1, 1_000_000]);
        assert_eq!(text(&moment), ["1969-12-31T23:59:59.999999", "1970-01-01T00:00:01"]);
        assert_eq!(json(&moment.with_timezone("UTC"))[1], "\"1970-01-01T00:00:01Z\"");
    }

    #[test]
    fn bytes_are_base64() {
        let bytes = BinaryArray::from(vec![&b""[..], b"f", b"fo", b"foo", b"foob", &[0xff, 0xfe]]);
        assert_eq!(text(&bytes), ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "//4="]);
    }

    #[test]
    fn json_strings_are_escaped() {
        let strings = StringArray::from(vec!["a\"b\\c", "\u{1}\n", "é😀"]);
        assert_eq!(json(&strings), ["\"a\\\"b\\\\c\"", "\"\\u0001\\n\"", "\"é😀\""]);
    }

    #[test]
    fn nested_values_are_json_everywhere() {
        let fields = Fields::from(vec![Field::new("a", Arrow::Boolean, true), Field::new("b\"", Arrow::Utf8, true)]);
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None]));
        let names: ArrayRef = Arc::new(StringArray::from(vec![None, Some("x")]));
        let rows = StructArray::new(fields.clone(), vec![flags, names], None);
        let item = Arc::new(Field::new("item", Arrow::Struct(fields), true));
        let offsets = arrow_buffer::OffsetBuffer::new(vec![0, 0, 2].into());
        let list = ListArray::new(item, offsets, Arc::new(rows), None);
        let expected = ["[]", "[{\"a\":true,\"b\\\"\":null},{\"a\":null,\"b\\\"\":\"x\"}]"];
        assert_eq!(text(&list), expected);
        assert_eq!(json(&list), expected);
    }
}
