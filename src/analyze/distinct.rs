//! Distinct keys, counted exactly: every key is kept, none is judged by its hash alone.

use arrow_array::Array;

use crate::analyze::Metric;
use crate::frame::Mask;
use crate::frame::keys::DistinctKeys;

/// Keeps every different key of one or more columns. A key with a NULL or NaN in it is left out: it equals nothing.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    /// Absent before the first rows tell what the columns are.
    keys: Option<DistinctKeys>,
}

impl Distinct {
    /// Gives the number of different keys.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.keys.as_ref().map_or(0, |keys| keys.len() as u64)
    }

    /// Takes the marked rows of several columns, each row one key.
    pub fn update_keys(&mut self, columns: &[&dyn Array], rows: &Mask) {
        let types = columns.iter().map(|column| column.data_type());
        self.keys.get_or_insert_with(|| DistinctKeys::new(types)).add(columns, rows);
    }
}

impl Metric for Distinct {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        self.update_keys(&[array], rows);
    }

    fn merge(&mut self, other: Self) {
        match (&mut self.keys, other.keys) {
            (Some(keys), Some(other)) => keys.merge(&other),
            (None, other) => self.keys = other,
            (Some(_), None) => {}
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
