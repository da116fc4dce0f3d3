//! Even: blocks of records that are counted by whoever reads and framed by whoever judges.
//!
//! Reading goes on one thread at a time, so what it does beside reading holds the others up. Where the scan came to
//! the end of the block and the framer agrees about the few records of another width, how many there are and where
//! the last one ends is known: the fields, lines and offsets of each are left to the worker.

use std::sync::Arc;

use crate::frame::{Body, FieldSpan, Fields, FileShape, RawBatch, Record};
use crate::io::formats::csv::framer::{self, Framed, Unit};
use crate::io::formats::csv::scan::{Needles, Tape};
use crate::io::formats::csv::{CsvSource, Cursor, Dialect, verify};
use crate::io::formats::transcode::original_len;
use crate::model::{Encoding, Error, ErrorKind, Result};

/// The records of one batch as they are found.
pub struct Found {
    pub records: Vec<Record>,
    pub fields: Fields,
    /// The text behind the last of them.
    pub end: usize,
}

impl Found {
    /// Gives the records as a batch of their text; those that hold no text are marked.
    pub fn batch(self, file: Arc<FileShape>, text: Vec<u8>) -> RawBatch {
        let Self { mut records, fields, .. } = self;
        verify::text(&text, &file, &mut records);
        RawBatch { file, text, records, body: Body::Delimited(fields) }
    }
}

/// Where the next record of a tape starts.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Its first byte in the text.
    pub start: usize,
    pub offset: u64,
    pub line: u64,
    /// The number of the record before.
    pub number: u64,
    /// Records of the tape that are behind.
    pub used: usize,
}

impl At {
    /// Takes up to `room` records from the tape as long as they are regular and have the right number of fields.
    #[expect(clippy::cast_possible_truncation, reason = "texts are shorter than 2 GiB")]
    pub fn take(
        &mut self,
        text: &[u8],
        tape: &Tape,
        dialect: &Dialect,
        shape: &FileShape,
        room: usize,
        to: &mut Found,
    ) {
        let Found { records, fields, .. } = to;
        let width = shape.names.len();
        let used = self.used;
        records.reserve(tape.stops.len().saturating_sub(used).min(room));
        fields.reserve(tape.stops.len().saturating_sub(used).min(room));
        // In locals, so that the loop keeps them in registers.
        let mut first = used.checked_sub(1).and_then(|last| tape.stops.get(last)).map_or(0, |last| last.index as usize);
        let before = tape.doubled.partition_point(|at| (*at as usize) < self.start);
        let mut doubled = tape.doubled.get(before..).unwrap_or_default();
        let Self { mut start, mut offset, mut line, mut number, .. } = *self;
        // The scan may run a few records over.
        for stop in tape.stops.iter().skip(used).take(room) {
            let Some(marks) = tape.marks.get(first + 1..=stop.index as usize) else { break };
            let Some(behind) = dialect.regular_ends(text, start, marks, width) else { break };
            let (Some(last), Some(inner)) = (marks.last(), marks.get(..width - 1)) else { break };
            let after = *last as usize;
            fields.push_marks(start as u32, inner, behind);
            while let Some((at, rest)) = doubled.split_first().filter(|(at, _)| (**at as usize) < after) {
                fields.mark_escaped(*at);
                doubled = rest;
            }
            let len = after - start;
            let length = match shape.encoding {
                Encoding::Utf8 => len as u64,
                other => original_len(text.get(start..after).unwrap_or_default(), other),
            };
            number += 1;
            records.push(Record { start, len, offset, length, line, number, fault: None });
            offset += length;
            line += u64::from(stop.lines);
            start = after;
            first = stop.index as usize;
            self.used += 1;
        }
        (self.start, self.offset, self.line, self.number) = (start, offset, line, number);
    }

    /// Takes a record as the framer found it.
    pub fn take_framed(
        &mut self,
        text: &[u8],
        framed: Framed,
        spans: &[FieldSpan],
        encoding: Encoding,
        to: &mut Found,
    ) {
        let (start, end) = (self.start, framed.end);
        let before = |end: usize| original_len(text.get(start..end).unwrap_or_default(), encoding);
        let length = before(end);
        let fault = framed.flaw.map(|flaw| Box::new(flaw.why(before)));
        self.number += 1;
        let (offset, line, number) = (self.offset, self.line, self.number);
        to.records.push(Record { start, len: end - start, offset, length, line, number, fault });
        to.fields.push_spans(start, spans);
        (self.start, self.offset, self.line) = (end, self.offset + length, self.line + framed.lines);
    }
}

/// Of so many records one may have another number of fields.
const FEW: usize = 64;

/// A block of records that were counted: regular ones, and some of another width that the framer ends where the scan
/// does.
pub struct Even {
    shape: Arc<FileShape>,
    dialect: Arc<Dialect>,
    text: Vec<u8>,
    tape: Tape,
    at: At,
    /// Records of another width than the scan finds in them.
    odd: Vec<Odd>,
    /// Every record starts where the one before ends.
    plain: bool,
    pub records: usize,
}

/// A record that the scan cut into too many fields, or too few, as the framer sees it.
struct Odd {
    row: usize,
    framed: Framed,
    spans: Vec<FieldSpan>,
}

impl Even {
    /// Frames the records.
    ///
    /// # Errors
    /// Where one is not what it was counted as, which would be a fault of the scan.
    pub fn frame(self) -> Result<RawBatch> {
        if self.plain {
            return Ok(self.frame_plain());
        }
        let Self { shape, dialect, text, tape, mut at, records: count, odd, .. } = self;
        let mut found = Found { records: Vec::new(), fields: Fields::new(shape.names.len()), end: 0 };
        let mut odd = odd.into_iter();
        loop {
            at.take(&text, &tape, &dialect, &shape, count - found.records.len(), &mut found);
            if found.records.len() == count {
                break;
            }
            let Some(Odd { framed, spans, .. }) = odd.next() else { break };
            at.take_framed(&text, framed, &spans, shape.encoding, &mut found);
            at.used += 1;
        }
        let again = found.records.len();
        if again != count || at.start != text.len() {
            let message = format!("{}: of {count} records in a block {again} were found again", shape.path);
            return Err(Error::new(ErrorKind::Conservation, message));
        }
        Ok(found.batch(shape, text))
    }

    /// Takes the marks as the scan left them: where lines end in LF, a record starts where the last field of the one
    /// before ends. Only those of another width get marks of their own.
    fn frame_plain(self) -> RawBatch {
        let Self {
            shape, text, mut tape, at: At { mut offset, mut line, mut number, .. }, records: count, odd, ..
        } = self;
        let width = shape.names.len();
        let mut marks = Vec::new();
        if odd.is_empty() {
            marks = std::mem::take(&mut tape.marks);
        } else {
            marks.reserve(count * width + 1);
            marks.push(0);
            let mut from = 0;
            for Odd { row, spans, .. } in &odd {
                let of =
                    |row: Option<usize>| row.and_then(|row| tape.stops.get(row)).map_or(0, |stop| stop.index as usize);
                let (first, last) = (of(row.checked_sub(1)), of(Some(*row)));
                marks.extend_from_slice(tape.marks.get(from + 1..=first).unwrap_or_default());
                let end = tape.marks.get(last).copied().unwrap_or_default();
                marks.extend(spans.iter().take(width - 1).map(FieldSpan::mark));
                // Fields of a broken record mean nothing.
                marks.resize((row + 1) * width + 1, end);
                from = last;
            }
            marks.extend_from_slice(tape.marks.get(from + 1..).unwrap_or_default());
        }
        marks.truncate(count * width + 1);
        let mut records = Vec::with_capacity(count);
        let mut start = 0;
        let ends = marks.iter().skip(width).step_by(width);
        records.extend(tape.stops.iter().zip(ends).map(|(stop, behind)| {
            let (len, place) = (*behind as usize - start, (start, offset, line));
            number += 1;
            (start, offset, line) = (*behind as usize, offset + len as u64, line + u64::from(stop.lines));
            Record { start: place.0, len, offset: place.1, length: len as u64, line: place.2, number, fault: None }
        }));
        for Odd { row, framed, .. } in odd {
            if let Some(record) = records.get_mut(row) {
                record.fault = framed.flaw.map(|flaw| Box::new(flaw.why(|at| (at - record.start) as u64)));
            }
        }
        let doubled = tape.doubled.iter().take_while(|at| (**at as usize) < start);
        let fields = Fields::of_marks(marks, width, doubled);
        Found { records, fields, end: start }.batch(shape, text)
    }
}

impl CsvSource {
    /// Takes the records at the front as a block; where they are too odd for that the tape is left for the framer.
    pub(super) fn even(&mut self) -> Option<Even> {
        let Self { input, dialect, shape, tape, .. } = self;
        let level = self.level?;
        let width = shape.names.len();
        let plain = dialect.comment.is_none() && !dialect.trailing_delimiter && shape.encoding == Encoding::Utf8;
        // A record without a separator may be blank; where scans were for nothing, they are short.
        if !plain || width < 2 || self.stride < self.batch_rows {
            return None;
        }
        let needles = Needles { delimiter: dialect.delimiter, quote: dialect.quote };
        tape.scan(level, needles, input.rest(), 0, self.batch_rows);
        self.fresh = true;
        let stops = tape.stops.get(..tape.stops.len().min(self.batch_rows)).filter(|_| !tape.stopped)?;
        let end = *tape.marks.get(stops.last()?.index as usize)? as usize;
        if end > dialect.max_field {
            return None;
        }
        let (mut behind, mut lines, mut odd) = (0, 0, Vec::new());
        for (row, stop) in stops.iter().enumerate() {
            if stop.index as usize - behind != width {
                let (start, end) = (*tape.marks.get(behind)? as usize, *tape.marks.get(stop.index as usize)? as usize);
                let (line, mut spans) = (self.cursor.line + lines, Vec::new());
                let unit = framer::next(dialect, input.rest(), start, input.eof, line, Some(width), &mut spans);
                let Unit::Record(framed) = unit else { return None };
                if odd.len() >= stops.len() / FEW || framed.end != end || framed.lines != u64::from(stop.lines) {
                    return None;
                }
                odd.push(Odd { row, framed, spans });
            }
            behind = stop.index as usize;
            lines += u64::from(stop.lines);
        }
        let (records, plain) = (stops.len(), !tape.carriages);
        let Cursor { line, offset, tally } = &mut self.cursor;
        let at = At { start: 0, offset: *offset, line: *line, number: tally.records, used: 0 };
        *offset += end as u64;
        *line += lines;
        tally.records += records as u64;
        tally.record_bytes += end as u64;
        self.fresh = false;
        let next = Tape::as_large_as(tape);
        let tape = std::mem::replace(tape, next);
        let (shape, dialect) = (Arc::clone(shape), Arc::clone(dialect));
        Some(Even { shape, dialect, text: self.input.give(end), tape, at, odd, plain, records })
    }
}
