//! References: whose parent is not there.

use arrow_array::{Array, ArrayRef};

use crate::frame::judge::path::{Reach, with_indexes};
use crate::frame::keys::distinct::DistinctKeys;
use crate::frame::keys::hash::whole;
use crate::frame::mask::Mask;
use crate::model::ColumnPath;

/// Keys that rows refer to, and what becomes of a key with a NULL in it.
#[derive(Debug, Clone, Copy)]
pub struct References<'a> {
    /// One path, which may reach into lists and structs, or several columns.
    pub paths: &'a [ColumnPath],
    /// The keys of the rows that may be named.
    pub parents: &'a DistinctKeys,
    /// A key with a NULL in it dangles; else it refers to nothing.
    pub null_fails: bool,
}

impl References<'_> {
    /// Marks the rows among `rows` with a reference that dangles. `columns` are the table's.
    #[must_use]
    pub fn dangling(&self, columns: &[ArrayRef], rows: &Mask) -> Mask {
        let Some(reach) = self.reach(columns) else {
            return self.dangle(&self.whole_rows(columns), rows);
        };
        let dangle = self.dangle(&[reach.elements.as_ref()], &reach.elements_in(rows));
        reach.to_rows(dangle, rows.len())
    }

    /// Names the first reference of a row that dangles: its path with list positions, and where its value lies.
    #[must_use]
    pub fn first_dangling(&self, columns: &[ArrayRef], row: usize) -> Option<(String, Vec<(ArrayRef, usize)>)> {
        let Some(reach) = self.reach(columns) else {
            let names: Vec<&str> = self.paths.iter().map(|path| path.text.as_str()).collect();
            let cells: Vec<(ArrayRef, usize)> =
                self.paths.iter().map(|path| (columns[path.column].clone(), row)).collect();
            let dangles = self.dangles(&self.whole_rows(columns), row);
            return dangles.then(|| (names.join("+"), cells));
        };
        let mut elements = reach.elements_of(row);
        let found =
            elements.find(|element| reach.exists(*element) && self.dangles(&[reach.elements.as_ref()], *element))?;
        let path = with_indexes(&self.paths.first()?.text, &reach.indexes(found));
        Some((path, vec![(reach.elements.clone(), found)]))
    }

    /// Follows the only path; `None` where there are several columns.
    fn reach(&self, columns: &[ArrayRef]) -> Option<Reach> {
        let [path] = self.paths else { return None };
        Reach::new(&columns[path.column], &path.steps)
    }

    fn whole_rows<'a>(&self, columns: &'a [ArrayRef]) -> Vec<&'a dyn Array> {
        self.paths.iter().map(|path| columns[path.column].as_ref()).collect()
    }

    /// Marks the keys among those marked in `asked` that dangle.
    fn dangle(&self, columns: &[&dyn Array], asked: &Mask) -> Mask {
        let mut dangle = if self.null_fails { asked.clone() } else { whole(columns, asked) };
        dangle.and_not(&self.parents.present(columns, asked));
        dangle
    }

    fn dangles(&self, columns: &[&dyn Array], at: usize) -> bool {
        let cells: Vec<ArrayRef> = columns.iter().map(|column| column.slice(at, 1)).collect();
        let cells: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
        self.dangle(&cells, &Mask::full(1)).any()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int64Type;
    use arrow_array::{Int64Array, ListArray};

    use super::*;
    use crate::model::Step;

    fn parents(keys: &[i64]) -> DistinctKeys {
        let array = Int64Array::from(keys.to_vec());
        let mut set = DistinctKeys::new([array.data_type()]);
        set.add(&[&array], &Mask::full(keys.len()));
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
