//! The primary keys of the rows a load brings, for an upsert into files: exact bytes, never a hash alone.

use std::collections::HashMap;

use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};

use crate::io::formats::write::value;
use crate::model::{Error, Result, Table};

/// Holds the keys of the new rows, and which of them the target has already.
#[derive(Debug, Default)]
pub struct Keys {
    /// The primary key's columns in the contract.
    columns: Vec<usize>,
    /// Whether an old row has the key.
    met: HashMap<Vec<u8>, bool, foldhash::fast::RandomState>,
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
        for row in 0..rows.num_rows() {
            let key = self.key(rows, row);
            if self.met.insert(key, false).is_some() {
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
        for row in 0..rows.num_rows() {
            self.scratch.clear();
            push_key(&mut self.scratch, &self.columns, rows.columns(), row);
            let met = self.met.get_mut(self.scratch.as_slice());
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
        self.met.values().filter(|met| **met).count() as u64
    }

    fn key(&self, rows: &RecordBatch, row: usize) -> Vec<u8> {
        let mut key = Vec::new();
        push_key(&mut key, &self.columns, rows.columns(), row);
        key
    }
}

/// Writes a key so that no two keys look alike: each value with its length, NULL as its own mark.
fn push_key(out: &mut Vec<u8>, columns: &[usize], arrays: &[ArrayRef], row: usize) {
    for array in columns.iter().filter_map(|&column| arrays.get(column)) {
        if array.is_null(row) {
            out.push(0);
            continue;
        }
        out.push(1);
        let start = out.len();
        out.extend_from_slice(&[0; 8]);
        value::push_text(out, array, row);
        let length = (out.len() - start - 8) as u64;
        if let Some(slot) = out.get_mut(start..start + 8) {
            slot.copy_from_slice(&length.to_le_bytes());
        }
    }
}
