//! Values of Arrow arrays as text: exact, without locale, and read back as they were.

use std::fmt::Write as _;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types as t;
use arrow_schema::{DataType as Arrow, TimeUnit};

use crate::model::binary::to_base64;
use crate::model::literal::{date_text, decimal_text, time_text, timestamp_text};

/// Writes one value plainly: `5`, `-12.50`, `2026-10-31`, text as it is, a `timestamptz` with a final `Z`, binary as
/// base64, lists and structs as compact JSON. `None` for NULL and for a row beyond the end.
#[must_use]
pub fn value_text(array: &dyn Array, row: usize) -> Option<String> {
    if row >= array.len() || array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        Arrow::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        Arrow::List(_) | Arrow::Struct(_) => json_text(array, row),
        Arrow::Boolean => array.as_boolean().value(row).to_string(),
        Arrow::Int8 => array.as_primitive::<t::Int8Type>().value(row).to_string(),
        Arrow::Int16 => array.as_primitive::<t::Int16Type>().value(row).to_string(),
        Arrow::Int32 => array.as_primitive::<t::Int32Type>().value(row).to_string(),
        Arrow::Int64 => array.as_primitive::<t::Int64Type>().value(row).to_string(),
        Arrow::UInt8 => array.as_primitive::<t::UInt8Type>().value(row).to_string(),
        Arrow::UInt16 => array.as_primitive::<t::UInt16Type>().value(row).to_string(),
        Arrow::UInt32 => array.as_primitive::<t::UInt32Type>().value(row).to_string(),
        Arrow::UInt64 => array.as_primitive::<t::UInt64Type>().value(row).to_string(),
        Arrow::Float32 => {
            let value = array.as_primitive::<t::Float32Type>().value(row);
            plain_or_exponent(f64::from(value), &value, &format_args!("{value:e}"))
        }
        Arrow::Float64 => float_text(array.as_primitive::<t::Float64Type>().value(row)),
        Arrow::Decimal128(_, scale) => {
            decimal_text(array.as_primitive::<t::Decimal128Type>().value(row), u8::try_from(*scale).unwrap_or(0))
        }
        Arrow::Date32 => date_text(array.as_primitive::<t::Date32Type>().value(row)),
        Arrow::Time64(TimeUnit::Microsecond) => time_text(array.as_primitive::<t::Time64MicrosecondType>().value(row)),
        Arrow::Timestamp(TimeUnit::Microsecond, zone) => {
            let text = timestamp_text(array.as_primitive::<t::TimestampMicrosecondType>().value(row));
            if zone.is_some() { text + "Z" } else { text }
        }
        Arrow::Binary => to_base64(array.as_binary::<i32>().value(row)),
        // Not a type of a contract; shown all the same.
        _ => arrow_cast::display::array_value_to_string(array, row).unwrap_or_default(),
    })
}

/// Writes one value as compact JSON: numbers and decimals in their own digits, NULL as `null`, NaN and infinities
/// (which JSON has no number for) and everything else as text in quotes, struct fields in schema order.
#[must_use]
pub fn json_text(array: &dyn Array, row: usize) -> String {
    let mut text = String::new();
    write_json(array, row, &mut text);
    text
}

/// Writes one value as [`json_text`] does at the end of `out`.
pub fn write_json(array: &dyn Array, row: usize, out: &mut String) {
    if row >= array.len() || array.is_null(row) {
        out.push_str("null");
        return;
    }
    match array.data_type() {
        Arrow::List(_) => {
            let items = array.as_list::<i32>().value(row);
            out.push('[');
            for at in 0..items.len() {
                if at > 0 {
                    out.push(',');
                }
                write_json(&items, at, out);
            }
            out.push(']');
        }
        Arrow::Struct(fields) => {
            let columns = array.as_struct().columns();
            out.push('{');
            for (at, (field, column)) in fields.iter().zip(columns).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_quoted(field.name(), out);
                out.push(':');
                write_json(column, row, out);
            }
            out.push('}');
        }
        data_type => {
            let text = value_text(array, row).unwrap_or_default();
            let bare = data_type.is_numeric() || matches!(data_type, Arrow::Boolean);
            // NaN, inf and -inf end in a letter; numbers in a digit.
            let finite = !data_type.is_floating() || text.ends_with(|last: char| last.is_ascii_digit());
            if bare && finite {
                out.push_str(&text);
            } else {
                write_quoted(&text, out);
            }
        }
    }
}

/// Writes text as a JSON string at the end of `out`.
pub fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

/// Writes a float in the fewest digits that read back as the same value; very large and small ones with an
/// exponent. Others are `NaN`, `inf` and `-inf`.
#[must_use]
pub fn float_text(value: f64) -> String {
    plain_or_exponent(value, &value, &format_args!("{value:e}"))
}

fn plain_or_exponent(value: f64, plain: &dyn std::fmt::Display, exponent: &dyn std::fmt::Display) -> String {
    let size = value.abs();
    if !value.is_finite() || size == 0.0 || (1e-5..1e17).contains(&size) {
        plain.to_string()
    } else {
        exponent.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::*;
    use arrow_buffer::{NullBuffer, OffsetBuffer};
    use arrow_schema::Field;

    use super::*;

    #[test]
    fn scalars_are_written_plainly() {
        let decimals = Decimal128Array::from(vec![Some(-1250), None]).with_precision_and_scale(12, 2).unwrap();
        assert_eq!(value_text(&decimals, 0).unwrap(), "-12.50");
        assert_eq!(value_text(&decimals, 1), None);
        assert_eq!(value_text(&decimals, 2), None);
        assert_eq!(value_text(&UInt64Array::from(vec![u64::MAX]), 0).unwrap(), "18446744073709551615");
        assert_eq!(value_text(&Date32Array::from(vec![0]), 0).unwrap(), "1970-01-01");
        assert_eq!(value_text(&Time64MicrosecondArray::from(vec![3_600_000_001]), 0).unwrap(), "01:00:00.000001");
        let moments = TimestampMicrosecondArray::from(vec![-1]);
        assert_eq!(value_text(&moments, 0).unwrap(), "1969-12-31 23:59:59.999999");
        assert_eq!(value_text(&moments.with_timezone("UTC"), 0).unwrap(), "1969-12-31 23:59:59.999999Z");
        assert_eq!(value_text(&BooleanArray::from(vec![true]), 0).unwrap(), "true");
        assert_eq!(value_text(&StringArray::from(vec!["a\"b"]), 0).unwrap(), "a\"b");
    }

    #[test]
    fn floats_read_back() {
        for value in [0.1, -0.0, 1.0, 1e300, 5e-324, 1e16, 123_456.789, 1e-7, f64::MAX] {
            let back: f64 = float_text(value).parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits());
        }
        assert_eq!(float_text(1.0), "1");
        assert_eq!(float_text(1e300), "1e300");
        assert_eq!(float_text(f64::NAN), "NaN");
        assert_eq!(value_text(&Float32Array::from(vec![0.1f32]), 0).unwrap(), "0.1");
    }

    #[test]
    fn nested_values_are_json() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a\n\u{1}\"é"), None]));
        let prices: ArrayRef = Arc::new(Float64Array::from(vec![1.5, f64::NAN]));
        let fields = vec![Field::new("name", Arrow::Utf8, true), Field::new("price", Arrow::Float64, true)];
        let items = StructArray::new(fields.into(), vec![names, prices], Some(NullBuffer::new_valid(2)));
        let item = Arc::new(Field::new("item", items.data_type().clone(), true));
        let list = ListArray::new(item, OffsetBuffer::new(vec![0, 2, 2].into()), Arc::new(items), None);
        let expected = "[{\"name\":\"a\\n\\u0001\\\"é\",\"price\":1.5},{\"name\":null,\"price\":\"NaN\"}]";
        assert_eq!(value_text(&list, 0).unwrap(), expected);
        assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
        assert_eq!(json_text(&list, 1), "[]");
    }

    #[test]
    fn bytes_are_base64() {
        assert_eq!(value_text(&BinaryArray::from_vec(vec![&[255, 254]]), 0).unwrap(), "//4=");
    }
}
