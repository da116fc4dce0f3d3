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

/// Bytes a batch holds at most, unless one record has more: its text and columns then stay in a core's own cache.
const BLOCK: usize = 1 << 19;

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

    /// Finds the records at the front that surely are records, none of them refused: appends where each ends. Up to
    /// `rows` of them, as long as they start before `bytes`; each has one line feed, at its end.
    fn plain(&self, _ahead: &[u8], _rows: usize, _bytes: usize, _ends: &mut Vec<usize>) {}

    /// Counts the line feeds of a piece.
    fn line_feeds(&self, piece: &[u8]) -> usize {
        memchr::memchr_iter(b'\n', piece).count()
    }
}

/// Reads a file of JSON.
struct Json {
    reader: TextReader,
    file: InputFile,
    shape: Arc<FileShape>,
    splitter: Box<dyn Splitter>,
    /// Bytes read; those before `at` are taken, and those before `given` were in earlier batches.
    ahead: Vec<u8>,
    at: usize,
    given: usize,
    last: bool,
    /// The physical line of the next byte.
    line: u64,
    tally: FileReport,
    batch_rows: usize,
    block_bytes: usize,
    /// Records of the last batch.
    usual: usize,
    /// Where records end that were found at once.
    ends: Vec<usize>,
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
            given: 0,
            last: false,
            line: 1,
            tally,
            batch_rows: options.batch_rows.max(1),
            block_bytes: options.block_bytes.clamp(1, BLOCK),
            usual: 0,
            ends: Vec::new(),
        })
    }

    /// Forgets the bytes that were taken, and reads a block behind the others, or what of it is missing.
    fn refill(&mut self, bytes: usize) -> Result<()> {
        self.ahead.drain(..self.at);
        (self.at, self.given) = (0, 0);
        let filled = self.reader.fill(&mut self.ahead, bytes);
        self.last = filled.map_err(|error| archive::read_error(&self.file.path, error))?;
        Ok(())
    }

    /// Takes bytes from the front; gives how many they were in the file.
    fn take(&mut self, len: usize) -> u64 {
        let end = self.at.saturating_add(len).min(self.ahead.len());
        let bytes = self.ahead.get(self.at..end).unwrap_or_default();
        self.at = end;
        let original = original_len(bytes, self.shape.encoding);
        self.tally.bytes += original;
        self.line += self.splitter.line_feeds(bytes) as u64;
        original
    }

    /// Finds the records of the next batch, whose places count from the first byte not given yet. Also says whether
    /// the file has ended.
    fn frame(&mut self) -> Result<(Vec<Record>, bool)> {
        let mut records: Vec<Record> = Vec::with_capacity(self.usual);
        loop {
            self.plain(&mut records);
            if records.len() >= self.batch_rows || self.at - self.given >= self.block_bytes {
                return Ok((records, false));
            }
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
                    let (offset, line, start) = (self.tally.bytes, self.line, self.at - self.given);
                    let length = self.take(len);
                    self.tally.records += 1;
                    self.tally.record_bytes += length;
                    let (number, len) = (self.tally.records, self.at - self.given - start);
                    records.push(Record { start, len, offset, length, line, number, fault });
                }
                // What is there makes a batch; the rest waits for the next one.
                Piece::More if !records.is_empty() => return Ok((records, false)),
                Piece::More if !self.last => self.refill(self.block_bytes)?,
                Piece::More | Piece::End => return Ok((records, true)),
            }
        }
    }

    /// Takes the records that follow as long as they surely are records.
    fn plain(&mut self, records: &mut Vec<Record>) {
        let ahead = self.ahead.get(self.at..).unwrap_or_default();
        let rows = self.batch_rows.saturating_sub(records.len());
        let base = self.at - self.given;
        self.ends.clear();
        self.splitter.plain(ahead, rows, self.block_bytes.saturating_sub(base), &mut self.ends);
        let mut start = 0;
        for end in &self.ends {
            let len = end - start;
            let length = match self.shape.encoding {
                Encoding::Utf8 => len as u64,
                other => original_len(ahead.get(start..*end).unwrap_or_default(), other),
            };
            self.tally.records += 1;
            let (offset, line, number) = (self.tally.bytes, self.line, self.tally.records);
            records.push(Record { start: base + start, len, offset, length, line, number, fault: None });
            self.tally.bytes += length;
            self.tally.record_bytes += length;
            self.line += 1;
            start = *end;
        }
        self.at += start;
    }

    /// Gives the bytes taken since the last batch: the buffer itself where little stands behind them.
    fn give(&mut self) -> Vec<u8> {
        let behind = self.ahead.get(self.at..).unwrap_or_default();
        if self.given > 0 || behind.len() > self.at {
            let given = self.ahead.get(self.given..self.at).unwrap_or_default().to_vec();
            self.given = self.at;
            return given;
        }
        let mut next = Vec::with_capacity(self.block_bytes.max(behind.len()));
        next.extend_from_slice(behind);
        let mut given = std::mem::replace(&mut self.ahead, next);
        given.truncate(self.at);
        (self.at, self.given) = (0, 0);
        given
    }
}

impl Source for Json {
    fn next_batch(&mut self) -> Result<Option<RawBatch>> {
        let records = loop {
            let waits = self.ahead.len() - self.at;
            if waits < self.block_bytes && !self.last {
                self.refill(self.block_bytes - waits)?;
            }
            let (records, ended) = self.frame()?;
            if !records.is_empty() || ended {
                break records;
            }
            // Nothing but framing filled the batch.
            self.given = self.at;
        };
        self.tally.framing_bytes = self.tally.bytes - self.tally.record_bytes;
        if records.is_empty() {
            return Ok(None);
        }
        self.usual = records.len();
        let file = Arc::clone(&self.shape);
        Ok(Some(RawBatch { file, text: self.give(), records, body: Body::Json }))
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
