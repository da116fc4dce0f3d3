//! Newest: the latest moment of a column.

use arrow_array::Array;
use arrow_schema::DataType as Arrow;

use crate::analyze::Metric;
use crate::frame::Mask;
use crate::frame::judge::number::DAY;
use crate::frame::judge::units::each_unit;

/// Keeps the latest day or moment that is not NULL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Newest {
    /// Microseconds since the epoch, in UTC where the column has a zone; a day is its midnight.
    pub micros: Option<i64>,
}

impl Metric for Newest {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        let size = match array.data_type() {
            Arrow::Date32 => i128::from(DAY),
            Arrow::Timestamp(_, _) => 1,
            _ => return,
        };
        let mut newest = None;
        each_unit(array, rows, |_, unit| newest = newest.max(Some(unit)));
        let micros = newest.and_then(|unit| i64::try_from(unit * size).ok());
        self.micros = self.micros.max(micros);
    }

    fn merge(&mut self, other: Self) {
        self.micros = self.micros.max(other.micros);
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Date32Array, Int64Array, TimestampMicrosecondArray};

    use super::*;
    use crate::analyze::fixture::three_ways;

    #[test]
    fn the_latest_wins() {
        for newest in three_ways(Newest::default, &Date32Array::from(vec![Some(1), None, Some(3), Some(2)])) {
            assert_eq!(newest.micros, Some(3 * DAY));
        }
        for newest in three_ways(Newest::default, &TimestampMicrosecondArray::from(vec![-5, -7])) {
            assert_eq!(newest.micros, Some(-5));
        }
        for newest in three_ways(Newest::default, &Date32Array::from(vec![None, None])) {
            assert_eq!(newest.micros, None);
        }
        assert_eq!(three_ways(Newest::default, &Int64Array::from(vec![5]))[0].micros, None);
    }
}
