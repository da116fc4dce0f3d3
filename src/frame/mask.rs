//! Mask: one bit a row.

use std::ops::Range;

/// Holds one bit for each row of a batch; a set bit marks a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mask {
    words: Vec<u64>,
    len: usize,
}

impl Mask {
    /// Makes a mask of `len` rows, none marked.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Makes a mask of `len` rows, all marked.
    #[must_use]
    pub fn full(len: usize) -> Self {
        let mut mask = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        mask.trim();
        mask
    }

    /// Makes a mask from a test of each row.
    pub fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        // Word by word, so that simple tests compile to loops without branches.
        let word = |start: usize| {
            (start..len.min(start + 64)).fold(0, |word, row| word | u64::from(test(row)) << (row - start))
        };
        Self { words: (0..len).step_by(64).map(word).collect(), len }
    }

    /// Marks those of `rows` that pass a test, which is asked in order; `rows` starts at a multiple of 64.
    pub fn or_fn(&mut self, rows: Range<usize>, mut test: impl FnMut(usize) -> bool) {
        debug_assert!(rows.start.is_multiple_of(64) && rows.end <= self.len, "{rows:?} of {}", self.len);
        for (word, start) in self.words.iter_mut().skip(rows.start / 64).zip(rows.clone().step_by(64)) {
            let here = start..rows.end.min(start + 64);
            *word |= here.fold(0, |word, row| word | u64::from(test(row)) << (row - start));
        }
    }

    /// Gives the number of rows, marked or not.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there are no rows at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Marks a row.
    pub fn set(&mut self, row: usize) {
        debug_assert!(row < self.len, "row {row} of {}", self.len);
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Unmarks a row.
    pub fn clear(&mut self, row: usize) {
        debug_assert!(row < self.len, "row {row} of {}", self.len);
        self.words[row / 64] &= !(1 << (row % 64));
    }

    /// Tells whether a row is marked.
    #[must_use]
    pub fn get(&self, row: usize) -> bool {
        debug_assert!(row < self.len, "row {row} of {}", self.len);
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// Gives the bits of 64 rows, the first lowest: the rows from 64 times `at` on.
    #[must_use]
    pub fn word(&self, at: usize) -> u64 {
        self.words.get(at).copied().unwrap_or(0)
    }

    /// Counts the marked rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Tells whether any row is marked.
    #[must_use]
    pub fn any(&self) -> bool {
        self.words.iter().any(|word| *word != 0)
    }

    /// Tells whether both mark some row. They have the same length.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(word, more)| word & more != 0)
    }

    /// Marks every row that `other` marks. Both have the same length.
    pub fn or(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// Keeps only rows that `other` marks too.
    pub fn and(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word &= more;
        }
    }

    /// Unmarks every row that `other` marks.
    pub fn and_not(&mut self, other: &Self) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    /// Gives the mask of exactly the other rows.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let mut mask = Self { words: self.words.iter().map(|word| !word).collect(), len: self.len };
        mask.trim();
        mask
    }

    /// Walks the marked rows, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    index * 64 + bit
                })
            })
        })
    }

    /// Gives the marks of some of the rows, ascending, as a mask of their own.
    #[must_use]
    pub fn select(&self, rows: &Self) -> Self {
        let mut mask = Self::new(rows.count());
        for (place, row) in rows.rows().enumerate() {
            if self.get(row) {
                mask.set(place);
            }
        }
        mask
    }

    /// Gives the bits as an Arrow boolean buffer: set where marked.
    #[must_use]
    pub fn to_boolean_buffer(&self) -> arrow_buffer::BooleanBuffer {
        let buffer = arrow_buffer::Buffer::from_vec(self.words.clone());
        arrow_buffer::BooleanBuffer::new(buffer, 0, self.len)
    }

    fn trim(&mut self) {
        let rest = self.len % 64;
        if rest != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << rest) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_set() {
        let mask = Mask::from_fn(130, |row| row % 3 == 0);
        assert_eq!(mask.rows().collect::<Vec<_>>(), (0..130).step_by(3).collect::<Vec<_>>());
        assert_eq!(mask.count() + mask.inverse().count(), 130);
        assert_eq!(Mask::full(130).count(), 130);
    }
}
