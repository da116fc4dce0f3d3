//! `DistinctKeys`: an exact, compact set of keys.

use arrow_array::Array;
use arrow_schema::DataType;

use crate::frame::keys::hash::{KeyHasher, hash_bytes};
use crate::frame::keys::texts::TextSet;
use crate::frame::keys::words::WordSet;
use crate::frame::mask::Mask;

/// Holds the different keys of some rows: 10 to 14 bytes for a key that fits 64 bits (see [`KeyHasher`]), else the key's
/// bytes and about 10.
#[derive(Debug, Clone)]
pub struct DistinctKeys {
    hasher: KeyHasher,
    words: WordSet,
    texts: TextSet,
}

impl DistinctKeys {
    /// Makes an empty set for keys of columns of these types. Keys of other types may be added and asked for: numbers of
    /// any width and scale are equal where their values are.
    #[must_use]
    pub fn new<'a>(types: impl IntoIterator<Item = &'a DataType>) -> Self {
        Self { hasher: KeyHasher::new(types), words: WordSet::default(), texts: TextSet::default() }
    }

    /// Gives the number of keys.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.words.len() + self.texts.len()
    }

    /// Tells whether there are no keys.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the keys of the marked rows. Rows with a NULL or NaN in their key have none.
    pub fn add(&mut self, columns: &[&dyn Array], rows: &Mask) {
        let (bytes, mut scratch) = (self.hasher.bytes(columns), Vec::new());
        let (words, texts) = (&mut self.words, &mut self.texts);
        self.hasher.each(columns, rows, |row, key| {
            if key.exact {
                words.insert(key.word());
            } else {
                texts.insert(bytes.of(row, &mut scratch));
            }
        });
    }

    /// Marks the rows among `rows` whose key is in the set.
    #[must_use]
    pub fn present(&self, columns: &[&dyn Array], rows: &Mask) -> Mask {
        let mut present = Mask::new(rows.len());
        let (bytes, mut scratch) = (self.hasher.bytes(columns), Vec::new());
        let (mut at, mut words) = (Vec::new(), Vec::new());
        self.hasher.each(columns, rows, |row, key| {
            if key.exact {
                at.push(row);
                words.push(key.word());
            } else if !self.texts.is_empty() {
                let text = bytes.of(row, &mut scratch);
                if self.texts.contains(hash_bytes(text), text) {
                    present.set(row);
                }
            }
        });
        self.words.look_up(&words, |index| present.set(at[index]));
        present
    }

    /// Adds all keys of another set of the same types.
    pub fn merge(&mut self, other: &Self) {
        for word in other.words.iter() {
            self.words.insert(word);
        }
        for text in other.texts.iter() {
            self.texts.insert(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Decimal128Array, Int32Array, Int64Array, StringArray};

    use super::*;

    fn marked(set: &DistinctKeys, columns: &[ArrayRef]) -> Vec<usize> {
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        set.present(&columns, &Mask::full(columns[0].len())).rows().collect()
    }

    fn of(columns: &[ArrayRef]) -> DistinctKeys {
        let mut set = DistinctKeys::new(columns.iter().map(|column| column.data_type()));
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        set.add(&columns, &Mask::full(columns[0].len()));
        set
    }

    #[test]
    fn numbers_are_found_whatever_their_type() {
        let set = of(&[Arc::new(Int64Array::from(vec![Some(1), None, Some(-5), Some(1)]))]);
        assert_eq!(set.len(), 2);
        let narrow: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, -5]));
        assert_eq!(marked(&set, &[narrow]), [0, 2]);
        let decimals = Decimal128Array::from(vec![100, 150, -500]).with_precision_and_scale(9, 2).unwrap();
        assert_eq!(marked(&set, &[Arc::new(decimals)]), [0, 2]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        assert!(marked(&set, &[texts]).is_empty());
    }

    #[test]
    fn texts_and_keys_of_several_columns() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "a much longer text", "", "a"]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 1]));
        let (one, both) = (of(std::slice::from_ref(&texts)), of(&[texts.clone(), numbers.clone()]));
        assert_eq!((one.len(), both.len()), (3, 3));
        let asked: ArrayRef =
            Arc::new(StringArray::from(vec!["", "a much longer text", "another much longer text", "b"]));
        assert_eq!(marked(&one, std::slice::from_ref(&asked)), [0, 1]);
        assert_eq!(marked(&both, &[asked, numbers]), [1]);
        let mut merged = of(&[Arc::new(StringArray::from(vec!["a", "one more long text"]))]);
        merged.merge(&one);
        assert_eq!(merged.len(), 4);
    }
}
