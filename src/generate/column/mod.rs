//! Columns at work: whole arrays of values for any list of rows.
//!
//! ```text
//! Table ─rows─▶ Cells ─▶ Frame ──Node: nulls + Source──▶ ArrayRef
//!                          └──Link: parent rows──▶ Table of the parent ─▶ ArrayRef
//! ```
//!
//! A cell's value depends on its seed (a hash of table and row) plus its column's key, never on its neighbours. Elements
//! of lists have seeds of their own.

pub mod days;
pub mod frame;
pub mod link;
pub mod nested;
pub mod pick;
pub mod retry;
pub mod table;
pub mod text;

use std::sync::{Arc, OnceLock};

use arrow_array::ArrayRef;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::DataType as Arrow;

use crate::frame::drawn::Made;
use crate::generate::column::days::{DaySource, Weights};
use crate::generate::column::frame::Frame;
use crate::generate::column::nested::{Items, LinkAt};
use crate::generate::column::pick::Pick;
use crate::generate::column::retry::Retry;
use crate::generate::column::text::{Text, Written};
use crate::generate::formula::Formula;
use crate::generate::grid::Grid;
use crate::generate::permutation::Permutation;
use crate::generate::random::{Draws, mix};
use crate::model::{Error, ErrorKind, Result};

/// Whole columns of at most so many rows are kept once made.
const KEPT: u64 = 1 << 16;

/// The odd constant that keeps the seeds of redrawn rows apart.
const SALT: u64 = 0xd6e8_feb8_6659_fd93;

/// Cells of one column (or of all columns of a scope): one a table row, or one an element.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    /// The row of the table; for elements of lists too.
    pub rows: Arc<Vec<u64>>,
    pub seeds: Arc<Vec<u64>>,
    /// The place of each element in its list; `None` outside lists.
    pub ordinals: Option<Vec<u32>>,
}

impl Cells {
    /// Makes the cells of rows of a table, drawn anew so many times.
    #[must_use]
    pub fn of_rows(rows: Vec<u64>, table_key: u64, salt: u64) -> Self {
        let seeds = if salt == 0 {
            rows.iter().map(|row| mix(row ^ table_key)).collect()
        } else {
            rows.iter().map(|row| mix(mix(row ^ table_key) ^ salt.wrapping_mul(SALT))).collect()
        };
        Self { rows: Arc::new(rows), seeds: Arc::new(seeds), ordinals: None }
    }

    /// Makes cells that are drawn by rows of a parent.
    #[must_use]
    pub fn of_parents(rows: Vec<u64>) -> Self {
        let seeds = rows.iter().map(|row| mix(row ^ 0x7065_725f_726f_7773)).collect();
        Self { rows: Arc::new(rows), seeds: Arc::new(seeds), ordinals: None }
    }

    /// Gives the number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Keeps some of the cells, drawn anew so many times.
    #[must_use]
    pub fn again(&self, kept: &[u32], salt: u64) -> Self {
        let at = |index: &u32| *index as usize;
        Self {
            rows: Arc::new(kept.iter().map(|index| self.rows[at(index)]).collect()),
            seeds: Arc::new(
                kept.iter().map(|index| mix(self.seeds[at(index)] ^ salt.wrapping_mul(SALT).rotate_left(17))).collect(),
            ),
            ordinals: self.ordinals.as_ref().map(|all| kept.iter().map(|index| all[at(index)]).collect()),
        }
    }

    /// Gives the number that sequences count for a cell: its place in its list, else its row.
    #[must_use]
    #[inline]
    pub fn number(&self, at: usize) -> u64 {
        self.ordinals.as_ref().map_or_else(|| self.rows[at], |ordinals| ordinals[at].into())
    }

    /// Tells whether a cell is the only one of its row that may be given a value by the row's number.
    #[must_use]
    #[inline]
    pub fn leads(&self, at: usize) -> bool {
        self.ordinals.as_ref().is_none_or(|ordinals| ordinals[at] == 0)
    }
}

/// One column, element or field, ready to be made.
#[derive(Debug)]
pub struct Node {
    /// As in a contract: `basket[].price`.
    pub path: String,
    /// Added to the seed of each cell.
    pub key: u64,
    pub arrow: Arrow,
    pub nulls: Nulls,
    /// Values are drawn by the parent row of this reference instead of by their own cell.
    pub per: Option<LinkAt>,
    /// The values of all rows of a small parent that `per` names, made when first asked for.
    pub kept: OnceLock<ArrayRef>,
    pub source: Source,
    /// Values that break one of these rules are drawn anew.
    pub retry: Option<Retry>,
}

/// Which cells are NULL.
#[derive(Debug)]
pub enum Nulls {
    Never,
    Always,
    /// Each with this probability, in 2^-64; never the first so many rows of an order.
    Rate {
        threshold: u64,
        spared: Option<(Permutation, u64)>,
    },
    /// Exactly the first so many rows of an order.
    Exact(Permutation, u64),
}

/// Where values come from.
#[derive(Debug)]
pub enum Source {
    /// Numbers, moments and flags; some rows may have a place of their own.
    Units {
        grid: Grid,
        pick: Pick,
        pins: Vec<(u64, u128)>,
    },
    /// One of a list of values.
    Listed {
        values: ArrayRef,
        pick: Pick,
    },
    Text(Text),
    Written(Written),
    /// The day of the table's folders, or a moment of it.
    Day(DaySource),
    /// Moments whose days have weights.
    Weighed {
        grid: Grid,
        days: Weights,
    },
    /// A column of the parent row that a reference drew.
    Parent {
        link: LinkAt,
        column: usize,
    },
    Derived {
        formula: Formula,
    },
    List(Box<Items>),
    Struct(Box<nested::Scope>),
    /// Values of another type, cast to the column's.
    Cast(Box<Source>),
    /// NULL only.
    Nothing,
}

impl Node {
    /// Makes the values of all cells of a frame.
    ///
    /// # Errors
    /// Where a value cannot be made after many draws, or text does not fit an array.
    pub fn fill(&self, frame: &Frame<'_, '_>) -> Result<ArrayRef> {
        let Some(link) = self.per else { return self.mended(&frame.cells, frame) };
        let parents = frame.parents_of(link)?;
        if parents > KEPT {
            return self.mended(&frame.cells_per(link)?, frame);
        }
        let whole = if let Some(whole) = self.kept.get() {
            whole.clone()
        } else {
            let made = self.mended(&Cells::of_parents((0..parents).collect()), frame)?;
            self.kept.get_or_init(|| made).clone()
        };
        frame.take_by_parent(&whole, link)
    }

    /// Makes the values of all cells of a frame in the form in which they are quickest written; `None` where that is an
    /// array.
    ///
    /// # Errors
    /// As [`Node::fill`].
    pub fn made<'c>(&'c self, frame: &Frame<'c, '_>) -> Result<Option<Made<'c>>> {
        if !matches!(self.nulls, Nulls::Never) || self.per.is_some() || self.retry.is_some() {
            return Ok(None);
        }
        match &self.source {
            Source::Text(text) => Ok(text.drawn_by(&frame.cells, self.key).map(Made::Drawn)),
            Source::Parent { link, column } => Ok(frame.parent_drawn(*link, *column, &self.arrow)?.map(Made::Drawn)),
            Source::List(items) => items.made(self, frame).map(Some),
            Source::Struct(scope) => nested::made_struct(scope, self, frame).map(Some),
            _ => Ok(None),
        }
    }

    /// Makes the values of cells and replaces those that break a rule.
    fn mended(&self, cells: &Cells, frame: &Frame<'_, '_>) -> Result<ArrayRef> {
        let array = self.fill_cells(cells, frame)?;
        match &self.retry {
            Some(retry) => retry.mend(self, array, cells, frame),
            None => Ok(array),
        }
    }

    /// Makes the values of cells, whether rules like them or not.
    pub(super) fn fill_cells(&self, cells: &Cells, frame: &Frame<'_, '_>) -> Result<ArrayRef> {
        self.of_source(&self.source, cells, frame)
    }

    fn of_source(&self, source: &Source, cells: &Cells, frame: &Frame<'_, '_>) -> Result<ArrayRef> {
        let nulls = self.nulls.of(cells, self.key);
        match source {
            Source::Units { grid, pick, pins } => Ok(units(grid, pick, pins, cells, self.key, nulls)),
            Source::Listed { values, pick } => pick::listed(values, pick, cells, self.key, nulls.as_ref()),
            Source::Text(text) => text.fill(cells, self.key, nulls, &self.path),
            Source::Written(written) => written.fill(cells, self.key, nulls, &self.path),
            Source::Day(day) => Ok(day.fill(&frame.table.days, cells, self.key, nulls)),
            Source::Weighed { grid, days } => Ok(days.fill(grid, cells, self.key, nulls)),
            Source::Parent { link, column } => frame.parent_column(*link, *column, &self.arrow, nulls),
            Source::Derived { formula } => frame.derived(formula, &self.arrow, nulls, &self.path),
            Source::List(items) => items.fill(self, cells, frame, nulls),
            Source::Struct(scope) => nested::fill_struct(scope, self, cells, frame, nulls),
            Source::Cast(inner) => {
                let array = self.of_source(inner, cells, frame)?;
                arrow_cast::cast(&array, &self.arrow).map_err(|error| {
                    let message = format!("the values of `{}` do not read as its type", self.path);
                    Error::new(ErrorKind::Contract, message).because(error)
                })
            }
            Source::Nothing => Ok(arrow_array::new_null_array(&self.arrow, cells.len())),
        }
    }
}

impl Nulls {
    /// Says which cells have a value; `None` where all do.
    #[must_use]
    pub fn of(&self, cells: &Cells, key: u64) -> Option<NullBuffer> {
        let valid =
            |test: &dyn Fn(usize) -> bool| Some(NullBuffer::new(BooleanBuffer::collect_bool(cells.len(), test)));
        let key = key ^ 0x4e55_4c4c;
        match self {
            Self::Never => None,
            Self::Always => Some(NullBuffer::new_null(cells.len())),
            Self::Rate { threshold, spared } => valid(&|at| {
                Draws::new(cells.seeds[at].wrapping_add(key)).bits() >= *threshold
                    || spared.is_some_and(|(order, first)| cells.leads(at) && order.at(cells.rows[at]) < first)
            }),
            Self::Exact(order, first) => valid(&|at| order.at(cells.rows[at]) >= *first),
        }
    }
}

/// Makes numbers, moments or flags.
#[expect(clippy::cast_possible_truncation, reason = "a narrow grid fits 64 bits")]
fn units(
    grid: &Grid,
    pick: &Pick,
    pins: &[(u64, u128)],
    cells: &Cells,
    key: u64,
    nulls: Option<NullBuffer>,
) -> ArrayRef {
    let pinned =
        |at: usize| pins.iter().find(|(row, _)| *row == cells.rows[at] && cells.leads(at)).map(|(_, place)| *place);
    if grid.is_narrow() {
        let mut units: Vec<i64> = Vec::with_capacity(cells.len());
        let (least, step) = (grid.least as i64, grid.step as i64);
        if grid.without.is_empty() {
            pick.each(cells, key, grid.count as u64, |place| {
                units.push(least.wrapping_add(step.wrapping_mul(place.cast_signed())));
            });
        } else {
            pick.each(cells, key, grid.count as u64, |place| units.push(grid.unit(place.into()) as i64));
        }
        for (at, unit) in units.iter_mut().enumerate().take(if pins.is_empty() { 0 } else { usize::MAX }) {
            if let Some(place) = pinned(at) {
                *unit = grid.unit(place) as i64;
            }
        }
        return grid.form.array(units, nulls);
    }
    let mut units = Vec::with_capacity(cells.len());
    pick.each_wide(cells, key, grid.count, |place| units.push(grid.unit(place)));
    for (at, unit) in units.iter_mut().enumerate().take(if pins.is_empty() { 0 } else { usize::MAX }) {
        if let Some(place) = pinned(at) {
            *unit = grid.unit(place);
        }
    }
    grid.form.wide_array(units, nulls)
}
