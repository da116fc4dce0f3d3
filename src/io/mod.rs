//! Bytes and tables, in and out.

pub mod databases;
pub mod formats;
pub mod rejects;
pub mod stores;
pub mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::RecordBatch;

use crate::frame::RawBatch;
use crate::model::{Contract, FileReport, Result, Table};
pub use crate::model::{LoadedFile, PastFile, PastLoad};

/// One input file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// As given or matched, `/` between folders; `-` for standard input.
    pub shown: String,
    /// Where the bytes lie (standard input is spooled to a file first).
    pub path: PathBuf,
    /// `key=value` folders of the path as shown, outermost first, values percent-decoded.
    pub partitions: Vec<(String, String)>,
}

/// How a source reads.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Records a batch at most.
    pub batch_rows: usize,
    /// Bytes read at once; a batch also ends when it holds as many.
    pub block_bytes: usize,
    /// Counts the stored (compressed) bytes taken from the file, for progress.
    pub progress: Arc<AtomicU64>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { batch_rows: 16_384, block_bytes: 1 << 19, progress: Arc::default() }
    }
}

/// Gives the records of one file, in order, each exactly once.
pub trait Source: Send {
    /// Gives the next records; `None` after the last.
    ///
    /// # Errors
    /// Where the file cannot be read on (I/O, a corrupt archive). Bad records are not errors.
    fn next_batch(&mut self) -> Result<Option<RawBatch>>;

    /// Takes the next records, and leaves to whoever wants them what needs no order; `None` after the last.
    ///
    /// # Errors
    /// As [`Source::next_batch`].
    fn claim(&mut self) -> Result<Option<Claim>> {
        Ok(self.next_batch()?.map(|raw| Claim {
            records: raw.len(),
            number: raw.records.first().map_or(1, |record| record.number),
            frame: Box::new(|| Ok(raw)),
        }))
    }

    /// Gives what was read so far; complete after `next_batch` gave `None`.
    fn tally(&self) -> FileReport;

    /// Gives the column names of the file (the header), once known; empty for JSON.
    fn names(&self) -> Vec<String>;
}

/// Records that were taken from a file.
pub struct Claim {
    pub records: usize,
    /// The number of the first among the file's data records, from 1.
    pub number: u64,
    /// Says where each record and field stands.
    frame: Box<dyn FnOnce() -> Result<RawBatch> + Send>,
}

impl Claim {
    /// Gives the records.
    ///
    /// # Errors
    /// Where they are not those that were counted.
    pub fn frame(self) -> Result<RawBatch> {
        (self.frame)()
    }
}

/// How rows enter a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Beside the rows that are there.
    Append,
    /// Instead of the rows that are there.
    Replace,
    /// Instead of rows with the same primary key, else beside.
    Upsert,
}

impl Mode {
    /// Gives the mode's name as written on the command line and in the load history.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Replace => "replace",
            Self::Upsert => "upsert",
        }
    }
}

/// What a load says of itself in the target's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub load_id: String,
    /// RFC 3339, UTC.
    pub loaded_at: String,
    pub contract: String,
    pub contract_sha256: String,
    pub files: Vec<LoadedFile>,
    /// Clean rows given to `write`, one number a table of the contract.
    pub clean: Vec<u64>,
}

/// A row that the target refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Ordinal of the row among those written of its table, from 0.
    pub row: u64,
    /// The target's own words.
    pub message: String,
    /// The column, where the target names one.
    pub column: Option<String>,
}

/// A target's load history.
pub trait Ledger {
    /// Gives all loads, oldest first; none where the target has no history.
    ///
    /// # Errors
    /// Where the history cannot be read.
    fn loads(&mut self) -> Result<Vec<PastLoad>>;

    /// Takes the rows of a load out of its tables again, in one transaction, and marks it as undone in the history, so
    /// that its files may be loaded again. Gives the rows removed, by table.
    ///
    /// # Errors
    /// A usage error where the load cannot be undone: it is unknown, was undone or replaced, was no `append`, or a table
    /// has no column [`LOAD_ID`]; an output error where the rows there are not as many as were loaded.
    fn undo(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>>;
}

/// The column that holds the id of the load a row came with.
pub const LOAD_ID: &str = "load_id";
/// The column that holds the moment of the load a row came with.
pub const LOAD_TS: &str = "load_ts";

/// What a target took of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Rows of this load now in the target, by the target's own count.
    pub loaded: u64,
    /// Of these, rows that took the place of another (upsert).
    pub updated: u64,
}

/// Takes clean rows, and makes them visible all at once or not at all.
///
/// Order of calls: `begin`, then any of `loaded_before`, `existing`, `write`, then `finish`, then `commit`.
/// Dropping a sink without `commit` leaves the target as it was.
pub trait Sink: Send {
    /// Prepares the tables named (indices into the contract) for rows.
    ///
    /// # Errors
    /// Where the target cannot take them: other columns, no primary key for an upsert, no permission.
    fn begin(&mut self, contract: &Contract, tables: &[usize], mode: Mode) -> Result<()>;

    /// Finds the load that took a file with this content into this table before.
    ///
    /// # Errors
    /// Where the history cannot be read.
    fn loaded_before(&mut self, table: &str, sha256: &str) -> Result<Option<String>>;

    /// Tells whether a file of so many bytes may have been taken into this table before: only then its content must be
    /// known before it is loaded.
    ///
    /// # Errors
    /// Where the history cannot be read.
    fn loaded_as_long(&mut self, _table: &str, _bytes: u64) -> Result<bool> {
        Ok(true)
    }

    /// Tells whether a file is part of what the target holds in the tables of this load, so that it may be replaced.
    fn holds(&self, _path: &Path) -> bool {
        false
    }

    /// Walks the rows the target holds already (before this load), only the given columns, in any order.
    ///
    /// # Errors
    /// Where the target cannot be read.
    fn existing(
        &mut self,
        table: &Table,
        columns: &[usize],
        visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()>;

    /// Takes clean rows of a table (an index into the contract), all columns in contract order.
    ///
    /// # Errors
    /// Where the target cannot take rows at all. Rows it refuses one by one are told by [`Sink::settle`].
    fn write(&mut self, table: usize, rows: &RecordBatch) -> Result<()>;

    /// Tells whether records of a table may come as CSV text in the dialect of `formats::write::reading`.
    fn takes_text(&self, _table: usize) -> bool {
        false
    }

    /// Takes clean records of a table as text, so many, each with its line end; called only where
    /// [`Sink::takes_text`].
    ///
    /// # Errors
    /// Where the target refuses them.
    fn write_text(&mut self, _table: usize, _text: &[u8], _rows: usize) -> Result<()> {
        Err(crate::model::Error::output("the target takes no text"))
    }

    /// Brings all rows written of a table to their place, as far as that can be seen before the commit, and gives those
    /// that the target itself refuses (a CHECK, a trigger, a unique index the contract does not know), by ascending row;
    /// they are not in the target then. Called once a table, after its last row and before the first of the next table.
    ///
    /// # Errors
    /// Where the target fails otherwise.
    fn settle(&mut self, _table: usize) -> Result<Vec<Refused>> {
        Ok(Vec::new())
    }

    /// Does all that is left but the commit: merges, `after_load`, history, counts. One `Taken` a contract table.
    ///
    /// # Errors
    /// Where a statement fails, or the target's own count differs from `receipt.clean`.
    fn finish(&mut self, receipt: &Receipt) -> Result<Vec<Taken>>;

    /// Gives what a user should know of this load besides, one sentence each; complete after `finish`.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Makes the load visible and durable.
    ///
    /// # Errors
    /// Where that fails; the target is then as it was.
    fn commit(self: Box<Self>) -> Result<()>;
}
