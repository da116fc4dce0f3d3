//! Lists and structs.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType as Arrow, Fields};

use crate::frame::drawn::Made;
use crate::generate::column::frame::Frame;
use crate::generate::column::link::Link;
use crate::generate::column::{Cells, Node, Nulls};
use crate::generate::random::{Draws, mix};
use crate::model::{Error, ErrorKind, Result};

/// Names a reference: so many scopes further out, this index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkAt {
    pub up: usize,
    pub index: usize,
}

/// Columns that stand side by side (of a table, or fields of a struct) and their references.
#[derive(Debug, Default)]
pub struct Scope {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
}

/// The elements of a list.
#[derive(Debug)]
pub struct Items {
    /// Inclusive.
    pub least: u64,
    pub most: u64,
    /// The fields of the element where it is a struct, else the element as the only node.
    pub scope: Scope,
    /// NULL elements, where they are structs, and the key of their draws.
    pub structs: Option<(Nulls, u64)>,
}

/// Lists of at most so many elements are short.
const SHORT: usize = 4;

/// The elements of lists, side by side: row, seed, place in the list, list.
struct Elements {
    rows: Vec<u64>,
    seeds: Vec<u64>,
    ordinals: Vec<u32>,
    owners: Vec<u32>,
}

impl Elements {
    fn with_room(total: usize) -> Self {
        Self {
            rows: Vec::with_capacity(total),
            seeds: Vec::with_capacity(total),
            ordinals: Vec::with_capacity(total),
            owners: Vec::with_capacity(total),
        }
    }

    /// Adds lists of at most `N` elements, by the place of their first element, their length, row and seed. All are
    /// written at full length, each over what the last one left too much: a loop that always turns as often runs much
    /// faster.
    #[expect(clippy::cast_possible_truncation, reason = "short lists")]
    fn short<const N: usize>(&mut self, lists: impl Iterator<Item = (usize, usize, u64, u64)>) {
        for ((start, _, row, seed), owner) in lists.zip(0u32..) {
            self.cut(start);
            self.rows.extend_from_slice(&[row; N]);
            self.seeds.extend_from_slice(&std::array::from_fn::<u64, N, _>(|at| element(seed, at as u64)));
            self.ordinals.extend_from_slice(&std::array::from_fn::<u32, N, _>(|at| at as u32));
            self.owners.extend_from_slice(&[owner; N]);
        }
    }

    fn any(&mut self, lists: impl Iterator<Item = (usize, usize, u64, u64)>) {
        for ((_, length, row, seed), owner) in lists.zip(0u32..) {
            self.rows.extend(std::iter::repeat_n(row, length));
            self.seeds.extend((0..length as u64).map(|at| element(seed, at)));
            self.ordinals.extend((0u32..).take(length));
            self.owners.extend(std::iter::repeat_n(owner, length));
        }
    }

    fn cut(&mut self, total: usize) {
        self.rows.truncate(total);
        self.seeds.truncate(total);
        self.ordinals.truncate(total);
        self.owners.truncate(total);
    }
}

/// Gives the seed of an element of a list.
#[inline]
const fn element(seed: u64, at: u64) -> u64 {
    mix(seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

impl Items {
    /// Makes lists.
    ///
    /// # Errors
    /// As the elements; and where a batch has more of them than an array can hold.
    pub fn fill(
        &self,
        node: &Node,
        cells: &Cells,
        frame: &Frame<'_, '_>,
        nulls: Option<NullBuffer>,
    ) -> Result<ArrayRef> {
        let Arrow::List(field) = &node.arrow else { return Err(mistyped(node)) };
        let (offsets, elements, owners) = self.elements(node, cells, nulls.as_ref())?;
        let valid = self.structs.as_ref().and_then(|(nulls, key)| nulls.of(&elements, *key));
        let inner = Frame::new(frame.table, &self.scope, elements, Some((frame, Some(owners))));
        let values = match (field.data_type(), &self.structs) {
            (Arrow::Struct(fields), Some(_)) => structs(fields, &inner, valid)?,
            _ => inner.array(0)?,
        };
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let list = ListArray::try_new(field.clone(), offsets, values, nulls);
        Ok(Arc::new(list.map_err(|error| mistyped(node).because(error))?))
    }

    /// Makes lists, none of them NULL, in the form in which they are quickest written.
    ///
    /// # Errors
    /// As [`Items::fill`].
    pub fn made<'c>(&'c self, node: &Node, frame: &Frame<'c, '_>) -> Result<Made<'c>> {
        if matches!(self.structs, Some((Nulls::Always | Nulls::Rate { .. } | Nulls::Exact(..), _))) {
            return Ok(Made::Array(self.fill(node, &frame.cells, frame, None)?));
        }
        let (offsets, elements, owners) = self.elements(node, &frame.cells, None)?;
        let inner = Frame::new(frame.table, &self.scope, elements, Some((frame, Some(owners))));
        let values = match self.structs {
            Some(_) => Made::Struct((0..self.scope.nodes.len()).map(|index| inner.made(index)).collect::<Result<_>>()?),
            None => inner.made(0)?,
        };
        Ok(Made::List(offsets, Box::new(values)))
    }

    /// Makes the elements of lists: where each list ends behind a 0, the cells, and the list of each.
    fn elements(&self, node: &Node, cells: &Cells, nulls: Option<&NullBuffer>) -> Result<(Vec<i32>, Cells, Vec<u32>)> {
        let spread = (self.most.saturating_sub(self.least)).saturating_add(1);
        let too_long = || {
            Error::output(format!("the lists of `{}` are too long for one batch", node.path))
                .hint("make fewer rows at once")
        };
        let mut offsets: Vec<i32> = Vec::with_capacity(cells.len() + 1);
        let mut end = 0u64;
        offsets.push(0);
        for (at, seed) in cells.seeds.iter().enumerate() {
            let length = self.least + Draws::new(seed.wrapping_add(node.key)).below(spread);
            end += if nulls.is_none_or(|nulls| nulls.is_valid(at)) { length } else { 0 };
            offsets.push(i32::try_from(end).map_err(|_| too_long())?);
        }
        let total = usize::try_from(end).map_err(|_| too_long())?;
        let mut made = Elements::with_room(total + SHORT);
        let lists = offsets.windows(2).zip(cells.rows.iter().zip(cells.seeds.iter()));
        let lists = lists.map(|(ends, (row, seed))| {
            let [start, end] = [0, 1].map(|at| ends.get(at).map_or(0, |end: &i32| end.unsigned_abs() as usize));
            (start, end - start, *row, mix(seed.wrapping_add(node.key)))
        });
        match self.most {
            0 | 1 => made.short::<1>(lists),
            2 => made.short::<2>(lists),
            3 => made.short::<3>(lists),
            4 => made.short::<SHORT>(lists),
            _ => made.any(lists),
        }
        made.cut(total);
        let Elements { rows, seeds, ordinals, owners } = made;
        let elements = Cells { rows: Arc::new(rows), seeds: Arc::new(seeds), ordinals: Some(ordinals) };
        Ok((offsets, elements, owners))
    }
}

/// Makes structs.
///
/// # Errors
/// As the fields.
pub fn fill_struct(
    scope: &Scope,
    node: &Node,
    cells: &Cells,
    frame: &Frame<'_, '_>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let Arrow::Struct(fields) = &node.arrow else { return Err(mistyped(node)) };
    let inner = Frame::new(frame.table, scope, inside(node, cells), Some((frame, None)));
    structs(fields, &inner, nulls)
}

/// Makes structs, none of them NULL, in the form in which they are quickest written.
///
/// # Errors
/// As the fields.
pub fn made_struct<'c>(scope: &'c Scope, node: &Node, frame: &Frame<'c, '_>) -> Result<Made<'c>> {
    let inner = Frame::new(frame.table, scope, inside(node, &frame.cells), Some((frame, None)));
    Ok(Made::Struct((0..scope.nodes.len()).map(|index| inner.made(index)).collect::<Result<_>>()?))
}

/// Gives the cells of a struct's fields.
fn inside(node: &Node, cells: &Cells) -> Cells {
    // The fields of a struct and the column itself must not draw alike.
    let seeds = cells.seeds.iter().map(|seed| mix(seed.wrapping_add(node.key))).collect();
    Cells { rows: cells.rows.clone(), seeds: Arc::new(seeds), ordinals: cells.ordinals.clone() }
}

fn structs(fields: &Fields, inner: &Frame<'_, '_>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let arrays = (0..fields.len()).map(|index| inner.array(index)).collect::<Result<Vec<_>>>()?;
    let made = StructArray::try_new_with_length(fields.clone(), arrays, nulls, inner.cells.len());
    made.map(|array| Arc::new(array) as ArrayRef)
        .map_err(|error| Error::new(ErrorKind::Contract, "a struct does not fit its type").because(error))
}

fn mistyped(node: &Node) -> Error {
    Error::new(ErrorKind::Contract, format!("`{}` is not of its contract's type in memory", node.path))
}
