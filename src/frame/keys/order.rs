//! Order over a whole run: which rows fall behind the one before.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::frame::mask::Mask;

/// Remembers the last value of a column that must not fall.
#[derive(Debug, Default)]
pub struct OrderState {
    last: Option<Rank>,
}

/// A value that can be ordered among its column's.
#[derive(Debug, Clone, PartialEq)]
enum Rank {
    Whole(i128),
    Float(f64),
    Text(Vec<u8>),
}

impl OrderState {
    /// Judges the next rows in file order: marks each of `rows` whose value lies below the one before
    /// (`strict`: not above). A row that falls behind does not become the measure for the next.
    pub fn judge(&mut self, array: &ArrayRef, rows: &Mask, strict: bool) -> Mask {
        let mut failed = Mask::new(array.len());
        for row in rows.rows() {
            let Some(rank) = rank(array, row) else { continue };
            let falls = self.last.as_ref().is_some_and(|last| match compare(last, &rank) {
                Some(Ordering::Less) => false,
                Some(Ordering::Equal) => strict,
                Some(Ordering::Greater) | None => true,
            });
            if falls {
                failed.set(row);
            } else {
                self.last = Some(rank);
            }
        }
        failed
    }
}

fn compare(left: &Rank, right: &Rank) -> Option<Ordering> {
    match (left, right) {
        (Rank::Whole(left), Rank::Whole(right)) => Some(left.cmp(right)),
        (Rank::Float(left), Rank::Float(right)) => left.partial_cmp(right),
        (Rank::Text(left), Rank::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn rank(array: &ArrayRef, row: usize) -> Option<Rank> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Boolean => Rank::Whole(array.as_boolean().value(row).into()),
        DataType::Int8 => Rank::Whole(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Rank::Whole(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Rank::Whole(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Rank::Whole(array.as_primitive::<Int64Type>().value(row).into()),
        DataType::UInt8 => Rank::Whole(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => Rank::Whole(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => Rank::Whole(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => Rank::Whole(array.as_primitive::<UInt64Type>().value(row).into()),
        DataType::Decimal128(..) => Rank::Whole(array.as_primitive::<Decimal128Type>().value(row)),
        DataType::Float32 => Rank::Float(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => Rank::Float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Date32 => Rank::Whole(array.as_primitive::<Date32Type>().value(row).into()),
        DataType::Time64(_) => Rank::Whole(array.as_primitive::<Time64MicrosecondType>().value(row).into()),
        DataType::Timestamp(..) => Rank::Whole(array.as_primitive::<TimestampMicrosecondType>().value(row).into()),
        DataType::Utf8 => Rank::Text(array.as_string::<i32>().value(row).as_bytes().to_vec()),
        DataType::Binary => Rank::Text(array.as_binary::<i32>().value(row).to_vec()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Int64Array;

    use super::*;

    fn failed(values: Vec<Option<i64>>, batch: usize, strict: bool) -> Vec<usize> {
        let mut state = OrderState::default();
        let mut all = Vec::new();
        for (index, chunk) in values.chunks(batch).enumerate() {
            let array: ArrayRef = Arc::new(Int64Array::from(chunk.to_vec()));
            let mask = state.judge(&array, &Mask::full(chunk.len()), strict);
            all.extend(mask.rows().map(|row| index * batch + row));
        }
        all
    }

    #[test]
    fn a_fall_is_marked_whatever_the_batches() {
        let values = vec![Some(1), Some(3), None, Some(2), Some(3), Some(4), Some(4)];
        for batch in 1..=values.len() {
            assert_eq!(failed(values.clone(), batch, false), [3]);
            assert_eq!(failed(values.clone(), batch, true), [3, 4, 6]);
        }
    }
}
