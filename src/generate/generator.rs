//! Generator: the rows of every table of a contract, any range of them in any order.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::frame::drawn::Made;
use crate::generate::column::table::Core;
use crate::generate::plan;
use crate::model::{Contract, Error, ErrorKind, Result};

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
    core: Arc<Core>,
}

impl Generator {
    /// Plans the tables. The contract's rules are met by construction, or by drawing a row anew.
    ///
    /// # Errors
    /// Names every rule and setting that cannot be met, with its place.
    pub fn new(contract: &Contract, options: &Options) -> Result<Self> {
        let table = |core: Arc<Core>| TableGenerator {
            name: core.name.clone(),
            rows: core.rows,
            days: core.days.ranges.clone(),
            core,
        };
        Ok(Self { tables: plan::tables(contract, options)?.into_iter().map(table).collect() })
    }

    /// Finds a table by name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableGenerator> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl TableGenerator {
    /// Makes the columns of rows, those of [`TableGenerator::batch`], each in the form in which it is quickest written.
    ///
    /// # Errors
    /// As [`TableGenerator::batch`].
    pub fn made(&self, rows: Range<u64>) -> Result<Vec<Made<'_>>> {
        self.core.made(&self.numbers(rows)?)
    }

    /// Makes rows: contract columns in order, of the types `frame::schema` gives. A row has the same values in every
    /// range that holds it.
    ///
    /// # Errors
    /// Where a row cannot be made after many draws; names table, rule and row. Where a range lies beyond the table, or
    /// its text does not fit one batch.
    pub fn batch(&self, rows: Range<u64>) -> Result<RecordBatch> {
        let rows = self.numbers(rows)?;
        let all: Vec<usize> = (0..self.core.scope.nodes.len()).collect();
        let columns = self.core.columns(&rows, &all)?;
        RecordBatch::try_new(self.core.schema.clone(), columns).map_err(|error| {
            Error::new(ErrorKind::Contract, format!("the rows of `{}` do not fit its types", self.name)).because(error)
        })
    }

    /// Gives the numbers of rows, which must be there.
    fn numbers(&self, rows: Range<u64>) -> Result<Vec<u64>> {
        if rows.end > self.rows || rows.start > rows.end {
            let message =
                format!("rows {}..{} are asked of `{}`, which has {}", rows.start, rows.end, self.name, self.rows);
            return Err(Error::usage(message));
        }
        Ok(rows.collect())
    }
}
