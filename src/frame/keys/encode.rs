//! Rows of key columns as bytes that are equal exactly where the keys are.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::frame::show::json_text;

/// Writes keys of one batch as bytes. Numbers of different width or scale encode alike, so that an `int32`
/// can reference an `int64`.
#[derive(Debug)]
pub struct KeyEncoder<'a> {
    columns: Vec<&'a dyn Array>,
}

impl<'a> KeyEncoder<'a> {
    /// Takes the key's columns, in key order, all of one length.
    #[must_use]
    pub const fn new(columns: Vec<&'a dyn Array>) -> Self {
        Self { columns }
    }

    /// Takes all columns of arrays, in their order.
    #[must_use]
    pub fn of(columns: &'a [ArrayRef]) -> Self {
        Self { columns: columns.iter().map(AsRef::as_ref).collect() }
    }

    /// Writes the key of a row into `out` (cleared first). `false` where a part is NULL or NaN: no key.
    pub fn encode(&self, row: usize, out: &mut Vec<u8>) -> bool {
        out.clear();
        self.columns.iter().all(|column| encode_cell(*column, row, out))
    }
}

fn encode_cell(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> bool {
    if array.is_null(row) {
        return false;
    }
    match array.data_type() {
        DataType::Boolean => out.extend([b'b', u8::from(array.as_boolean().value(row))]),
        DataType::Int8 => integer(array.as_primitive::<Int8Type>().value(row).into(), out),
        DataType::Int16 => integer(array.as_primitive::<Int16Type>().value(row).into(), out),
        DataType::Int32 => integer(array.as_primitive::<Int32Type>().value(row).into(), out),
        DataType::Int64 => integer(array.as_primitive::<Int64Type>().value(row).into(), out),
        DataType::UInt8 => integer(array.as_primitive::<UInt8Type>().value(row).into(), out),
        DataType::UInt16 => integer(array.as_primitive::<UInt16Type>().value(row).into(), out),
        DataType::UInt32 => integer(array.as_primitive::<UInt32Type>().value(row).into(), out),
        DataType::UInt64 => integer(array.as_primitive::<UInt64Type>().value(row).into(), out),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value(row), *scale, out),
        DataType::Float32 => return float(array.as_primitive::<Float32Type>().value(row).into(), out),
        DataType::Float64 => return float(array.as_primitive::<Float64Type>().value(row), out),
        DataType::Utf8 => text(b's', array.as_string::<i32>().value(row).as_bytes(), out),
        DataType::Binary => text(b'x', array.as_binary::<i32>().value(row), out),
        DataType::Date32 => moment(b'd', array.as_primitive::<Date32Type>().value(row).into(), out),
        DataType::Time64(_) => moment(b't', array.as_primitive::<Time64MicrosecondType>().value(row), out),
        DataType::Timestamp(..) => moment(b'm', array.as_primitive::<TimestampMicrosecondType>().value(row), out),
        // Lists and structs: equal values have one spelling as JSON.
        _ => text(b'j', json_text(array, row).as_bytes(), out),
    }
    true
}

fn integer(value: i128, out: &mut Vec<u8>) {
    if let Ok(short) = i64::try_from(value) {
        out.push(b'i');
        out.extend(short.to_le_bytes());
    } else {
        out.push(b'I');
        out.extend(value.to_le_bytes());
    }
}

/// Writes a number that counts units of 10 to the power of -`scale`, alike for every scale that can hold it.
pub fn decimal(mut value: i128, mut scale: i8, out: &mut Vec<u8>) {
    while scale > 0 && value % 10 == 0 {
        value /= 10;
        scale -= 1;
    }
    if scale <= 0 {
        integer(value, out);
    } else {
        out.push(b'f');
        out.push(scale.cast_unsigned());
        out.extend(value.to_le_bytes());
    }
}

fn float(value: f64, out: &mut Vec<u8>) -> bool {
    if value.is_nan() {
        return false;
    }
    // Adding zero turns -0 into 0: both are one key.
    out.push(b'F');
    out.extend((value + 0.0).to_bits().to_le_bytes());
    true
}

fn moment(tag: u8, value: i64, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(value.to_le_bytes());
}

fn text(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    // The length keeps ("a", "bc") and ("ab", "c") apart.
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(bytes);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Decimal128Array, Float64Array, Int32Array, Int64Array, StringArray};

    use super::*;

    fn key(columns: &[ArrayRef], row: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        KeyEncoder::of(columns).encode(row, &mut out).then_some(out)
    }

    #[test]
    fn equal_values_of_other_types_are_one_key() {
        let narrow: ArrayRef = Arc::new(Int32Array::from(vec![7]));
        let wide: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        let decimal: ArrayRef =
            Arc::new(Decimal128Array::from(vec![700]).with_precision_and_scale(12, 2).expect("fits"));
        assert_eq!(key(std::slice::from_ref(&narrow), 0), key(&[wide], 0));
        assert_eq!(key(&[narrow], 0), key(&[decimal], 0));
    }

    #[test]
    fn parts_do_not_run_together() {
        let a: ArrayRef = Arc::new(StringArray::from(vec!["a", "ab"]));
        let b: ArrayRef = Arc::new(StringArray::from(vec!["bc", "c"]));
        assert_ne!(key(&[a.clone(), b.clone()], 0), key(&[a, b], 1));
    }

    #[test]
    fn null_and_nan_are_no_keys() {
        let a: ArrayRef = Arc::new(Float64Array::from(vec![None, Some(f64::NAN), Some(-0.0), Some(0.0)]));
        let column = [a];
        assert_eq!(key(&column, 0), None);
        assert_eq!(key(&column, 1), None);
        assert_eq!(key(&column, 2), key(&column, 3));
    }
}
