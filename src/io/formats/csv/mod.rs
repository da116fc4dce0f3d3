//! CSV: records and fields as they stand in a file, every byte accounted for.
//!
//! A file is, in this order: a byte-order mark, skipped lines, the header, records; blank lines and comment lines may
//! stand anywhere after the skipped ones. What is not a record is framing, and the bytes of both add up to the file.

mod again;
mod dialect;
mod even;
mod framer;
mod head;
mod scan;
pub mod sniff;
#[cfg(test)]
mod tests;
mod verify;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

pub use crate::io::formats::csv::again::{Again, Place, is_seekable};
pub use crate::io::formats::csv::dialect::Dialect;

use crate::frame::{FieldSpan, Fields, FileShape, RawBatch, spare};
use crate::io::formats::csv::even::{At, Found};
use crate::io::formats::csv::framer::{Framed, Unit};
use crate::io::formats::csv::scan::{Level, Needles, Tape};
use crate::io::formats::transcode::{TextReader, original_len};
use crate::io::stores::archive;
use crate::io::{Claim, InputFile, ReadOptions, Source};
use crate::model::{Error, FileReport, Result, Table};

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
    dialect: Arc<Dialect>,
    shape: Arc<FileShape>,
    batch_rows: usize,
    /// What looks for separators; `None` for dialects that only the framer reads.
    level: Option<Level>,
    tape: Tape,
    /// How many records of the tape are behind us; 0 where it does not belong to the text.
    used: usize,
    /// The tape belongs to the text, and none of its records is behind us.
    fresh: bool,
    /// So many records are scanned at once: few where the last scan was for nothing.
    stride: usize,
    /// The fields of one record, as the framer gives them.
    spans: Vec<FieldSpan>,
}

/// Records scanned at once after a scan that was for nothing.
const LEAST_STRIDE: usize = 8;

/// The text that was read and is not yet given out.
struct Input {
    reader: TextReader,
    path: PathBuf,
    shown: String,
    text: Vec<u8>,
    /// Where the text that is still needed starts, and where it ends; what stands behind means nothing.
    from: usize,
    until: usize,
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
    /// Drops what is no longer needed and fills the block up; where more than that waits, reads as much again, so that
    /// a long record is not walked too often.
    fn more(&mut self) -> Result<()> {
        if self.eof {
            return Ok(());
        }
        self.text.copy_within(self.from..self.until, 0);
        (self.from, self.until) = (0, self.until - self.from);
        let waits = self.until;
        let bytes = if waits < self.block { self.block - waits } else { waits };
        match self.reader.fill_from(&mut self.text, &mut self.until, bytes) {
            Ok(ended) => {
                self.eof = ended;
                Ok(())
            }
            Err(error) => Err(archive::read_error(&self.path, error)),
        }
    }

    /// Gives the first `end` bytes of the rest away: the buffer itself where little stands behind them.
    fn give(&mut self, end: usize) -> Vec<u8> {
        let behind = self.until.saturating_sub(self.from + end);
        if self.from > 0 || behind > end {
            let given = self.rest().get(..end).unwrap_or_default().to_vec();
            self.from += end;
            return given;
        }
        let mut next = spare::text();
        if next.len() < behind {
            next.resize(self.block.max(behind), 0);
        }
        next[..behind].copy_from_slice(&self.text[end..self.until]);
        self.until = behind;
        let mut given = std::mem::replace(&mut self.text, next);
        given.truncate(end);
        given
    }

    /// Gives the text that is not yet given out.
    fn rest(&self) -> &[u8] {
        self.text.get(self.from..self.until).unwrap_or_default()
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

impl CsvSource {
    fn new(bytes: Box<dyn Read + Send>, file: &InputFile, table: &Table, options: &ReadOptions) -> Result<Self> {
        let spec = table.source.clone();
        let dialect = Arc::new(Dialect::new(&spec)?);
        let reader = TextReader::open(bytes, spec.encoding).map_err(|error| archive::read_error(&file.path, error))?;
        let encoding = reader.encoding();
        // A batch and the record that ends it stay within 31 bits.
        let block = options.block_bytes.clamp(1, 1 << 28);
        let (path, shown) = (file.path.clone(), file.shown.clone());
        let mut input = Input { reader, path, shown, text: Vec::new(), from: 0, until: 0, eof: false, block };
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
        let level = dialect.is_regular().then(Level::best);
        let batch_rows = options.batch_rows.max(1);
        let (tape, used, fresh, stride, spans) = (Tape::default(), 0, false, usize::MAX, Vec::new());
        Ok(Self { input, cursor, dialect, shape, batch_rows, level, tape, used, fresh, stride, spans })
    }

    /// Frames records until the batch is full or the file ends.
    fn frame(&mut self) -> Result<Found> {
        let width = self.shape.names.len();
        let mut found = Found { records: Vec::new(), fields: Fields::new(width), end: 0 };
        while found.records.len() < self.batch_rows && found.end < self.input.block {
            self.regular(&mut found);
            if found.records.len() >= self.batch_rows || !self.next_unit(&mut found)? {
                break;
            }
        }
        Ok(found)
    }

    /// Takes the records that follow as long as they are regular.
    fn regular(&mut self, found: &mut Found) {
        let Some(level) = self.level else { return };
        let needles = Needles { delimiter: self.dialect.delimiter, quote: self.dialect.quote };
        while found.records.len() < self.batch_rows {
            let fresh = std::mem::take(&mut self.fresh) && found.end == 0;
            if !fresh && !self.goes_on(found.end) {
                if self.used > 0 && self.used < self.tape.stops.len() {
                    self.stride = LEAST_STRIDE;
                }
                self.tape.scan(level, needles, self.input.rest(), found.end, self.stride.min(self.batch_rows));
                self.used = 0;
            }
            let scanned = self.tape.stops.len();
            self.take_regular(found);
            if self.used < scanned || scanned < self.stride.min(self.batch_rows) {
                // One has the wrong number of fields, or what follows is not regular.
                self.used += 1;
                return;
            }
            self.stride = self.stride.saturating_mul(2);
        }
    }

    /// Tells whether the tape goes on where the text does: the framer ended the last record where the scan did.
    fn goes_on(&self, end: usize) -> bool {
        let last = self.used.checked_sub(1).filter(|_| self.used < self.tape.stops.len());
        let last = last.and_then(|last| self.tape.marks.get(self.tape.stops.get(last)?.index as usize));
        last.is_some_and(|behind| *behind as usize == end)
    }

    /// Takes records from the tape as long as they have the right number of fields.
    fn take_regular(&mut self, found: &mut Found) {
        let room = self.batch_rows.saturating_sub(found.records.len());
        let mut at = self.at(found.end);
        at.take(self.input.rest(), &self.tape, &self.dialect, &self.shape, room, found);
        self.go_on(at, found);
    }

    /// Takes a record as the framer found it.
    fn take(&mut self, framed: Framed, found: &mut Found) {
        let mut at = self.at(found.end);
        at.take_framed(self.input.rest(), framed, &self.spans, self.shape.encoding, found);
        self.go_on(at, found);
    }

    const fn at(&self, start: usize) -> At {
        let Cursor { line, offset, tally } = &self.cursor;
        At { start, offset: *offset, line: *line, number: tally.records, used: self.used }
    }

    const fn go_on(&mut self, at: At, found: &mut Found) {
        let Cursor { line, offset, tally } = &mut self.cursor;
        tally.record_bytes += at.offset - *offset;
        (tally.records, *offset, *line) = (at.number, at.offset, at.line);
        (found.end, self.used) = (at.start, at.used);
    }

    /// Takes what stands next, whatever it is; `false` at the end of the text that is there.
    fn next_unit(&mut self, found: &mut Found) -> Result<bool> {
        let (text, eof, at) = (self.input.rest(), self.input.eof, found.end);
        let line = self.cursor.line;
        self.spans.clear();
        match framer::next(&self.dialect, text, at, eof, line, Some(self.shape.names.len()), &mut self.spans) {
            Unit::Record(framed) => self.take(framed, found),
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
            Unit::TooLong => return Err(self.input.too_long(line, self.dialect.max_record)),
            Unit::More | Unit::End => return Ok(false),
        }
        Ok(true)
    }
}

impl Source for CsvSource {
    fn next_batch(&mut self) -> Result<Option<RawBatch>> {
        self.claim()?.map(Claim::frame).transpose()
    }

    fn claim(&mut self) -> Result<Option<Claim>> {
        loop {
            if self.input.rest().len() < self.input.block {
                self.input.more()?;
            }
            (self.fresh, self.used) = (false, 0);
            let number = self.cursor.tally.records + 1;
            if let Some(even) = self.even() {
                return Ok(Some(Claim { records: even.records, number, frame: Box::new(|| even.frame()) }));
            }
            let found = self.frame()?;
            if !found.records.is_empty() {
                let (text, shape, records) = (self.input.give(found.end), Arc::clone(&self.shape), found.records.len());
                return Ok(Some(Claim { records, number, frame: Box::new(|| Ok(found.batch(shape, text))) }));
            }
            // Nothing but blank lines and comments filled the batch, or a record is longer than the text.
            self.input.from += found.end;
            if found.end == 0 {
                if self.input.eof {
                    return Ok(None);
                }
                self.input.more()?;
            }
        }
    }

    fn tally(&self) -> FileReport {
        FileReport { bytes: self.input.reader.taken(), ..self.cursor.tally.clone() }
    }

    fn names(&self) -> Vec<String> {
        self.shape.names.clone()
    }
}
