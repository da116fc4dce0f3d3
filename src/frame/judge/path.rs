//! Paths into nested columns: the elements `basket[].price` reaches, and the row each belongs to.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};

use crate::frame::mask::Mask;
use crate::model::Step;

/// The elements a path reaches in a column, all rows one after the other.
#[derive(Debug, Clone)]
pub struct Reach {
    pub elements: ArrayRef,
    /// Elements whose every parent exists; `None` where all do. A field of a NULL struct does not exist.
    exists: Option<NullBuffer>,
    /// The offsets of each list on the way, outermost first.
    lists: Vec<OffsetBuffer<i32>>,
}

impl Reach {
    /// Follows the steps of a path through an array. `None` where the array is not nested as the steps say.
    #[must_use]
    pub fn new(column: &ArrayRef, steps: &[Step]) -> Option<Self> {
        Self::within(column, steps, 0, column.len())
    }

    /// The same for one row alone, which then has the number 0.
    #[must_use]
    pub fn of_row(column: &ArrayRef, steps: &[Step], row: usize) -> Option<Self> {
        if row < column.len() { Self::within(column, steps, row, 1) } else { None }
    }

    /// Follows the steps from `len` rows on. Only what the path ends at is cut out: each cut of a struct cuts all of
    /// its fields.
    fn within(column: &ArrayRef, steps: &[Step], start: usize, len: usize) -> Option<Self> {
        let (mut at, mut start, mut len) = (column, start, len);
        let mut exists: Option<NullBuffer> = None;
        let mut lists = Vec::new();
        for step in steps {
            let valid = at.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| nulls.slice(start, len));
            exists = union(exists.as_ref(), valid.as_ref());
            match step {
                Step::Items => {
                    let list = at.as_list_opt::<i32>()?;
                    let offsets = list.offsets().slice(start, len);
                    exists = exists.and_then(|parents| spread(&offsets, &parents));
                    start = index(offsets.first());
                    len = index(offsets.last()).saturating_sub(start);
                    at = list.values();
                    lists.push(offsets);
                }
                Step::Field(field) => at = at.as_struct_opt()?.columns().get(*field)?,
            }
        }
        let whole = start == 0 && len == at.len();
        let elements = if whole { at.clone() } else { at.slice(start, len) };
        Some(Self { elements, exists, lists })
    }

    /// Gives the number of elements, those that do not exist included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Tells whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells whether each row has exactly one element, at its own number.
    #[must_use]
    pub const fn is_flat(&self) -> bool {
        self.lists.is_empty()
    }

    /// Tells whether all parents of an element exist.
    #[must_use]
    pub fn exists(&self, element: usize) -> bool {
        self.exists.as_ref().is_none_or(|exists| exists.is_valid(element))
    }

    /// Tells whether an element exists and is not NULL.
    #[must_use]
    pub fn is_value(&self, element: usize) -> bool {
        self.exists(element) && self.elements.is_valid(element)
    }

    /// Tells whether some elements are NULL or do not exist.
    #[must_use]
    pub fn may_lack(&self) -> bool {
        self.exists.is_some() || self.elements.null_count() > 0
    }

    /// Marks the elements that exist and are NULL.
    #[must_use]
    pub fn nulls(&self) -> Mask {
        match self.elements.nulls() {
            Some(nulls) if nulls.null_count() > 0 => {
                Mask::from_fn(self.len(), |at| nulls.is_null(at) && self.exists(at))
            }
            _ => Mask::new(self.len()),
        }
    }

    /// Gives the row an element belongs to.
    #[must_use]
    pub fn row_of(&self, element: usize) -> usize {
        self.lists.iter().rev().fold(element, |at, offsets| parent_of(offsets, at))
    }

    /// Gives the elements of a row, as a range: they lie side by side.
    #[must_use]
    pub fn elements_of(&self, row: usize) -> std::ops::Range<usize> {
        let first = |row: usize| {
            self.lists
                .iter()
                .fold(row, |at, offsets| offsets.get(at).map_or(0, |offset| index(*offset)) - index(offsets.first()))
        };
        first(row)..first(row + 1)
    }

    /// Marks the elements that exist in the marked rows.
    #[must_use]
    pub fn elements_in(&self, rows: &Mask) -> Mask {
        let mut elements = if self.is_flat() {
            rows.clone()
        } else {
            // Mostly all rows are marked, so the others are looked for.
            let mut elements = Mask::full(self.len());
            rows.inverse().rows().flat_map(|row| self.elements_of(row)).for_each(|element| elements.clear(element));
            elements
        };
        if let Some(exists) = &self.exists {
            elements.and(&Mask::from_fn(self.len(), |element| exists.is_valid(element)));
        }
        elements
    }

    /// Gives the place of an element in each list on the way, outermost first.
    #[must_use]
    pub fn indexes(&self, element: usize) -> Vec<usize> {
        let mut at = element;
        let mut indexes: Vec<usize> = self
            .lists
            .iter()
            .rev()
            .map(|offsets| {
                let parent = parent_of(offsets, at);
                let first = offsets.get(parent).map_or(0, |o| index(*o)) - index(offsets.first());
                let place = at - first;
                at = parent;
                place
            })
            .collect();
        indexes.reverse();
        indexes
    }

    /// Marks the rows that have a marked element.
    #[must_use]
    pub fn to_rows(&self, elements: Mask, rows: usize) -> Mask {
        if self.is_flat() {
            return elements;
        }
        let mut mask = Mask::new(rows);
        for element in elements.rows() {
            mask.set(self.row_of(element));
        }
        mask
    }
}

/// Writes a path with the place in each list: `basket[].price` and 1 give `basket[1].price`.
#[must_use]
pub fn with_indexes(path: &str, indexes: &[usize]) -> String {
    let mut text = String::with_capacity(path.len() + 4);
    let mut indexes = indexes.iter();
    for (at, piece) in path.split("[]").enumerate() {
        if at > 0 {
            match indexes.next() {
                Some(index) => {
                    let _ = write!(text, "[{index}]");
                }
                None => text.push_str("[]"),
            }
        }
        text.push_str(piece);
    }
    text
}

/// Gives the list an element lies in; elements count from the first offset.
fn parent_of(offsets: &OffsetBuffer<i32>, element: usize) -> usize {
    let target = index(offsets.first()) + element;
    offsets.partition_point(|offset| index(*offset) <= target).saturating_sub(1)
}

/// Says what exists in both; `None` where all does.
fn union(exists: Option<&NullBuffer>, valid: Option<&NullBuffer>) -> Option<NullBuffer> {
    let some = |nulls: &&NullBuffer| nulls.null_count() > 0;
    NullBuffer::union(exists.filter(some), valid.filter(some))
}

/// Says of each element whether its list exists; `None` where all do.
fn spread(offsets: &OffsetBuffer<i32>, parents: &NullBuffer) -> Option<NullBuffer> {
    // A NULL list has no elements as a rule, though Arrow allows it some.
    let mut behind = 0;
    let hides = parents.valid_slices().chain([(parents.len(), parents.len())]).any(|(start, end)| {
        let gap = offsets.get(behind) < offsets.get(start);
        behind = end;
        gap
    });
    if !hides {
        return None;
    }
    let valid: BooleanBuffer = offsets
        .windows(2)
        .enumerate()
        .flat_map(|(parent, ends)| std::iter::repeat_n(parents.is_valid(parent), index(ends[1]) - index(ends[0])))
        .collect();
    Some(NullBuffer::new(valid))
}

fn index(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, ListArray, StructArray};
    use arrow_schema::{DataType, Field};

    use super::*;

    /// `[{1}, NULL, {NULL}]`, NULL with a hidden element, `[]`, `[{4}]`.
    fn basket() -> ArrayRef {
        let prices: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None, Some(9), Some(4)]));
        let fields = vec![Arc::new(Field::new("price", DataType::Int64, true))];
        let items =
            StructArray::new(fields.into(), vec![prices], Some(NullBuffer::from(vec![true, false, true, true, true])));
        let item = Arc::new(Field::new("item", items.data_type().clone(), true));
        let offsets = OffsetBuffer::new(vec![0, 3, 4, 4, 5].into());
        let nulls = NullBuffer::from(vec![true, false, true, true]);
        Arc::new(ListArray::new(item, offsets, Arc::new(items), Some(nulls)))
    }

    #[test]
    fn elements_know_their_rows_and_parents() {
        let reach = Reach::new(&basket(), &[Step::Items, Step::Field(0)]).unwrap();
        assert_eq!(reach.len(), 5);
        assert_eq!((0..5).map(|at| reach.row_of(at)).collect::<Vec<_>>(), [0, 0, 0, 1, 3]);
        assert_eq!((0..5).map(|at| reach.is_value(at)).collect::<Vec<_>>(), [true, false, false, false, true]);
        assert_eq!(reach.nulls().rows().collect::<Vec<_>>(), [2]);
        assert_eq!(reach.indexes(2), [2]);
        assert_eq!(reach.indexes(4), [0]);
        assert_eq!([0, 1, 2, 3].map(|row| reach.elements_of(row)), [0..3, 3..4, 4..4, 4..5]);
        assert_eq!(reach.to_rows(Mask::full(5), 4).rows().collect::<Vec<_>>(), [0, 1, 3]);
        assert_eq!(reach.elements_in(&Mask::full(4)).rows().collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(reach.elements_in(&Mask::from_fn(4, |row| row != 0)).rows().collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn slices_count_from_their_own_start() {
        let sliced = basket().slice(2, 2);
        let reach = Reach::new(&sliced, &[Step::Items, Step::Field(0)]).unwrap();
        assert_eq!(reach.len(), 1);
        assert_eq!(reach.row_of(0), 1);
        assert_eq!([0, 1].map(|row| reach.elements_of(row)), [0..0, 0..1]);
        assert_eq!(reach.indexes(0), [0]);
        assert!(reach.is_value(0));
        let path = [Step::Items, Step::Field(0)];
        for row in 0..4 {
            let (alone, sliced) = (Reach::of_row(&basket(), &path, row), Reach::new(&basket().slice(row, 1), &path));
            let told = |reach: Reach| {
                let values = (0..reach.len()).map(|at| (reach.exists(at), reach.is_value(at), reach.indexes(at)));
                (values.collect::<Vec<_>>(), reach.elements)
            };
            assert_eq!(alone.map(told), sliced.map(told), "{row}");
        }
        assert!(Reach::of_row(&basket(), &path, 4).is_none());
    }

    #[test]
    fn lists_in_lists() {
        let leaves = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
        let leaf = Arc::new(Field::new("item", DataType::Int64, true));
        let inner = ListArray::new(leaf, OffsetBuffer::new(vec![0, 1, 1, 4].into()), leaves, None);
        let item = Arc::new(Field::new("item", inner.data_type().clone(), true));
        let outer: ArrayRef =
            Arc::new(ListArray::new(item, OffsetBuffer::new(vec![0, 0, 2, 3].into()), Arc::new(inner), None));
        let reach = Reach::new(&outer, &[Step::Items, Step::Items]).unwrap();
        assert_eq!((0..4).map(|at| reach.row_of(at)).collect::<Vec<_>>(), [1, 2, 2, 2]);
        assert_eq!(reach.indexes(3), [0, 2]);
        assert_eq!([0, 1, 2].map(|row| reach.elements_of(row)), [0..0, 0..1, 1..4]);
        assert_eq!(with_indexes("a[][]", &[0, 2]), "a[0][2]");
    }

    #[test]
    fn paths_are_written_with_places() {
        assert_eq!(with_indexes("basket[].price", &[1]), "basket[1].price");
        assert_eq!(with_indexes("price", &[]), "price");
        assert_eq!(with_indexes("a[].b[]", &[3, 4]), "a[3].b[4]");
    }

    #[test]
    fn other_arrays_are_not_followed() {
        let flat: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert!(Reach::new(&flat, &[Step::Items]).is_none());
        assert!(Reach::new(&flat, &[Step::Field(0)]).is_none());
        assert!(Reach::new(&flat, &[]).unwrap().is_flat());
    }
}
