//! Frame: the cells of one scope (a table's rows, or a struct's) with what its columns share, each made once.

use std::cell::OnceCell;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as Arrow;

use crate::frame::drawn::{Drawn, Made};
use crate::generate::column::Cells;
use crate::generate::column::link::NONE;
use crate::generate::column::nested::{LinkAt, Scope};
use crate::generate::column::table::Core;
use crate::generate::formula::Formula;
use crate::model::{Error, ErrorKind, Result};

/// Cells of a scope, and what was made for them so far.
#[derive(Debug)]
pub struct Frame<'c, 'o> {
    pub table: &'c Core,
    scope: &'c Scope,
    pub cells: Cells,
    outer: Option<Outer<'c, 'o>>,
    links: Vec<OnceCell<Arc<Vec<u64>>>>,
    arrays: Vec<OnceCell<ArrayRef>>,
}

/// The scope around, and the cell there that each cell belongs to; `None` where they are the same.
type Outer<'c, 'o> = (&'o Frame<'c, 'o>, Option<Vec<u32>>);

impl<'c, 'o> Frame<'c, 'o> {
    /// Starts a frame; nothing is made yet.
    #[must_use]
    pub fn new(table: &'c Core, scope: &'c Scope, cells: Cells, outer: Option<Outer<'c, 'o>>) -> Self {
        let links = scope.links.iter().map(|_| OnceCell::new()).collect();
        let arrays = scope.nodes.iter().map(|_| OnceCell::new()).collect();
        Self { table, scope, cells, outer, links, arrays }
    }

    /// Makes a column of the scope.
    ///
    /// # Errors
    /// As [`crate::generate::column::Node::fill`].
    pub fn array(&self, index: usize) -> Result<ArrayRef> {
        let (Some(node), Some(known)) = (self.scope.nodes.get(index), self.arrays.get(index)) else {
            return Err(unplanned());
        };
        if let Some(array) = known.get() {
            return Ok(array.clone());
        }
        let array = node.fill(self)?;
        Ok(known.get_or_init(|| array).clone())
    }

    /// Makes a column of the scope in the form in which it is quickest written.
    ///
    /// # Errors
    /// As [`Frame::array`].
    pub fn made(&self, index: usize) -> Result<Made<'c>> {
        let node = self.scope.nodes.get(index).ok_or_else(unplanned)?;
        let known = self.arrays.get(index).and_then(OnceCell::get);
        match if known.is_some() { None } else { node.made(self)? } {
            Some(made) => Ok(made),
            None => Ok(Made::Array(self.array(index)?)),
        }
    }

    /// Gives a column of the parent rows that a reference drew, where a template writes it.
    ///
    /// # Errors
    /// Where the plan names no such reference.
    pub fn parent_drawn(&self, link: LinkAt, column: usize, to: &Arrow) -> Result<Option<Drawn<'c>>> {
        let Some(template) = self.parent_table(link)?.template(column).filter(|_| *to == Arrow::Utf8) else {
            return Ok(None);
        };
        let numbers = self.parents(link)?;
        let drawn = Drawn { author: template, letters: template.made_of(), numbers, key: 1 };
        Ok((!drawn.numbers.contains(&NONE)).then_some(drawn))
    }

    /// Gives the parent row that a reference drew for each cell; `link::NONE` where it is NULL.
    fn parents(&self, link: LinkAt) -> Result<Arc<Vec<u64>>> {
        if link.up > 0 {
            let (outer, owners) = self.outer.as_ref().ok_or_else(unplanned)?;
            let rows = outer.parents(LinkAt { up: link.up - 1, ..link })?;
            return Ok(match owners {
                Some(owners) => Arc::new(owners.iter().map(|owner| rows[*owner as usize]).collect()),
                None => rows,
            });
        }
        let (Some(planned), Some(known)) = (self.scope.links.get(link.index), self.links.get(link.index)) else {
            return Err(unplanned());
        };
        let owners = self.outer.as_ref().and_then(|(_, owners)| owners.as_deref());
        Ok(known.get_or_init(|| Arc::new(planned.draw(&self.cells, owners))).clone())
    }

    /// Gives the table that a reference leads to.
    fn parent_table(&self, link: LinkAt) -> Result<&'c Core> {
        if link.up > 0 {
            let (outer, _) = self.outer.as_ref().ok_or_else(unplanned)?;
            return outer.parent_table(LinkAt { up: link.up - 1, ..link });
        }
        let planned = self.scope.links.get(link.index).ok_or_else(unplanned)?;
        Ok(planned.parent.as_deref().unwrap_or(self.table))
    }

    /// Makes a column of the parent rows that a reference drew.
    ///
    /// # Errors
    /// Where the parent's values cannot be made.
    pub fn parent_column(
        &self,
        link: LinkAt,
        column: usize,
        to: &Arrow,
        nulls: Option<NullBuffer>,
    ) -> Result<ArrayRef> {
        let table = self.parent_table(link)?;
        let mut array = if std::ptr::eq(table, self.table) {
            table.gather_rows(&self.parents(link)?, column)?
        } else {
            table.gather(&self.parents(link)?, column)?
        };
        if array.data_type() != to {
            array = arrow_cast::cast(&array, to)
                .map_err(|error| Error::new(ErrorKind::Contract, "a parent's value does not fit").because(error))?;
        }
        with_nulls(array, nulls)
    }

    /// Gives cells that are drawn by the parent row of a reference.
    ///
    /// # Errors
    /// Where the plan names no such reference.
    pub fn cells_per(&self, link: LinkAt) -> Result<Cells> {
        Ok(Cells::of_parents(self.parents(link)?.to_vec()))
    }

    /// Gives how many rows the parent of a reference has.
    ///
    /// # Errors
    /// Where the plan names no such reference.
    pub fn parents_of(&self, link: LinkAt) -> Result<u64> {
        Ok(self.parent_table(link)?.rows)
    }

    /// Takes for each cell the value of the parent row that a reference drew; NULL where it drew none.
    ///
    /// # Errors
    /// Where the plan names no such reference.
    pub fn take_by_parent(&self, whole: &ArrayRef, link: LinkAt) -> Result<ArrayRef> {
        let places: UInt32Array = places(&self.parents(link)?);
        arrow_select::take::take(whole, &places, None).map_err(|error| unplanned().because(error))
    }

    /// Computes a derived column; its columns are those of the table, also inside lists.
    ///
    /// # Errors
    /// Where a column it reads cannot be made.
    pub fn derived(&self, formula: &Formula, to: &Arrow, nulls: Option<NullBuffer>, path: &str) -> Result<ArrayRef> {
        let columns = formula.columns().iter().map(|column| self.table_column(*column)).collect::<Result<Vec<_>>>()?;
        with_nulls(formula.array(&columns, self.cells.len(), to, path)?, nulls)
    }

    fn table_column(&self, column: usize) -> Result<ArrayRef> {
        match &self.outer {
            None => self.array(column),
            Some((outer, None)) => outer.table_column(column),
            Some((outer, Some(owners))) => take(&outer.table_column(column)?, owners),
        }
    }
}

fn unplanned() -> Error {
    Error::new(ErrorKind::Contract, "the plan of the rows lacks a part").hint("this is a bug of karat")
}

/// Makes places of parent rows that fit 32 bits; NULL where there is no row.
#[must_use]
pub fn places(rows: &[u64]) -> UInt32Array {
    if rows.contains(&NONE) {
        return rows.iter().map(|row| u32::try_from(*row).ok().filter(|_| *row != NONE)).collect();
    }
    rows.iter().map(|row| u32::try_from(*row).unwrap_or(0)).collect::<Vec<u32>>().into()
}

/// Takes elements of an array by place.
///
/// # Errors
/// Where a place is beyond the end: a mistake of the plan.
pub fn take(array: &ArrayRef, places: &[u32]) -> Result<ArrayRef> {
    arrow_select::take::take(array, &UInt32Array::from(places.to_vec()), None)
        .map_err(|error| unplanned().because(error))
}

/// Makes more cells of an array NULL.
///
/// # Errors
/// Where the lengths differ: a mistake of the plan.
pub fn with_nulls(array: ArrayRef, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else { return Ok(array) };
    let gone = BooleanArray::new(!nulls.inner(), None);
    arrow_select::nullif::nullif(&array, &gone).map_err(|error| unplanned().because(error))
}
