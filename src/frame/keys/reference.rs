//! References: whose parent is not there.

use arrow_array::ArrayRef;

use crate::frame::judge::path::{Reach, with_indexes};
use crate::frame::keys::encode::KeyEncoder;
use crate::frame::keys::set::KeySet;
use crate::frame::mask::Mask;
use crate::model::ColumnPath;

/// Keys that rows refer to, and what becomes of a key with a NULL in it.
#[derive(Debug, Clone, Copy)]
pub struct References<'a> {
    /// One path, which may reach into lists and structs, or several columns.
    pub paths: &'a [ColumnPath],
    /// The keys of the rows that may be named.
    pub parents: &'a KeySet,
    /// A key with a NULL in it dangles; else it refers to nothing.
    pub null_fails: bool,
}

impl References<'_> {
    /// Marks the rows among `rows` with a reference that dangles. `columns` are the table's.
    #[must_use]
    pub fn dangling(&self, columns: &[ArrayRef], rows: &Mask) -> Mask {
        let mut failed = Mask::new(rows.len());
        let mut key = Vec::new();
        let Some(reach) = self.reach(columns) else {
            let encoder = self.whole_rows(columns);
            for row in rows.rows().filter(|row| self.dangles(&encoder, *row, &mut key)) {
                failed.set(row);
            }
            return failed;
        };
        let encoder = KeyEncoder::new(vec![reach.elements.as_ref()]);
        for element in (0..reach.len()).filter(|element| reach.exists(*element)) {
            let row = reach.row_of(element);
            if rows.get(row) && self.dangles(&encoder, element, &mut key) {
                failed.set(row);
            }
        }
        failed
    }

    /// Names the first reference of a row that dangles: its path with list positions, and where its value lies.
    #[must_use]
    pub fn first_dangling(&self, columns: &[ArrayRef], row: usize) -> Option<(String, Vec<(ArrayRef, usize)>)> {
        let mut key = Vec::new();
        let Some(reach) = self.reach(columns) else {
            let names: Vec<&str> = self.paths.iter().map(|path| path.text.as_str()).collect();
            let cells = self.paths.iter().map(|path| (columns[path.column].clone(), row)).collect();
            let dangles = self.dangles(&self.whole_rows(columns), row, &mut key);
            return dangles.then(|| (names.join("+"), cells));
        };
        let encoder = KeyEncoder::new(vec![reach.elements.as_ref()]);
        let found = reach
            .elements_of(row)
            .find(|element| reach.exists(*element) && self.dangles(&encoder, *element, &mut key))?;
        let path = with_indexes(&self.paths.first()?.text, &reach.indexes(found));
        Some((path, vec![(reach.elements.clone(), found)]))
    }

    /// Follows the only path; `None` where there are several columns.
    fn reach(&self, columns: &[ArrayRef]) -> Option<Reach> {
        let [path] = self.paths else { return None };
        Reach::new(&columns[path.column], &path.steps)
    }

    fn whole_rows<'a>(&self, columns: &'a [ArrayRef]) -> KeyEncoder<'a> {
        KeyEncoder::new(self.paths.iter().map(|path| columns[path.column].as_ref()).collect())
    }

    fn dangles(&self, encoder: &KeyEncoder<'_>, at: usize, key: &mut Vec<u8>) -> bool {
        if encoder.encode(at, key) { !self.parents.contains(key) } else { self.null_fails }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int64Type;
    use arrow_array::{Int64Array, ListArray};

    use super::*;
    use crate::model::Step;

    fn parents(keys: &[i64]) -> KeySet {
        let array: ArrayRef = Arc::new(Int64Array::from(keys.to_vec()));
        let columns = [array];
        let (encoder, mut set, mut key) = (KeyEncoder::of(&columns), KeySet::new(), Vec::new());
        for row in 0..keys.len() {
            assert!(encoder.encode(row, &mut key));
            set.get_or_insert(&key, ());
        }
        set
    }

    #[test]
    fn elements_of_lists_refer_each_for_itself() {
        let rows =
            vec![Some(vec![Some(1), Some(9)]), None, Some(vec![]), Some(vec![None, Some(1)]), Some(vec![Some(8)])];
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows));
        let (columns, parents) = ([lists], parents(&[1, 2]));
        let paths = [ColumnPath { text: "items[]".to_owned(), column: 0, steps: vec![Step::Items] }];
        let loose = References { paths: &paths, parents: &parents, null_fails: false };
        assert_eq!(loose.dangling(&columns, &Mask::full(5)).rows().collect::<Vec<_>>(), [0, 4]);
        let strict = References { null_fails: true, ..loose };
        assert_eq!(strict.dangling(&columns, &Mask::full(5)).rows().collect::<Vec<_>>(), [0, 3, 4]);
        let mut but_first = Mask::full(5);
        but_first.clear(0);
        assert_eq!(loose.dangling(&columns, &but_first).rows().collect::<Vec<_>>(), [4]);
        let (path, cells) = loose.first_dangling(&columns, 0).expect("9 is nobody's");
        assert_eq!((path.as_str(), cells[0].1), ("items[1]", 1));
        assert!(loose.first_dangling(&columns, 3).is_none());
        assert_eq!(strict.first_dangling(&columns, 3).expect("NULL fails").0, "items[0]");
    }
}
