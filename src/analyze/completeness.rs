//! Completeness: how many cells are NULL.

use arrow_array::Array;

use crate::analyze::Metric;
use crate::frame::Mask;

/// Counts cells and those of them that are NULL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Completeness {
    pub rows: u64,
    pub nulls: u64,
}

impl Metric for Completeness {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        self.rows += rows.count() as u64;
        if array.null_count() > 0 {
            self.nulls += rows.rows().filter(|row| array.is_null(*row)).count() as u64;
        }
    }

    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.nulls += other.nulls;
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int8Array, StringArray};

    use super::*;
    use crate::analyze::fixture::three_ways;

    #[test]
    fn nulls_are_counted_among_the_marked() {
        let array = Int8Array::from(vec![Some(1), None, None, Some(2)]);
        for metric in three_ways(Completeness::default, &array) {
            assert_eq!(metric, Completeness { rows: 4, nulls: 2 });
        }
        let mut metric = Completeness::default();
        metric.update(&array, &Mask::from_fn(4, |row| row < 2));
        assert_eq!(metric, Completeness { rows: 2, nulls: 1 });
        assert_eq!(three_ways(Completeness::default, &StringArray::from(Vec::<&str>::new()))[0].rows, 0);
    }
}
