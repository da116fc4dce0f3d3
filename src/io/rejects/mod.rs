//! Rejects on disk: the refused records as they stood, and beside them the reasons.
//!
//! ```text
//! rejects/products.rejects.csv          the header's bytes, then each refused record's own bytes
//! rejects/products.rejects-2.csv        those of files with another header or encoding
//! rejects/products.reasons.ndjson       one object a refused record, in the same order
//! rejects/d=2026-10-31/….rejects.ndjson records of a `key=value` folder keep their folder
//! ```
//!
//! A reject file can be mended and loaded again with the same contract, so it is written as its source was: CSV
//! with header and encoding, NDJSON line by line, the elements of a JSON array as an array, Parquet rows as
//! Parquet. Nothing bears its final name before `commit`; a folder tells of one run only.

mod claim;
mod folder;
mod quote;
mod scribe;
mod text;
mod typed;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use serde::Serialize;

use crate::frame::{Body, FileShape, Mask, RawBatch};
use crate::io::rejects::folder::Folder;
use crate::io::rejects::text::TextFile;
use crate::io::rejects::typed::ParquetFile;
use crate::model::{Error, Format, Result, Table, Violation};

pub use scribe::{Scribe, Written};

/// Writes the rejects of one table.
pub struct RejectWriter {
    folder: Folder,
    /// One a reject file, in the order they were begun.
    layouts: Vec<Layout>,
    open: Option<Open>,
    reasons: Option<(PathBuf, BufWriter<File>)>,
    /// The layout of the batch seen last, so that not every record compares headers.
    last: Option<(Arc<FileShape>, usize)>,
    /// One line of reasons.
    line: Vec<u8>,
}

/// What all records of one reject file share.
struct Layout {
    shape: Arc<FileShape>,
    /// Parquet only.
    columns: Option<RecordBatch>,
    /// Path below the reject folder, `/` between folders.
    name: String,
    /// Records in it.
    records: u64,
    /// The last record stands without a line ending.
    unended: bool,
    /// Parquet files that are closed take nothing more.
    closed: bool,
}

/// The reject file written to now; at most one is open.
enum Open {
    Text(usize, TextFile),
    Typed(usize, Box<ParquetFile>),
}

/// One line of `<table>.reasons.ndjson`.
#[derive(Serialize)]
struct Reason<'a> {
    file: &'a str,
    record: u64,
    line: u64,
    offset: u64,
    length: u64,
    rejects_file: &'a str,
    violations: &'a [Violation],
}

impl RejectWriter {
    /// Prepares to write the rejects of a table into a folder, which is made when the first reject comes.
    ///
    /// # Errors
    /// Where `dir` is there and is not a folder.
    pub fn new(dir: &Path, table: &str) -> Result<Self> {
        let folder = Folder::new(dir, table)?;
        Ok(Self { folder, layouts: Vec::new(), open: None, reasons: None, last: None, line: Vec::new() })
    }

    /// Refuses a folder that holds the table's rejects of an earlier run, which somebody may be mending.
    ///
    /// # Errors
    /// A usage error that names such a file.
    pub fn refuse_earlier(self) -> Result<Self> {
        match self.folder.earlier() {
            None => Ok(self),
            Some(path) => Err(Error::usage(format!("{} holds rejects of an earlier run", path.display())).hint(
                "mend and load them with --replay, name another folder with --rejects, or give --overwrite-rejects",
            )),
        }
    }

    /// Writes one refused record and its reasons.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn write(&mut self, raw: &RawBatch, row: usize, violations: &[Violation]) -> Result<()> {
        let Some(record) = raw.records.get(row) else { return Ok(()) };
        let index = self.open_for(raw)?;
        let layout = &mut self.layouts[index];
        match (&mut self.open, &raw.body) {
            (Some(Open::Typed(_, file)), Body::Columns(rows)) => file.write(rows, row)?,
            (Some(Open::Text(_, file)), _) => file.write(raw, row, layout)?,
            _ => {}
        }
        layout.records += 1;
        let Some((path, reasons)) = &mut self.reasons else { return Ok(()) };
        let reason = Reason {
            file: &raw.file.path,
            record: record.number,
            line: record.line,
            offset: record.offset,
            length: record.length,
            rejects_file: &layout.name,
            violations,
        };
        let failed = |error: std::io::Error| Error::writing(path, error);
        // As a whole: many small writes to a file cost more, buffered or not.
        self.line.clear();
        serde_json::to_writer(&mut self.line, &reason).map_err(|error| failed(error.into()))?;
        self.line.push(b'\n');
        reasons.write_all(&self.line).map_err(failed)
    }

    /// Gives what makes the rejects of the table's batches ready for [`RejectWriter::append`].
    #[must_use]
    pub fn scribe(&self, table: &Table) -> Scribe {
        Scribe::new(&self.folder, table)
    }

    /// Writes the refused records of a batch (`rows`) and their reasons, as [`RejectWriter::write`] would one by one.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn append(&mut self, raw: &RawBatch, rows: &Mask, written: &Written) -> Result<()> {
        if written.records == 0 {
            return Ok(());
        }
        let index = self.open_for(raw)?;
        let layout = &mut self.layouts[index];
        match (&mut self.open, &raw.body) {
            (Some(Open::Typed(_, file)), Body::Columns(columns)) => {
                rows.rows().try_for_each(|row| file.write(columns, row))?;
            }
            (Some(Open::Text(_, file)), _) => file.append(&written.text, written.unended, layout)?,
            _ => {}
        }
        layout.records += written.records;
        let Some((path, reasons)) = &mut self.reasons else { return Ok(()) };
        written.put_lines(&layout.name, reasons).map_err(|error| Error::writing(path, error))
    }

    /// Makes everything written durable, under its final name, and removes the rejects of earlier runs. Gives the
    /// files, reasons last; none where nothing was rejected.
    ///
    /// # Errors
    /// Where a file cannot be written or renamed.
    pub fn commit(mut self) -> Result<Vec<PathBuf>> {
        self.close()?;
        for layout in self.layouts.iter().filter(|layout| layout.columns.is_none()) {
            text::finish(&self.folder, layout)?;
        }
        let mut names: Vec<String> = self.layouts.iter().map(|layout| layout.name.clone()).collect();
        // Open, and so claimed, until all files bear their final names.
        let mut reasons = self.reasons.take();
        if let Some((path, reasons)) = &mut reasons {
            reasons.flush().map_err(|error| Error::writing(path, error))?;
            names.push(self.folder.reasons_name());
        }
        self.folder.commit(&names)
    }

    /// Opens the files that the rejects of a batch and their reasons go to; gives the layout.
    fn open_for(&mut self, raw: &RawBatch) -> Result<usize> {
        if self.reasons.is_none() {
            self.reasons = Some(self.folder.create_reasons()?);
        }
        let index = self.layout(raw);
        self.switch(index)?;
        Ok(index)
    }

    /// Finds or begins the reject file for the records of a batch.
    fn layout(&mut self, raw: &RawBatch) -> usize {
        let columns = if let Body::Columns(rows) = &raw.body { Some(rows) } else { None };
        let usable = |layout: &Layout| {
            !layout.closed && layout.columns.as_ref().map(RecordBatch::schema) == columns.map(RecordBatch::schema)
        };
        if let Some((shape, index)) = &self.last
            && Arc::ptr_eq(shape, &raw.file)
            && usable(&self.layouts[*index])
        {
            return *index;
        }
        let like = |layout: &Layout| {
            let (left, right) = (&layout.shape, &raw.file);
            left.partitions == right.partitions
                && left.encoding == right.encoding
                && left.header == right.header
                && left.spec == right.spec
        };
        let found = self.layouts.iter().position(|layout| like(layout) && usable(layout));
        let index = found.unwrap_or_else(|| {
            let before = self.layouts.iter().filter(|layout| layout.shape.partitions == raw.file.partitions).count();
            let name = self.folder.rejects_name(&raw.file.partitions, before + 1, extension(&raw.file));
            let (shape, columns) = (Arc::clone(&raw.file), columns.map(|rows| rows.slice(0, 0)));
            self.layouts.push(Layout { shape, columns, name, records: 0, unended: false, closed: false });
            self.layouts.len() - 1
        });
        self.last = Some((Arc::clone(&raw.file), index));
        index
    }

    /// Makes a layout's file the open one.
    fn switch(&mut self, index: usize) -> Result<()> {
        if matches!(&self.open, Some(Open::Text(open, _) | Open::Typed(open, _)) if *open == index) {
            return Ok(());
        }
        self.close()?;
        let layout = &self.layouts[index];
        self.open = Some(match &layout.columns {
            Some(rows) => {
                Open::Typed(index, Box::new(ParquetFile::create(&mut self.folder, &layout.name, rows.schema())?))
            }
            None if layout.records > 0 => Open::Text(index, TextFile::resume(&self.folder, &layout.name)?),
            None => Open::Text(index, TextFile::create(&mut self.folder, layout)?),
        });
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        match self.open.take() {
            Some(Open::Text(_, file)) => file.close(),
            Some(Open::Typed(index, file)) => {
                self.layouts[index].closed = true;
                file.close()
            }
            None => Ok(()),
        }
    }
}

/// Tells whether the rejects of a table, written to a folder, may take the place of a file.
///
/// # Errors
/// Where `dir` is there and is not a folder.
pub fn would_replace(dir: &Path, table: &str, path: &Path) -> Result<bool> {
    Folder::new(dir, table).map(|folder| folder.would_replace(path))
}

/// Gives the extension of a reject file: that of the CSV file (`tbl`), else the format's own.
fn extension(file: &FileShape) -> &str {
    match file.spec.format {
        format @ (Format::Ndjson | Format::Json | Format::Parquet) => format.name(),
        Format::Csv => {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            let packed = [".gz", ".zst", ".bz2"].iter().find_map(|packed| name.strip_suffix(packed));
            let extension = packed.unwrap_or(name).rsplit_once('.').map_or("csv", |(_, extension)| extension);
            let plain = (1..=10).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
            if plain { extension } else { "csv" }
        }
    }
}

#[cfg(test)]
mod tests;
