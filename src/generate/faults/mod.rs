//! Faults: dirt of every sort, planted into records as written, each noted with its place. One file a kind.
//!
//! A fault edits the bytes of a clean record. What it does not touch stays the same byte for byte, and the place of
//! what it did is exact. The order is: [`Planter::new`] once a table, [`Planter::rows`] a range of rows, then
//! [`Planter::apply`] to each of those; the head and the end of files and the list of files have calls of their own.

use std::ops::Range;

use crate::model::manifest::Entry;
use crate::model::{Contract, FaultSpec, Result, Table};

/// Plants the faults of one table.
#[derive(Debug)]
pub struct Planter {}

/// A clean record about to be dirtied.
pub struct Site<'a> {
    /// Logical row of the clean table, from 0.
    pub row: u64,
    /// As the writer wrote it, line ending included, in the table's `source` dialect (CSV or NDJSON).
    pub record: &'a [u8],
    /// Renders any other clean record of the table.
    pub other: &'a dyn Fn(u64) -> Result<Vec<u8>>,
    /// First row and one past the last row of the file the record stands in.
    pub file_rows: Range<u64>,
}

/// What stands in the file in place of a clean record.
#[derive(Debug, Default)]
pub struct Dirty {
    /// Records as written; empty where the record is missing.
    pub bytes: Vec<u8>,
    /// How many data records a reader that trusts the format counts in `bytes`.
    pub records: u64,
    /// Offsets, lines and record numbers count from the start of `bytes`, from 0; file is empty. The pipeline adds
    /// where `bytes` stand.
    pub entries: Vec<Entry>,
}

/// A file about to be written: its path below the data folder and the rows it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    pub path: String,
    pub rows: Vec<Range<u64>>,
}

/// What happens to a file as a whole.
#[derive(Debug, Default)]
pub struct FileFaults {
    /// Replaces the header (or the nothing before the first record) as written.
    pub head: Option<Vec<u8>>,
    /// Stands behind the last record.
    pub tail: Vec<u8>,
    /// So many bytes are cut off the end at last.
    pub cut: u64,
    /// All bytes are written as UTF-16LE with a byte-order mark.
    pub utf16: bool,
    pub entries: Vec<Entry>,
}

impl Planter {
    /// Prepares the faults of a table that has so many rows.
    ///
    /// # Errors
    /// Names faults that cannot be planted: an unknown kind or column, a kind that does not fit the format, more
    /// faults than rows.
    pub fn new(_contract: &Contract, _table: &Table, _specs: &[FaultSpec], _rows: u64, _seed: u64) -> Result<Self> {
        todo!()
    }

    /// Gives the rows of a range that get faults, ascending, each with the numbers of its faults (one, unless
    /// overlap was asked for). `admits` tells for a fault's number which rows of the range its condition admits
    /// (called only for faults with one).
    ///
    /// # Errors
    /// Where a condition cannot be evaluated.
    pub fn rows(
        &self,
        _range: Range<u64>,
        _admits: &dyn Fn(usize) -> Result<crate::frame::Mask>,
    ) -> Result<Vec<(u64, Vec<usize>)>> {
        todo!()
    }

    /// Dirties a record with faults of these numbers.
    ///
    /// # Errors
    /// Where the record is none of the table's.
    pub fn apply(&self, _faults: &[usize], _site: &Site<'_>) -> Result<Dirty> {
        todo!()
    }

    /// Changes the list of files (a missing or doubled one, a file that comes late); gives the entries.
    pub fn files(&self, _files: &mut Vec<PlannedFile>) -> Vec<Entry> {
        todo!()
    }

    /// Gives what happens to a file as a whole; `head` is its clean header, line ending included.
    pub fn file(&self, _file: &PlannedFile, _head: &[u8]) -> FileFaults {
        todo!()
    }
}
