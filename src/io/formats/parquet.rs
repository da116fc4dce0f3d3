//! Parquet: rows that are typed already, row group by row group.
//!
//! A file's own types (integers, decimals, moments, lists …) count, not the Arrow schema that some writers add; the
//! parser turns them into the contract's types. Rows have numbers but no bytes: the whole file counts as framing.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::frame::{Body, FileShape, RawBatch, Record};
use crate::io::{InputFile, ReadOptions, Source};
use crate::model::{Encoding, Error, FileReport, Result, Table};

/// Opens a Parquet file.
///
/// # Errors
/// Where it cannot be read or is not Parquet.
pub fn open(file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Box<dyn Source>> {
    let stored = File::open(&file.path).map_err(|error| Error::reading(&file.path, error))?;
    let bytes = stored.metadata().map_err(|error| Error::reading(&file.path, error))?.len();
    let opened = guarded(&file.shown, || {
        let settings = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(stored, settings)?;
        let rows = builder.metadata().file_metadata().num_rows();
        let names = builder.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        let reader = builder.with_batch_size(options.batch_rows.max(1)).build()?;
        Ok((u64::try_from(rows).unwrap_or(0), names, reader))
    });
    let (rows, names, reader) = opened?;
    let shape = FileShape {
        path: file.shown.clone(),
        partitions: file.partitions.clone(),
        spec: table.source.clone(),
        encoding: Encoding::Utf8,
        names,
        header: Vec::new(),
    };
    let tally = FileReport { path: file.shown.clone(), bytes, framing_bytes: bytes, ..FileReport::default() };
    Ok(Box::new(Parquet {
        shape: Arc::new(shape),
        reader,
        rows,
        tally,
        progress: Arc::clone(&options.progress),
        told: 0,
    }))
}

struct Parquet {
    shape: Arc<FileShape>,
    reader: ParquetRecordBatchReader,
    /// As the file's footer says.
    rows: u64,
    tally: FileReport,
    progress: Arc<AtomicU64>,
    /// Bytes added to the progress so far.
    told: u64,
}

impl Source for Parquet {
    fn next_batch(&mut self) -> Result<Option<RawBatch>> {
        let reader = &mut self.reader;
        let next = guarded(&self.shape.path, || Ok(reader.next().transpose()?));
        let Some(rows) = next? else {
            self.tell(self.tally.bytes);
            if self.tally.records != self.rows {
                let (found, promised) = (self.tally.records, self.rows);
                let shown = &self.shape.path;
                return Err(Error::input(format!("{shown} holds {found} rows, and its footer says {promised}"))
                    .hint("The file is corrupt: write or copy it again."));
            }
            return Ok(None);
        };
        let batch = self.batch(rows);
        let share = u128::from(self.tally.bytes) * u128::from(self.tally.records) / u128::from(self.rows.max(1));
        self.tell(u64::try_from(share).unwrap_or(0).min(self.tally.bytes));
        Ok(Some(batch))
    }

    fn tally(&self) -> FileReport {
        self.tally.clone()
    }

    fn names(&self) -> Vec<String> {
        self.shape.names.clone()
    }
}

impl Parquet {
    fn batch(&mut self, rows: RecordBatch) -> RawBatch {
        let first = self.tally.records;
        let end = first + u64::try_from(rows.num_rows()).unwrap_or(0);
        self.tally.records = end;
        let record = |row| Record { start: 0, len: 0, offset: row, length: 0, line: 0, number: row + 1, fault: None };
        let records = (first..end).map(record).collect();
        RawBatch { file: Arc::clone(&self.shape), text: Vec::new(), records, body: Body::Columns(rows) }
    }

    /// Counts stored bytes as taken, by the share of rows read.
    fn tell(&mut self, taken: u64) {
        self.progress.fetch_add(taken.saturating_sub(self.told), Ordering::Relaxed);
        self.told = self.told.max(taken);
    }
}

/// Runs the Parquet reader, which panics on some corrupt files.
fn guarded<T>(shown: &str, read: impl FnOnce() -> std::result::Result<T, ParquetError>) -> Result<T> {
    let cannot = || {
        Error::input(format!("cannot read {shown} as Parquet"))
            .hint("Is it a whole Parquet file, and is `source: {format: …}` right?")
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| cannot().because(error)),
        Err(_) => Err(cannot().because("the file is corrupt")),
    }
}

#[cfg(test)]
mod tests;
