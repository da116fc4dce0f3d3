//! Generator: the rows of every table of a contract, any range of them in any order.

use std::ops::Range;

use arrow_array::RecordBatch;

use crate::model::{Contract, Result};

/// What the outside asks of a generator.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub seed: u64,
    /// The day that stands for today, in days since 1970-01-01.
    pub as_of: i32,
    /// Rows by table; else those of the contract, else [`Options::default_rows`].
    pub rows: Vec<(String, u64)>,
    pub default_rows: u64,
    /// Multiplies all row counts of the contract.
    pub scale: f64,
}

/// Makes the rows of a contract's tables.
#[derive(Debug)]
pub struct Generator {
    /// Contract order: parents before children.
    pub tables: Vec<TableGenerator>,
}

/// Makes the rows of one table.
#[derive(Debug)]
pub struct TableGenerator {
    pub name: String,
    pub rows: u64,
    /// Of tables kept in day folders: each day (since 1970-01-01) with its rows, ascending, without gaps between the
    /// ranges. Empty for all other tables.
    pub days: Vec<(i32, Range<u64>)>,
}

impl Generator {
    /// Plans the tables. The contract's rules are met by construction, or by drawing a row anew.
    ///
    /// # Errors
    /// Names every rule and setting that cannot be met, with its place.
    pub fn new(_contract: &Contract, _options: &Options) -> Result<Self> {
        todo!()
    }

    /// Finds a table by name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableGenerator> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl TableGenerator {
    /// Makes rows: contract columns in order, of the types `frame::schema` gives.
    ///
    /// # Errors
    /// Where a row cannot be made after many draws; names table, rule and row.
    pub fn batch(&self, _rows: Range<u64>) -> Result<RecordBatch> {
        todo!()
    }
}
