//! Parquet: the contract's types as they are, compressed with Zstandard.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::frame::schema;
use crate::io::formats::write::{Writer, Written, synced};
use crate::model::{Error, Result, Table};

/// Rows a row group: enough to compress well, few enough to hold in memory.
const GROUP_ROWS: usize = 256 * 1024;
/// Bytes a row group holds before it is written early.
const GROUP_BYTES: usize = 128 << 20;
/// The same of one of many files.
const LEAST_GROUP_BYTES: usize = 1 << 20;

/// Writes Parquet.
pub struct ParquetWriter {
    path: PathBuf,
    rows: u64,
    group_bytes: usize,
    out: ArrowWriter<File>,
}

impl ParquetWriter {
    /// Begins the file.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn new(path: &Path, file: File, table: &Table) -> Result<Self> {
        let level = ZstdLevel::try_new(3).map_err(|error| failed(path, error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by(concat!("karat ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let out = ArrowWriter::try_new(file, schema::schema(table), Some(properties));
        let out = out.map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_owned(), rows: 0, group_bytes: GROUP_BYTES, out })
    }

    /// Begins a file on the way to a database: quick to write and to read, in groups of so many rows, and gone soon.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn passing(path: &Path, file: File, table: &Table, group_rows: usize) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_max_row_group_row_count(Some(group_rows))
            .build();
        let out = ArrowWriter::try_new(file, schema::schema(table), Some(properties));
        let out = out.map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_owned(), rows: 0, group_bytes: GROUP_BYTES, out })
    }

    /// Ends a file that need not outlive a power cut.
    ///
    /// # Errors
    /// Where it cannot be written to its end.
    pub fn close(self) -> Result<()> {
        let Self { path, out, .. } = self;
        out.close().map(drop).map_err(|error| failed(&path, error))
    }

    /// Takes a share of the memory only: so many files are written at the same time.
    #[must_use]
    pub fn one_of(mut self, files: usize) -> Self {
        self.group_bytes = (GROUP_BYTES / files.max(1)).max(LEAST_GROUP_BYTES);
        self
    }
}

impl Writer for ParquetWriter {
    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        self.out.write(rows).map_err(|error| failed(&self.path, error))?;
        self.rows += rows.num_rows() as u64;
        if self.out.memory_size() > self.group_bytes {
            self.out.flush().map_err(|error| failed(&self.path, error))?;
        }
        Ok(())
    }

    fn write_text(&mut self, _text: &[u8], _rows: usize) -> Result<()> {
        Err(Error::output("Parquet takes no text"))
    }

    fn bytes(&self) -> u64 {
        (self.out.bytes_written() + self.out.in_progress_size()) as u64
    }

    fn finish(self: Box<Self>) -> Result<Written> {
        let Self { path, rows, out, .. } = *self;
        let file = out.into_inner().map_err(|error| failed(&path, error))?;
        Ok(Written { rows, bytes: synced(&path, &file, None)? })
    }
}

fn failed(path: &Path, error: ParquetError) -> Error {
    Error::output(format!("cannot write {}", path.display())).because(error)
}
