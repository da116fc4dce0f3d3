//! Text: reject files of CSV and JSON, the records' own bytes.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use crate::frame::RawBatch;
use crate::io::formats::transcode::{byte_order_mark, original};
use crate::io::rejects::Layout;
use crate::io::rejects::folder::Folder;
use crate::model::{Encoding, Error, Format, LineEnding, Result, SourceSpec};

/// A reject file of text, under its temporary name.
pub struct TextFile {
    path: PathBuf,
    file: BufWriter<File>,
    /// One record.
    record: Vec<u8>,
}

impl TextFile {
    /// Begins a file: byte-order mark (UTF-16), skipped lines and header as they stood, or the array's bracket.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn create(folder: &mut Folder, layout: &Layout) -> Result<Self> {
        let (path, file) = folder.create(&layout.name)?;
        let mut text = Self { path, file, record: Vec::new() };
        let encoding = layout.shape.encoding;
        if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            text.put(byte_order_mark(encoding))?;
        }
        text.put(&original(&layout.shape.header, encoding))?;
        if layout.shape.spec.format == Format::Json {
            text.put(&original(b"[\n", encoding))?;
        }
        Ok(text)
    }

    /// Goes on with a file that was closed.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn resume(folder: &Folder, name: &str) -> Result<Self> {
        let path = folder.temporary(name);
        let file = OpenOptions::new().append(true).open(&path).map_err(|error| Error::writing(&path, error))?;
        Ok(Self { path, file: BufWriter::with_capacity(64 << 10, file), record: Vec::new() })
    }

    /// Appends a record's own bytes.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, raw: &RawBatch, row: usize, layout: &mut Layout) -> Result<()> {
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        let unended = gather(raw, std::iter::once(row), &mut record);
        self.append(&record, unended, layout)?;
        self.record = record;
        Ok(())
    }

    /// Appends records that were gathered, behind a separator where the last one has no line ending.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append(&mut self, records: &[u8], unended: bool, layout: &mut Layout) -> Result<()> {
        let (spec, encoding) = (&layout.shape.spec, layout.shape.encoding);
        if spec.format == Format::Json && layout.records > 0 {
            self.put(&original(BETWEEN, encoding))?;
        }
        if layout.unended {
            self.put(&original(ending(spec), encoding))?;
        }
        layout.unended = unended;
        self.put(records)
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn close(mut self) -> Result<()> {
        self.file.flush().map_err(|error| Error::writing(&self.path, error))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Error::writing(&self.path, error))
    }
}

/// What stands between the elements of an array.
const BETWEEN: &[u8] = b",\n";

/// Appends the own bytes of some records to `out`, separators between them; tells whether the last one stands without
/// a line ending it needs.
pub fn gather(raw: &RawBatch, rows: impl Iterator<Item = usize>, out: &mut Vec<u8>) -> bool {
    let (spec, encoding) = (&raw.file.spec, raw.file.encoding);
    let (is_array, ending) = (spec.format == Format::Json, ending(spec));
    let bears_cr = spec.format == Format::Csv && spec.line_ending == LineEnding::Any;
    let (mut first, mut unended) = (true, false);
    for row in rows {
        if is_array && !first {
            out.extend_from_slice(&original(BETWEEN, encoding));
        } else if unended {
            out.extend_from_slice(&original(ending, encoding));
        }
        first = false;
        let record = raw.record_text(row);
        unended = !(is_array || record.ends_with(ending) || (bears_cr && record.ends_with(b"\r")));
        out.extend_from_slice(&original(record, encoding));
    }
    unended
}

/// Gives the line ending that a record must have for another to stand behind it.
fn ending(spec: &SourceSpec) -> &'static [u8] {
    match (spec.format, spec.line_ending) {
        (Format::Csv, LineEnding::Crlf) => b"\r\n",
        (Format::Csv, LineEnding::Cr) => b"\r",
        _ => b"\n",
    }
}

/// Writes what a closed file still lacks: the bracket of an array.
///
/// # Errors
/// Where it cannot be written.
pub fn finish(folder: &Folder, layout: &Layout) -> Result<()> {
    if layout.shape.spec.format != Format::Json {
        return Ok(());
    }
    let mut text = TextFile::resume(folder, &layout.name)?;
    text.put(&original(b"\n]\n", layout.shape.encoding))?;
    text.close()
}
