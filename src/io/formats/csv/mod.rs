//! CSV: records and fields as they stand in a file, every byte accounted for.
//!
//! A file is, in this order: a byte-order mark, skipped lines, the header, records; blank lines and comment lines may
//! stand anywhere after the skipped ones. What is not a record is framing, and the bytes of both add up to the file.

mod dialect;
mod framer;
mod head;
#[cfg(test)]
mod tests;
mod verify;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

pub use crate::io::formats::csv::dialect::Dialect;

use crate::frame::{Body, FieldSpan, FileShape, RawBatch, Record};
use crate::io::formats::csv::framer::{Framed, Unit};
use crate::io::formats::transcode::{TextReader, original_len};
use crate::io::stores::archive;
use crate::io::{InputFile, ReadOptions, Source};
use crate::model::{Error, FileReport, Result, Table, Why};

/// Opens a CSV file of a table and reads its header.
///
/// # Errors
/// Where the file cannot be read or its header is broken.
pub fn open(file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Box<dyn Source>> {
    let bytes = archive::open(&file.path, Arc::clone(&options.progress))?;
    Ok(Box::new(CsvSource::new(bytes, file, table, options)?))
}

/// Reads the records of one CSV file.
struct CsvSource {
    input: Input,
    cursor: Cursor,
    dialect: Dialect,
    shape: Arc<FileShape>,
    batch_rows: usize,
}

/// The text that was read and is not yet given out.
struct Input {
    reader: TextReader,
    path: PathBuf,
    shown: String,
    text: Vec<u8>,
    /// Where the text that is still needed starts.
    from: usize,
    eof: bool,
    block: usize,
}

/// Where the next unit starts, and what lies before it.
#[derive(Debug, Default)]
struct Cursor {
    /// Physical line, from 1.
    line: u64,
    /// Byte offset in the decoded file.
    offset: u64,
    tally: FileReport,
}

impl Input {
    /// Drops what is no longer needed and reads a block more; at least as much as waits, so that a long record is not
    /// walked too often.
    fn more(&mut self) -> Result<()> {
        self.text.drain(..self.from);
        self.from = 0;
        let bytes = self.block.max(self.text.len());
        match self.reader.fill(&mut self.text, bytes) {
            Ok(ended) => {
                self.eof = ended;
                Ok(())
            }
            Err(error) => Err(archive::read_error(&self.path, error)),
        }
    }

    /// Gives the text that is not yet given out.
    fn rest(&self) -> &[u8] {
        self.text.get(self.from..).unwrap_or_default()
    }

    fn original_len(&self, from: usize, to: usize) -> u64 {
        original_len(self.rest().get(from..to).unwrap_or_default(), self.reader.encoding())
    }

    fn too_long(&self, line: u64, limit: usize) -> Error {
        let megabytes = limit >> 20;
        Error::input(format!("cannot read {}: line {line} is longer than {megabytes} MiB", self.shown))
            .hint("Check `source: {line_ending: …}`, and that the file is CSV at all.")
    }
}

impl Cursor {
    fn skip(&mut self, length: u64, lines: u64) {
        self.offset += length;
        self.line += lines;
        self.tally.framing_bytes += length;
    }
}

/// The records of one batch as they are found.
#[derive(Default)]
struct Found {
    records: Vec<Record>,
    fields: Vec<FieldSpan>,
    /// The text behind the last of them.
    end: usize,
}

impl CsvSource {
    fn new(bytes: Box<dyn Read + Send>, file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Self> {
        let spec = table.source.clone();
        let dialect = Dialect::new(&spec)?;
        let reader = TextReader::open(bytes, spec.encoding).map_err(|error| archive::read_error(&file.path, error))?;
        let encoding = reader.encoding();
        // A batch and the record that ends it stay within 32 bits.
        let block = options.block_bytes.clamp(1, 1 << 30);
        let (path, shown) = (file.path.clone(), file.shown.clone());
        let mut input = Input { reader, path, shown, text: Vec::new(), from: 0, eof: false, block };
        let tally = FileReport { path: file.shown.clone(), ..FileReport::default() };
        let mut cursor = Cursor { line: 1, offset: 0, tally };
        cursor.skip(input.reader.byte_order_mark().len() as u64, 0);
        let head = head::read(&mut input, &mut cursor, &dialect, &spec)?;
        let names = head.names.unwrap_or_else(|| {
            let from_folder = |name: &str| file.partitions.iter().any(|(key, _)| key == name);
            let columns = table.columns.iter().map(|column| column.name.clone());
            columns.filter(|name| !from_folder(name)).collect()
        });
        let (path, partitions) = (file.shown.clone(), file.partitions.clone());
        let shape = Arc::new(FileShape { path, partitions, spec, encoding, names, header: head.text });
        Ok(Self { input, cursor, dialect, shape, batch_rows: options.batch_rows.max(1) })
    }

    /// Frames records until the batch is full or the file ends.
    fn frame(&mut self) -> Result<Found> {
        let width = self.shape.names.len();
        let mut found = Found::default();
        while found.records.len() < self.batch_rows && found.end < self.input.block {
            let (text, eof, at) = (self.input.rest(), self.input.eof, found.end);
            let line = self.cursor.line;
            match framer::next(&self.dialect, text, at, eof, line, Some(width), &mut found.fields) {
                Unit::Record(framed) => {
                    found.fields.resize((found.records.len() + 1) * width, FieldSpan::default());
                    self.take(framed, &mut found);
                }
                Unit::Blank(end) => {
                    self.cursor.skip(self.input.original_len(at, end), 1);
                    self.cursor.tally.blank_lines += 1;
                    found.end = end;
                }
                Unit::Comment(end) => {
                    self.cursor.skip(self.input.original_len(at, end), 1);
                    self.cursor.tally.comment_lines += 1;
                    found.end = end;
                }
                Unit::More => self.input.more()?,
                Unit::TooLong => return Err(self.input.too_long(line, self.dialect.max_record)),
                Unit::End => break,
            }
        }
        Ok(found)
    }

    fn take(&mut self, framed: Framed, found: &mut Found) {
        let (start, end) = (found.end, framed.end);
        let length = self.input.original_len(start, end);
        let fault = framed.flaw.map(|flaw| {
            let at = flaw.at.map(|at| self.input.original_len(start, at));
            Box::new(Why { code: flaw.code, at, detail: flaw.detail })
        });
        let tally = &mut self.cursor.tally;
        tally.records += 1;
        tally.record_bytes += length;
        let (offset, line, number) = (self.cursor.offset, self.cursor.line, tally.records);
        found.records.push(Record { start, len: end - start, offset, length, line, number, fault });
        self.cursor.offset += length;
        self.cursor.line += framed.lines;
        found.end = end;
    }
}

impl Source for CsvSource {
    fn next_batch(&mut self) -> Result<Option<RawBatch>> {
        let mut found = self.frame()?;
        while found.records.is_empty() && found.end > 0 {
            // Nothing but blank lines and comments filled the batch.
            self.input.from += found.end;
            found = self.frame()?;
        }
        if found.records.is_empty() {
            return Ok(None);
        }
        let text = self.input.rest().get(..found.end).unwrap_or_default().to_vec();
        self.input.from += found.end;
        let width = self.shape.names.len();
        let Found { mut records, mut fields, .. } = found;
        verify::text(&text, &self.shape, &mut records, &mut fields);
        Ok(Some(RawBatch { file: Arc::clone(&self.shape), text, records, body: Body::Delimited { fields, width } }))
    }

    fn tally(&self) -> FileReport {
        FileReport { bytes: self.input.reader.taken(), ..self.cursor.tally.clone() }
    }

    fn names(&self) -> Vec<String> {
        self.shape.names.clone()
    }
}
