//! Passing: many rows on their way into a table, by a Parquet file that DuckDB reads with all its threads.
//!
//! An appender takes rows on one thread only, which compresses them too. Rows keep their order: DuckDB numbers the row
//! groups of a file, which are as large as its own.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use duckdb::Connection;

use crate::io::databases::duckdb::failed;
use crate::io::formats::write::Writer as _;
use crate::io::formats::write::parquet::ParquetWriter;
use crate::model::{Error, Result, Table};
use crate::sql::{identifiers, literal};

/// Rows of a row group, as many as DuckDB's own have.
const GROUP: usize = 122_880;
/// Rows and bytes a file holds before the table takes them.
const ROWS: u64 = 10 * GROUP as u64;
const BYTES: u64 = 256 << 20;

/// A file being written; it is removed when dropped.
pub struct Passing {
    path: PathBuf,
    /// None once it is closed.
    writer: Option<ParquetWriter>,
    rows: u64,
}

impl Passing {
    /// Begins a file in a folder of the load's own.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn begin(folder: &Path, table: &Table) -> Result<Self> {
        let path = folder.join("rows.parquet");
        let file = File::create(&path).map_err(|error| Error::writing(&path, error))?;
        let writer = Some(ParquetWriter::passing(&path, file, table, GROUP)?);
        Ok(Self { path, writer, rows: 0 })
    }

    /// Takes rows.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        self.rows += rows.num_rows() as u64;
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write(rows))
    }

    /// Tells whether the table should take the rows now.
    pub fn is_full(&self) -> bool {
        self.rows >= ROWS || self.writer.as_ref().is_some_and(|writer| writer.bytes() >= BYTES)
    }

    /// Lets the table take the rows; `into` is SQL.
    ///
    /// # Errors
    /// Where the table refuses them.
    pub fn insert(mut self, connection: &Connection, into: &str, table: &Table) -> Result<()> {
        self.writer.take().map_or(Ok(()), ParquetWriter::close)?;
        let columns = identifiers(table.columns.iter().map(|column| column.name.as_str()));
        let file = literal(&self.path.to_string_lossy());
        let insert = format!("INSERT INTO {into} ({columns}) SELECT {columns} FROM read_parquet({file})");
        let inserted = connection.execute(&insert, []);
        let inserted =
            inserted.map_err(|error| failed(format!("the target refuses rows of {}", table.name), &error))? as u64;
        if inserted == self.rows {
            return Ok(());
        }
        let message = format!("{}: {} rows were handed over, and {inserted} came in", table.name, self.rows);
        Err(Error::new(crate::model::ErrorKind::Conservation, message))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
