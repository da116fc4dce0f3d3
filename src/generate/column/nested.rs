//! Lists and structs.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType as Arrow, Fields};

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

impl Items {
    /// Makes lists.
    ///
    /// # Errors
    /// As the elements; and where a batch has more of them than an array can hold.
    pub fn fill(&self, node: &Node, cells: &Cells, frame: &Frame<'_>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let Arrow::List(field) = &node.arrow else { return Err(mistyped(node)) };
        let spread = (self.most.saturating_sub(self.least)).saturating_add(1);
        let capacity = cells.len() * usize::try_from(self.least.midpoint(self.most).min(64) + 1).unwrap_or(1);
        let mut offsets: Vec<i32> = Vec::with_capacity(cells.len() + 1);
        let (mut rows, mut seeds) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        let (mut ordinals, mut owners) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        offsets.push(0);
        for (at, owner) in (0..cells.len()).zip(0u32..) {
            let cell = cells.seeds[at].wrapping_add(node.key);
            let valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(at));
            let length = if valid { self.least + Draws::new(cell).below(spread) } else { 0 };
            let mut element = mix(cell);
            for ordinal in 0..u32::try_from(length).unwrap_or(u32::MAX) {
                element = element.wrapping_add(0x9e37_79b9_7f4a_7c15);
                rows.push(cells.rows[at]);
                seeds.push(mix(element));
                ordinals.push(ordinal);
                owners.push(owner);
            }
            let end = i32::try_from(seeds.len()).map_err(|_| {
                Error::output(format!("the lists of `{}` are too long for one batch", node.path)).hint("make fewer rows at once")
            })?;
            offsets.push(end);
        }
        let elements = Cells { rows, seeds, ordinals: Some(ordinals) };
        let valid = self.structs.as_ref().and_then(|(nulls, key)| nulls.of(&elements, *key));
        let inner = Frame::new(frame.table, &self.scope, elements, Some((frame, Some(owners))));
        let values = match (field.data_type(), &self.structs) {
            (Arrow::Struct(fields), Some(_)) => structs(fields, &inner, valid)?,
            _ => inner.array(0)?,
        };
        // Counted up above.
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let list = ListArray::try_new(field.clone(), offsets, values, nulls);
        Ok(Arc::new(list.map_err(|error| mistyped(node).because(error))?))
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
    frame: &Frame<'_>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let Arrow::Struct(fields) = &node.arrow else { return Err(mistyped(node)) };
    // The fields of a struct and the column itself must not draw alike.
    let seeds = cells.seeds.iter().map(|seed| mix(seed.wrapping_add(node.key))).collect();
    let inside = Cells { rows: cells.rows.clone(), seeds, ordinals: cells.ordinals.clone() };
    let inner = Frame::new(frame.table, scope, inside, Some((frame, None)));
    structs(fields, &inner, nulls)
}

fn structs(fields: &Fields, inner: &Frame<'_>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let arrays = (0..fields.len()).map(|index| inner.array(index)).collect::<Result<Vec<_>>>()?;
    let made = StructArray::try_new_with_length(fields.clone(), arrays, nulls, inner.cells.len());
    made.map(|array| Arc::new(array) as ArrayRef)
        .map_err(|error| Error::new(ErrorKind::Contract, "a struct does not fit its type").because(error))
}

fn mistyped(node: &Node) -> Error {
    Error::new(ErrorKind::Contract, format!("`{}` is not of its contract's type in memory", node.path))
}
