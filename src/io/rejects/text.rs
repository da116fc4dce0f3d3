//! Text: reject files of CSV and JSON, the records' own bytes.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use crate::frame::RawBatch;
use crate::io::formats::transcode::{byte_order_mark, original, original_record};
use crate::io::rejects::Layout;
use crate::io::rejects::folder::Folder;
use crate::model::{Encoding, Error, Format, LineEnding, Result};

/// A reject file of text, under its temporary name.
pub struct TextFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl TextFile {
    /// Begins a file: byte-order mark (UTF-16), skipped lines and header as they stood, or the array's bracket.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn create(folder: &mut Folder, layout: &Layout) -> Result<Self> {
        let (path, file) = folder.create(&layout.name)?;
        let mut text = Self { path, file };
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
        Ok(Self { path, file: BufWriter::with_capacity(64 << 10, file) })
    }

    /// Appends a record's own bytes, behind a separator where the last one has no line ending.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, raw: &RawBatch, row: usize, layout: &mut Layout) -> Result<()> {
        let encoding = raw.file.encoding;
        let spec = &raw.file.spec;
        if spec.format == Format::Json {
            if layout.records > 0 {
                self.put(&original(b",\n", encoding))?;
            }
            return self.put(&original_record(raw, row));
        }
        let ending: &[u8] = match (spec.format, spec.line_ending) {
            (Format::Csv, LineEnding::Crlf) => b"\r\n",
            (Format::Csv, LineEnding::Cr) => b"\r",
            _ => b"\n",
        };
        if layout.unended {
            self.put(&original(ending, encoding))?;
        }
        let record = raw.record_text(row);
        let lone_cr = spec.format == Format::Csv && spec.line_ending == LineEnding::Any && record.ends_with(b"\r");
        layout.unended = !record.ends_with(ending) && !lone_cr;
        self.put(&original_record(raw, row))
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
