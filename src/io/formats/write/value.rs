//! Single values as text: exact numbers, ISO 8601 moments, base64 bytes, JSON for what is nested.
//!
//! Rows are written column by column (`cells`); this is the same for one value. The arrays must have the types
//! `frame::schema` gives; an array of any other type is written as NULL, so callers check shapes first.

use arrow_array::Array;

use crate::frame::text::Text;
use crate::io::formats::write::cells::{Cells, escape};
use crate::io::formats::write::plan::Plan;

/// Appends a value as plain text; nothing for NULL. Lists and structs are JSON.
pub fn push_text(out: &mut Vec<u8>, array: &dyn Array, row: usize) {
    let (plan, mut text) = (Plan::plain(array.data_type()), Text::default());
    let mut cells = Cells::new(array, &plan, &|_| true);
    if !cells.is_null(row) {
        text.row(|out, at| cells.text(out, at, row));
    }
    out.extend_from_slice(text.as_slice());
}

/// Appends a value as JSON, as [`Cells::json`] does.
pub fn push_json(out: &mut Vec<u8>, array: &dyn Array, row: usize) {
    let (plan, mut text) = (Plan::plain(array.data_type()), Text::default());
    let mut cells = Cells::new(array, &plan, &|_| true);
    text.row(|out, at| cells.json(out, at, row));
    out.extend_from_slice(text.as_slice());
}

/// Appends a string in JSON quotes.
pub fn push_json_string(out: &mut Vec<u8>, text: &str) {
    let mut quoted = Text::default();
    quoted.byte(b'"');
    quoted.row(|out, at| escape(out, at, text.as_bytes()));
    quoted.byte(b'"');
    out.extend_from_slice(quoted.as_slice());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
        Int64Array, ListArray, StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
        UInt64Array,
    };
    use arrow_schema::{DataType as Arrow, Field, Fields};

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
