//! Updates: later batches for the same keys (inserts, updates, deletes), and the state they lead to.
//!
//! Nothing is stored. A row is born with the first data or with a batch, by its number; whether a batch changes or
//! deletes it is a draw by (row, batch). A changed row keeps its key and takes the rest from another row of the table,
//! so many rows further on: the batch decides how many. So every version of every row is made anew from its number,
//! and what is expected in the end is made the same way as what leads to it.

mod bonds;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use arrow_select::interleave::interleave;

use crate::generate::generator::TableGenerator;
use crate::generate::random::Stream;
use crate::model::{Check, Contract, Error, ErrorKind, KeyTest, Result, Table};

/// Makes a table's rows by number.
pub trait Rows: std::fmt::Debug + Sync {
    /// Counts the rows.
    fn count(&self) -> u64;

    /// Makes rows of a range.
    ///
    /// # Errors
    /// As [`TableGenerator::batch`].
    fn make(&self, rows: Range<u64>) -> Result<RecordBatch>;
}

impl Rows for TableGenerator {
    fn count(&self) -> u64 {
        self.rows
    }

    fn make(&self, rows: Range<u64>) -> Result<RecordBatch> {
        self.batch(rows)
    }
}

/// What a batch does to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Insert,
    Update,
    Delete,
}

impl Op {
    /// Gives the word in the `op` column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// How much one batch changes: shares, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// New rows, as a share of those the table starts with.
    pub inserts: f64,
    /// Rows that change, as a share of those there are.
    pub updates: f64,
    /// Rows that go, as a share of those there are.
    pub deletes: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self { inserts: 0.05, updates: 0.1, deletes: 0.02 }
    }
}

impl Shares {
    /// Gives the shares for a table. One that others refer to keeps its rows: a row not yet there, or gone, would
    /// leave its children without a parent.
    #[must_use]
    pub fn of(self, contract: &Contract, table: &str) -> Self {
        let refers = |check: &Check| matches!(check, Check::Key(KeyTest::References { parent, .. }) if parent == table);
        let parent = contract.tables.iter().flat_map(|table| &table.rules).any(|rule| refers(&rule.check));
        if parent { Self { inserts: 0.0, deletes: 0.0, ..self } } else { self }
    }

    /// Counts the rows a batch inserts, for a table that starts with so many rows.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a count")]
    pub fn inserted(self, initial: u64) -> u64 {
        if self.inserts > 0.0 { ((initial as f64 * self.inserts) as u64).max(1) } else { 0 }
    }

    /// Counts the rows to plan a table with: those it starts with and all that are inserted later.
    #[must_use]
    pub fn planned(self, initial: u64, batches: u32) -> u64 {
        initial.saturating_add(self.inserted(initial).saturating_mul(u64::from(batches)))
    }
}

/// What one batch does to the rows of a range.
#[derive(Debug, Clone)]
pub struct Changes {
    /// One a row of `rows`.
    pub ops: Vec<Op>,
    /// Inserts and updates as they become, deletes as they were.
    pub rows: RecordBatch,
}

impl Changes {
    /// Puts the operations before the columns, as text: `insert`, `update`, `delete`.
    ///
    /// # Errors
    /// Where the table has a column of that name.
    pub fn with_op(&self, name: &str) -> Result<RecordBatch> {
        let schema = self.rows.schema();
        if schema.column_with_name(name).is_some() {
            let message = format!("the table has a column `{name}`, which is to hold the operations");
            return Err(Error::usage(message).hint("name the column of operations otherwise"));
        }
        let op = Arc::new(Field::new(name, DataType::Utf8, false));
        let fields: Vec<_> = std::iter::once(op).chain(schema.fields().iter().cloned()).collect();
        let words: ArrayRef = Arc::new(StringArray::from_iter_values(self.ops.iter().map(|op| op.word())));
        let columns = std::iter::once(words).chain(self.rows.columns().iter().cloned()).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(broken)
    }
}

/// The change batches of one table.
#[derive(Debug)]
pub struct Updates<'r> {
    rows: &'r dyn Rows,
    /// Columns that no batch changes.
    kept: Vec<bool>,
    initial: u64,
    /// Rows each batch inserts.
    inserted: u64,
    shares: Shares,
    /// For each batch, what decides a row's fate, and how many rows further on the new values stand.
    batches: Vec<(Stream, u64)>,
}

impl<'r> Updates<'r> {
    /// Plans the batches of a table that starts with `initial` rows. The rows must be planned for
    /// [`Shares::planned`] rows.
    ///
    /// # Errors
    /// A table without a key, with a key that repeats, or with nothing but its key; shares that are none; rows planned
    /// for another number.
    pub fn new(
        table: &Table,
        rows: &'r dyn Rows,
        seed: u64,
        initial: u64,
        batches: u32,
        shares: Shares,
    ) -> Result<Self> {
        let parts = [shares.inserts, shares.updates, shares.deletes];
        if !parts.iter().all(|share| (0.0..=1.0).contains(share)) || shares.updates + shares.deletes > 1.0 {
            let message = "the shares of updates and deletes lie between 0 and 1, and so does their sum";
            return Err(Error::usage(format!("{message}; inserts lie between 0 and 1 too")));
        }
        let planned = shares.planned(initial, batches);
        if rows.count() != planned {
            let message = format!("`{}` is planned for {} rows, its batches need {planned}", table.name, rows.count());
            return Err(Error::new(ErrorKind::Conservation, message));
        }
        let kept = bonds::kept(table)?;
        if shares.updates > 0.0 && kept.iter().all(|kept| *kept) {
            let message = format!("nothing in `{}` can change: its columns are its key, or hang on it", table.name);
            return Err(Error::usage(message).hint("ask for inserts and deletes only"));
        }
        let shifts = Stream::new(seed, &format!("updates {}", table.name));
        let batch = |number: u32| {
            let shift = if planned > 1 { 1 + shifts.below(u64::from(number), planned - 1) } else { 0 };
            (Stream::new(seed, &format!("updates {} {number}", table.name)), shift)
        };
        let batches = (1..=batches).map(batch).collect();
        Ok(Self { rows, kept, initial, inserted: shares.inserted(initial), shares, batches })
    }

    /// Gives the rows the table starts with.
    #[must_use]
    pub const fn initial(&self) -> Range<u64> {
        0..self.initial
    }

    /// Gives the rows that are there, or were, after so many batches.
    #[must_use]
    pub fn known(&self, after: u32) -> Range<u64> {
        0..self.initial + self.inserted * u64::from(after.min(self.count()))
    }

    fn count(&self) -> u32 {
        u32::try_from(self.batches.len()).unwrap_or(u32::MAX)
    }

    /// Gives the batch that brings a row; 0 for those the table starts with.
    fn birth(&self, row: u64) -> u32 {
        if row < self.initial || self.inserted == 0 {
            return 0;
        }
        u32::try_from(1 + (row - self.initial) / self.inserted).unwrap_or(u32::MAX)
    }

    /// Says what a batch (from 1) does to a row, if anything.
    #[must_use]
    pub fn op(&self, row: u64, batch: u32) -> Option<Op> {
        let born = self.birth(row);
        if born == batch && batch > 0 {
            return Some(Op::Insert);
        }
        let op = (born < batch).then(|| self.draw(row, batch)).flatten()?;
        let dead = (born + 1..batch).any(|earlier| self.draw(row, earlier) == Some(Op::Delete));
        (!dead).then_some(op)
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn draw(&self, row: u64, batch: u32) -> Option<Op> {
        let (fate, _) = self.batches.get(usize::try_from(batch.checked_sub(1)?).ok()?)?;
        let fraction = (fate.at(row) >> 11) as f64 / (1_u64 << 53) as f64;
        if fraction < self.shares.deletes {
            Some(Op::Delete)
        } else if fraction < self.shares.deletes + self.shares.updates {
            Some(Op::Update)
        } else {
            None
        }
    }

    /// Gives the last batch that changed a row, 0 for none; `None` where it is not there after so many batches.
    fn version(&self, row: u64, after: u32) -> Option<u32> {
        let born = self.birth(row);
        let mut version = 0;
        for batch in born + 1..=after.min(self.count()) {
            match self.draw(row, batch) {
                Some(Op::Delete) => return None,
                Some(Op::Update) => version = batch,
                _ => {}
            }
        }
        (born <= after).then_some(version)
    }

    /// Makes what a batch (from 1) does to the rows of a range; ranges of [`Updates::known`] in turn make all of it.
    ///
    /// # Errors
    /// Where a row cannot be made.
    pub fn batch(&self, batch: u32, range: Range<u64>) -> Result<Changes> {
        let mut ops = Vec::new();
        let mut wanted = Vec::new();
        for row in range.clone() {
            let Some(op) = self.op(row, batch) else { continue };
            let version = match op {
                Op::Insert => 0,
                Op::Update => batch,
                Op::Delete => self.version(row, batch - 1).unwrap_or(0),
            };
            ops.push(op);
            wanted.push((row, version));
        }
        Ok(Changes { ops, rows: self.versioned(range, &wanted)? })
    }

    /// Makes the rows of a range that are there after so many batches, as they are then; in the order of the numbers.
    ///
    /// # Errors
    /// Where a row cannot be made.
    pub fn state(&self, after: u32, range: Range<u64>) -> Result<RecordBatch> {
        let there = |row: u64| self.version(row, after).map(|version| (row, version));
        let wanted: Vec<(u64, u32)> = range.clone().filter_map(there).collect();
        self.versioned(range, &wanted)
    }

    /// Makes rows of a range, each in a version.
    fn versioned(&self, range: Range<u64>, wanted: &[(u64, u32)]) -> Result<RecordBatch> {
        let own = self.rows.make(range.clone())?;
        let mut versions: Vec<u32> =
            wanted.iter().map(|(_, version)| *version).filter(|version| *version > 0).collect();
        versions.sort_unstable();
        versions.dedup();
        let mut layers = vec![own.clone()];
        for version in &versions {
            layers.push(self.shifted(range.clone(), *version)?);
        }
        let offset = |row: u64| usize::try_from(row - range.start).unwrap_or(usize::MAX);
        let layer = |version: u32| versions.binary_search(&version).map_or(0, |index| index + 1);
        let first: Vec<(usize, usize)> = wanted.iter().map(|(row, _)| (0, offset(*row))).collect();
        let latest: Vec<(usize, usize)> = wanted.iter().map(|(row, version)| (layer(*version), offset(*row))).collect();
        let columns: Result<Vec<ArrayRef>> = (0..own.num_columns())
            .map(|column| {
                let places = if self.kept.get(column).copied().unwrap_or(true) { &first } else { &latest };
                let arrays: Vec<&dyn Array> = layers.iter().map(|layer| layer.column(column).as_ref()).collect();
                interleave(&arrays, places).map_err(broken)
            })
            .collect();
        RecordBatch::try_new(own.schema(), columns?).map_err(broken)
    }

    /// Makes the rows that stand a batch's shift further on; after the last comes the first.
    fn shifted(&self, range: Range<u64>, version: u32) -> Result<RecordBatch> {
        let (total, length) = (self.rows.count(), range.end - range.start);
        let index = usize::try_from(version).unwrap_or(0).saturating_sub(1);
        let shift = self.batches.get(index).map_or(0, |(_, shift)| *shift);
        let start = (range.start + shift) % total.max(1);
        if total - start >= length {
            return self.rows.make(start..start + length);
        }
        let (head, tail) = (self.rows.make(start..total)?, self.rows.make(0..length - (total - start))?);
        concat_batches(&head.schema(), [&head, &tail]).map_err(broken)
    }
}

fn broken(error: arrow_schema::ArrowError) -> Error {
    Error::new(ErrorKind::Conservation, "versions of rows do not fit together").because(error)
}
