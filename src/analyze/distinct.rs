//! Distinct keys, counted exactly: every key is kept, none is judged by its hash alone.

use arrow_array::Array;

use crate::analyze::Metric;
use crate::frame::Mask;
use crate::frame::keys::{KeyEncoder, KeySet};

/// Keeps every different key of one or more columns. A key with a NULL or NaN in it is left out: it equals nothing.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    keys: KeySet,
}

impl Distinct {
    /// Gives the number of different keys.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Takes the marked rows of several columns, each row one key.
    pub fn update_keys(&mut self, columns: &[&dyn Array], rows: &Mask) {
        let encoder = KeyEncoder::new(columns.to_vec());
        let mut key = Vec::new();
        for row in rows.rows() {
            if encoder.encode(row, &mut key) {
                self.keys.get_or_insert(&key, ());
            }
        }
    }
}

impl Metric for Distinct {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        self.update_keys(&[array], rows);
    }

    fn merge(&mut self, other: Self) {
        for (key, ()) in other.keys.iter() {
            self.keys.get_or_insert(key, ());
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::*;

    use super::*;
    use crate::analyze::fixture::three_ways;

    fn count(array: &dyn Array) -> u64 {
        let [whole, single, merged] = three_ways(Distinct::default, array).map(|distinct| distinct.count());
        assert_eq!((whole, whole), (single, merged));
        whole
    }

    #[test]
    fn keys_are_counted_once() {
        assert_eq!(count(&Int64Array::from(vec![Some(1), None, Some(1), Some(2), None])), 2);
        assert_eq!(count(&StringArray::from(vec!["a", "A", "a", ""])), 3);
        assert_eq!(count(&Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN])), 1);
        assert_eq!(count(&BooleanArray::from(vec![true, false, true])), 2);
        assert_eq!(count(&Int64Array::from(vec![None, None])), 0);
        assert_eq!(count(&Int64Array::from(Vec::<i64>::new())), 0);
    }

    #[test]
    fn several_columns_make_one_key() {
        let a = StringArray::from(vec![Some("ab"), Some("a"), Some("ab"), None]);
        let b = StringArray::from(vec![Some("c"), Some("bc"), Some("c"), Some("c")]);
        let mut distinct = Distinct::default();
        distinct.update_keys(&[&a, &b], &Mask::full(4));
        assert_eq!(distinct.count(), 2);
    }
}
