//! The primary keys of the rows a load brings, for an upsert into files: exact bytes, never a hash alone.

use arrow_array::{BooleanArray, RecordBatch};

use crate::frame::keys::{KeyEncoder, KeySet};
use crate::model::{Error, Result, Table};

/// Holds the keys of the new rows, and which of them the target has already.
#[derive(Debug, Default)]
pub struct Keys {
    /// The primary key's columns in the contract.
    columns: Vec<usize>,
    /// Whether an old row has the key.
    met: KeySet<bool>,
    scratch: Vec<u8>,
}

impl Keys {
    /// Prepares for a table with a primary key.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let columns = table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        Self { columns, ..Self::default() }
    }

    /// Takes the keys of new rows (all columns of the contract).
    ///
    /// # Errors
    /// Where two new rows have the same key: which of them should win was not decided before.
    pub fn add(&mut self, table: &Table, rows: &RecordBatch) -> Result<()> {
        let encoder = encoder(&self.columns, rows);
        for row in 0..rows.num_rows() {
            // A key with a NULL in it equals no other.
            if encoder.encode(row, &mut self.scratch) && self.met.get_or_insert(&self.scratch, false).is_some() {
                return Err(Error::output(format!("{}: two clean rows have the same primary key", table.name))
                    .hint("Say which one wins: `primary_key: {columns: […], keep: last}`."));
            }
        }
        Ok(())
    }

    /// Tells which old rows (all columns of the contract) stay, and marks the keys that were met. `None`: all stay.
    pub fn stay(&mut self, rows: &RecordBatch) -> Option<BooleanArray> {
        let mut all = true;
        let mut stay = Vec::with_capacity(rows.num_rows());
        let encoder = encoder(&self.columns, rows);
        for row in 0..rows.num_rows() {
            let whole = encoder.encode(row, &mut self.scratch);
            let met = if whole { self.met.get_mut(&self.scratch) } else { None };
            stay.push(met.is_none());
            if let Some(met) = met {
                *met = true;
                all = false;
            }
        }
        (!all).then(|| BooleanArray::from(stay))
    }

    /// Counts the new rows whose key an old row had.
    #[must_use]
    pub fn updated(&self) -> u64 {
        self.met.iter().filter(|(_, met)| **met).count() as u64
    }
}

fn encoder<'a>(columns: &[usize], rows: &'a RecordBatch) -> KeyEncoder<'a> {
    KeyEncoder::new(columns.iter().filter_map(|column| rows.columns().get(*column)).map(AsRef::as_ref).collect())
}
