//! JSON: files cut into records, streaming. What is inside a record is judged by the parser, on many threads.
//!
//! **NDJSON**: a record is a line with its ending (LF or CRLF; a CR alone is a blank). Lines of blanks are counted
//! apart. A line over sixteen times `max_field_bytes` is refused (`P008`) in pieces of that size.
//!
//! **JSON**: one array, whose elements are the records, or one value, which is the record. Records are the elements'
//! own bytes; brackets, commas and blanks are framing. Where the structure breaks, as little as possible is refused:
//!
//! | what is wrong | refused |
//! |---|---|
//! | something else than a comma, a bracket or a value between the elements, or behind the array | from its first byte to the end of the line (`P030`) |
//! | an element with a bracket that closes another one, a line break in a string, or too many bytes | from the element's first byte to the end of its first line (`P030`, `P008`) |
//! | the file ends inside an element | the element (`P033`) |
//! | the file ends before the array is closed | what follows the last element, maybe nothing (`P033`) |
//!
//! In the first two cases reading goes on line by line as if the rest were NDJSON: blanks around a line, a comma at its
//! end and a `]` as the last line are framing.
//!
//! Each byte of a file belongs to exactly one record or to the framing.

#![expect(clippy::unnecessary_box_returns, reason = "pieces that carry no fault stay small")]

mod array;
mod lines;
mod walk;

use std::io;
use std::sync::Arc;

use crate::frame::{Body, FileShape, RawBatch, Record};
use crate::io::formats::transcode::{TextReader, original_len};
use crate::io::stores::archive;
use crate::io::{InputFile, ReadOptions, Source};
use crate::model::{Encoding, FileReport, Format, Result, Table, Why};

/// A record's bytes at most, as a multiple of a field's.
const RECORD_FIELDS: u64 = 16;

/// Opens a file of JSON, by the table's format one object a line or one array. A byte-order mark is framing.
///
/// # Errors
/// Where it cannot be opened or its first bytes cannot be read.
pub fn open(file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Box<dyn Source>> {
    let input = archive::open(&file.path, Arc::clone(&options.progress))?;
    Ok(Box::new(Json::new(input, file, table, options)?))
}

/// What stands at the front of the bytes that were not taken yet.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// Bytes that belong to no record, at least one.
    Framing(usize),
    /// A line of blanks.
    Blank(usize),
    /// A record, and why it is refused already.
    Record(usize, Option<Box<Why>>),
    /// It cannot be told without more bytes.
    More,
    /// Nothing: the file has ended.
    End,
}

/// Cuts bytes into pieces.
trait Splitter: Send {
    /// Says what stands at the front of `ahead`. After `last` no more bytes follow.
    fn next(&mut self, ahead: &[u8], last: bool) -> Piece;
}

/// Reads a file of JSON.
struct Json {
    reader: TextReader,
    file: InputFile,
    shape: Arc<FileShape>,
    splitter: Box<dyn Splitter>,
    /// Bytes read; those before `at` are taken.
    ahead: Vec<u8>,
    at: usize,
    last: bool,
    /// The physical line of the next byte.
    line: u64,
    tally: FileReport,
    batch_rows: usize,
    block_bytes: usize,
}

impl Json {
    fn new(input: Box<dyn io::Read + Send>, file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Self> {
        let spec = table.source.clone();
        let reader = TextReader::open(input, spec.encoding);
        let reader = reader.map_err(|error| archive::read_error(&file.path, error))?;
        let mark = reader.byte_order_mark().len() as u64;
        let limit = usize::try_from(spec.max_field_bytes.saturating_mul(RECORD_FIELDS)).unwrap_or(usize::MAX);
        let splitter: Box<dyn Splitter> = match spec.format {
            Format::Json => Box::new(array::Array::new(limit.max(1), spec.max_depth)),
            _ => Box::new(lines::Ndjson::new(limit.max(1))),
        };
        let shape = FileShape {
            path: file.shown.clone(),
            partitions: file.partitions.clone(),
            spec,
            encoding: reader.encoding(),
            names: Vec::new(),
            header: Vec::new(),
        };
        let tally = FileReport { path: file.shown.clone(), bytes: mark, framing_bytes: mark, ..FileReport::default() };
        Ok(Self {
            reader,
            file: file.clone(),
            shape: Arc::new(shape),
            splitter,
            ahead: Vec::new(),
            at: 0,
            last: false,
            line: 1,
            tally,
            batch_rows: options.batch_rows.max(1),
            block_bytes: options.block_bytes.max(1),
        })
    }

    /// Reads another block behind the bytes that were not taken.
    fn refill(&mut self) -> Result<()> {
        self.ahead.drain(..self.at);
        self.at = 0;
        let filled = self.reader.fill(&mut self.ahead, self.block_bytes);
        self.last = filled.map_err(|error| archive::read_error(&self.file.path, error))?;
        Ok(())
    }

    /// Takes bytes from the front and gives them.
    fn take(&mut self, len: usize) -> &[u8] {
        let end = self.at.saturating_add(len).min(self.ahead.len());
        let bytes = self.ahead.get(self.at..end).unwrap_or_default();
        self.at = end;
        self.tally.bytes += original_len(bytes, self.shape.encoding);
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
        bytes
    }
}

impl Source for Json {
    fn next_batch(&mut self) -> Result<Option<RawBatch>> {
        let mut text = Vec::new();
        let mut records: Vec<Record> = Vec::new();
        while records.len() < self.batch_rows && text.len() < self.block_bytes {
            match self.splitter.next(self.ahead.get(self.at..).unwrap_or_default(), self.last) {
                Piece::Framing(len) => {
                    self.take(len);
                }
                Piece::Blank(len) => {
                    self.take(len);
                    self.tally.blank_lines += 1;
                }
                Piece::Record(len, mut fault) => {
                    if let Some(why) = fault.as_mut().filter(|_| self.shape.encoding != Encoding::Utf8) {
                        why.at = None;
                    }
                    let (offset, line, start) = (self.tally.bytes, self.line, text.len());
                    text.extend_from_slice(self.take(len));
                    let length = self.tally.bytes - offset;
                    self.tally.records += 1;
                    self.tally.record_bytes += length;
                    let number = self.tally.records;
                    records.push(Record { start, len: text.len() - start, offset, length, line, number, fault });
                }
                Piece::More if !self.last => self.refill()?,
                Piece::More | Piece::End => break,
            }
        }
        self.tally.framing_bytes = self.tally.bytes - self.tally.record_bytes;
        let file = Arc::clone(&self.shape);
        Ok((!records.is_empty()).then_some(RawBatch { file, text, records, body: Body::Json }))
    }

    fn tally(&self) -> FileReport {
        self.tally.clone()
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Counts the blanks of JSON at the front.
fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_blank(**byte)).count()
}

/// Gives the length without the blanks at the end.
fn trimmed(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1)
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests;
