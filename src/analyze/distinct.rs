//! Distinct keys, counted exactly: every key is kept, none is judged by its hash alone.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::analyze::Metric;
use crate::frame::Mask;
use crate::frame::judge::units::{all_floats, with_units};
use crate::frame::show::write_json;

/// Keeps every different key of one or more columns. A key with a NULL in it is left out.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    keys: HashSet<Box<[u8]>, FixedState>,
}

impl Distinct {
    /// Gives the number of different keys.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Takes the marked rows of several columns, each row one key.
    pub fn update_keys(&mut self, columns: &[&dyn Array], rows: &Mask) {
        let writers: Vec<Writer<'_>> = columns.iter().map(|column| Writer::new(*column)).collect();
        let mut key = Vec::new();
        for row in rows.rows() {
            if columns.iter().any(|column| column.is_null(row)) {
                continue;
            }
            key.clear();
            for writer in &writers {
                writer.write(row, &mut key);
            }
            if !self.keys.contains(key.as_slice()) {
                self.keys.insert(key.as_slice().into());
            }
        }
    }
}

impl Metric for Distinct {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        self.update_keys(&[array], rows);
    }

    fn merge(&mut self, other: Self) {
        if self.keys.is_empty() {
            self.keys = other.keys;
        } else {
            self.keys.extend(other.keys);
        }
    }
}

/// Writes the values of one column so that equal values, and only those, give equal bytes.
enum Writer<'a> {
    /// Sixteen bytes each.
    Units(Vec<i128>),
    Floats(Vec<f64>),
    /// Length, then bytes.
    Array(&'a dyn Array),
}

impl<'a> Writer<'a> {
    fn new(array: &'a dyn Array) -> Self {
        let units = with_units!(array, values => Some(values.iter().map(|v| i128::from(*v)).collect()), None);
        match (units, all_floats(array)) {
            (Some(units), _) => Self::Units(units),
            (None, Some(floats)) => Self::Floats(floats),
            _ => Self::Array(array),
        }
    }

    fn write(&self, row: usize, key: &mut Vec<u8>) {
        match self {
            Self::Units(values) => key.extend_from_slice(&values[row].to_le_bytes()),
            Self::Floats(values) => {
                // One zero and one NaN, as in SQL's grouping.
                let value = if values[row].is_nan() { f64::NAN } else { values[row] + 0.0 };
                key.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Self::Array(array) => {
                if let Some(texts) = array.as_string_opt::<i32>() {
                    write_bytes(texts.value(row).as_bytes(), key);
                } else if let Some(bytes) = array.as_binary_opt::<i32>() {
                    write_bytes(bytes.value(row), key);
                } else {
                    let mut text = String::new();
                    write_json(*array, row, &mut text);
                    write_bytes(text.as_bytes(), key);
                }
            }
        }
    }
}

fn write_bytes(bytes: &[u8], key: &mut Vec<u8>) {
    key.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    key.extend_from_slice(bytes);
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
        assert_eq!(count(&Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN])), 2);
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
