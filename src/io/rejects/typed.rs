//! Typed: reject files of Parquet, rows in the schema they came in.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use crate::io::rejects::folder::Folder;
use crate::model::{Error, Result};

/// Rows a row group holds: they lie in memory until it is full.
const ROW_GROUP: usize = 64 << 10;

/// A Parquet file of rejected rows, under its temporary name.
pub struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<BufWriter<File>>,
    /// Rejected rows of the batch seen last, not written yet.
    waiting: Option<(RecordBatch, Vec<u32>)>,
}

impl ParquetFile {
    /// Begins a file for rows of a schema.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn create(folder: &mut Folder, name: &str, schema: SchemaRef) -> Result<Self> {
        let (path, file) = folder.create(name)?;
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(ROW_GROUP)).build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|error| failed(&path, error))?;
        Ok(Self { path, writer, waiting: None })
    }

    /// Takes one row of a batch.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, rows: &RecordBatch, row: usize) -> Result<()> {
        let Ok(row) = u32::try_from(row) else { return Ok(()) };
        let same = |batch: &RecordBatch| {
            batch.num_rows() == rows.num_rows()
                && batch.columns().iter().zip(rows.columns()).all(|(left, right)| Arc::ptr_eq(left, right))
        };
        match &mut self.waiting {
            Some((batch, indices)) if same(batch) => indices.push(row),
            _ => {
                self.flush()?;
                self.waiting = Some((rows.clone(), vec![row]));
            }
        }
        Ok(())
    }

    /// Writes the rest and the footer.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        self.writer.close().map_err(|error| failed(&self.path, error))?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Some((batch, indices)) = self.waiting.take() else { return Ok(()) };
        let rows = arrow_select::take::take_record_batch(&batch, &UInt32Array::from(indices))
            .map_err(|error| failed(&self.path, error))?;
        self.writer.write(&rows).map_err(|error| failed(&self.path, error))
    }
}

fn failed(path: &std::path::Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::output(format!("cannot write {}", path.display())).because(error)
}
