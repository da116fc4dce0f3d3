//! Writing files: one writer a format, all of them exact. What is written here reads back as the same values.

pub mod cells;
pub mod csv;
pub mod dialect;
pub mod file;
pub mod moment;
pub mod ndjson;
pub mod parquet;
pub mod plan;
pub mod rows;
pub mod value;
pub mod verbatim;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;

use crate::model::{Column, DataType, Encoding, Error, Format, LineEnding, Quotes, Result, SourceSpec, Table};

/// Writes rows of one table to one file.
pub trait Writer: Send {
    /// Writes rows: the contract's columns in its order and types.
    ///
    /// # Errors
    /// Where the file cannot be written.
    fn write(&mut self, rows: &RecordBatch) -> Result<()>;

    /// Writes records of the writer's own format, so many, each with its line end.
    ///
    /// # Errors
    /// Where the file cannot be written, or its format is no text.
    fn write_text(&mut self, text: &[u8], rows: usize) -> Result<()>;

    /// Gives the bytes written so far, about.
    fn bytes(&self) -> u64;

    /// Ends the file and waits until it is on the disk.
    ///
    /// # Errors
    /// Where it cannot be written to the end, or has another length than was written.
    fn finish(self: Box<Self>) -> Result<Written>;
}

/// What a writer wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    pub rows: u64,
    pub bytes: u64,
}

/// Makes a new file in a format.
///
/// # Errors
/// Where the file exists or cannot be made, or the format is none karat writes (a JSON array).
pub fn create(format: Format, path: &Path, table: &Table) -> Result<Box<dyn Writer>> {
    create_one_of(format, path, table, 1)
}

/// Makes one of so many new files that are written at the same time, and share the memory of one.
///
/// # Errors
/// As [`create`].
pub fn create_one_of(format: Format, path: &Path, table: &Table, files: usize) -> Result<Box<dyn Writer>> {
    let file = || File::create_new(path).map_err(|error| Error::writing(path, error));
    Ok(match format {
        Format::Csv | Format::Ndjson => Box::new(file::RowFile::new(TextFile::new(path, file()?), format, table)?),
        Format::Parquet => Box::new(parquet::ParquetWriter::new(path, file()?, table)?.one_of(files)),
        Format::Json => return Err(Error::usage("karat writes no JSON arrays").hint("Write NDJSON instead.")),
    })
}

/// Gives the table as its written files are read back: the dialect the writers use, and no column with a format of
/// its own, since moments are written in ISO 8601 and bytes in base64.
#[must_use]
pub fn reading(format: Format, table: &Table) -> Table {
    let null = if csv::is_lonely(table) { csv::LONELY_NULL } else { "" };
    let source = SourceSpec {
        format,
        quotes: Quotes::Strict,
        line_ending: LineEnding::Lf,
        null_values: vec![null.to_owned()],
        quoted_nulls: false,
        max_field_bytes: u64::from(u32::MAX),
        encoding: Encoding::Utf8,
        ..SourceSpec::default()
    };
    Table { source, columns: table.columns.iter().map(plain).collect(), ..table.clone() }
}

fn plain(column: &Column) -> Column {
    let data_type = match &column.data_type {
        DataType::List(item) => DataType::List(Box::new(plain(item))),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain).collect()),
        other => other.clone(),
    };
    let allow_nan = data_type.is_float();
    Column { data_type, format: None, allow_nan, ..column.clone() }
}

/// A text file being written.
#[derive(Debug)]
pub struct TextFile {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
}

impl TextFile {
    fn new(path: &Path, file: File) -> Self {
        Self { path: path.to_owned(), file: BufWriter::with_capacity(1 << 18, file), bytes: 0 }
    }
}

impl file::Out for TextFile {
    fn push(&mut self, text: &[u8]) -> Result<()> {
        self.file.write_all(text).map_err(|error| Error::writing(&self.path, error))?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<u64> {
        let Self { path, file, bytes } = self;
        let file = file.into_inner().map_err(|error| Error::writing(&path, error.into_error()))?;
        synced(&path, &file, Some(bytes))
    }
}

/// Waits until a file is on the disk and gives its length, which must be the one expected.
///
/// # Errors
/// Where the file cannot be synced, or has another length.
pub fn synced(path: &Path, file: &File, expected: Option<u64>) -> Result<u64> {
    let length = file.sync_all().and_then(|()| file.metadata()).map_err(|error| Error::writing(path, error))?.len();
    match expected {
        Some(bytes) if bytes != length => {
            Err(Error::output(format!("{} holds {length} bytes after {bytes} were written", path.display())))
        }
        _ => Ok(length),
    }
}
