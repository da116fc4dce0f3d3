//! `RawBatch`: records as they stood in a file, before any type is known.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::frame::mask::Mask;
use crate::frame::spare;
use crate::model::{Encoding, SourceSpec, Why};

/// Describes the file that records came from.
#[derive(Debug, Clone, PartialEq)]
pub struct FileShape {
    /// The path as shown to people: as given or matched, `/` between folders.
    pub path: String,
    /// `key=value` folders of the path, outermost first.
    pub partitions: Vec<(String, String)>,
    pub spec: SourceSpec,
    /// Never `Auto`: what the file turned out to be.
    pub encoding: Encoding,
    /// Column names: the header's, the schema's (Parquet), or the contract's where there is no header.
    /// Empty for JSON, where each record names its own.
    pub names: Vec<String>,
    /// The skipped lines and the header record in UTF-8, line endings included: what must stand before records
    /// for them to be read again. Empty where there is neither.
    pub header: Vec<u8>,
}

/// Holds consecutive records of one file.
#[derive(Debug, Clone)]
pub struct RawBatch {
    pub file: Arc<FileShape>,
    /// UTF-8 where the file is valid; always the exact image of the original bytes
    /// (see `io::formats::transcode`), so that [`RawBatch::original`] gives them back.
    pub text: Vec<u8>,
    pub records: Vec<Record>,
    pub body: Body,
}

/// One record as it stood in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it starts in [`RawBatch::text`].
    pub start: usize,
    /// Its length there, line ending included.
    pub len: usize,
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
    /// Length in the file's own bytes, line ending included.
    pub length: u64,
    /// Physical line of its first byte, from 1; 0 where the format has no lines.
    pub line: u64,
    /// Number among the file's data records, from 1.
    pub number: u64,
    /// Why it cannot be read at all; its fields then mean nothing.
    pub fault: Option<Box<Why>>,
}

/// What the reader already knows about the inside of the records.
#[derive(Debug, Clone)]
pub enum Body {
    /// Fields, record by record. Those of a faulty record mean nothing.
    Delimited(Fields),
    /// The text of each record is one JSON value.
    Json,
    /// The rows are typed already (Parquet): `records` have no text.
    Columns(RecordBatch),
}

/// Where the fields of delimited records stand, four bytes a field.
///
/// A field ends where the next one starts, less the one byte between them; quotes belong to it and are known by the
/// first byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// For each record its start, then for each field one past the byte behind it; [`ESCAPED`] marks fields with
    /// escapes.
    marks: Vec<u32>,
    width: usize,
    /// From one record's start to the next: one more than fields, or as many where records start where the last field
    /// of the one before says.
    stride: usize,
}

/// The mark of a field that holds escapes to be undone. Texts are shorter than 2 GiB.
pub(super) const ESCAPED: u32 = 1 << 31;

impl Fields {
    /// Makes a place for records of so many fields.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { marks: Vec::new(), width, stride: width + 1 }
    }

    /// Takes the start of the first of some records without gaps, and then what is one past the byte behind each field.
    /// `escaped`: a byte in each field that holds escapes, ascending. No record is appended then.
    #[must_use]
    pub fn of_marks<'a>(mut marks: Vec<u32>, width: usize, escaped: impl Iterator<Item = &'a u32>) -> Self {
        let mut field = 0;
        for at in escaped {
            field += marks[field..].partition_point(|mark| mark & !ESCAPED <= *at);
            if let Some(mark) = marks.get_mut(field) {
                *mark |= ESCAPED;
            }
        }
        Self { marks, width, stride: width }
    }

    /// Makes room for so many more records.
    pub fn reserve(&mut self, records: usize) {
        self.marks.reserve(records * self.stride);
    }

    /// Gives the number of fields a record has.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Gives all marks, and how far it is from one record's to the next one's. A record has its start, then for each
    /// field one past the byte behind it, with [`ESCAPED`] where it holds escapes.
    pub(super) fn marks(&self) -> (&[u32], usize) {
        (&self.marks, self.stride)
    }

    /// Appends a record by its start, and what is one past the byte behind each of its fields.
    #[inline]
    pub fn push_marks(&mut self, start: u32, inner: &[u32], last: u32) {
        debug_assert_eq!(
            (inner.len() + 1, self.stride),
            (self.width, self.width + 1),
            "a record has {} fields",
            self.width
        );
        self.marks.reserve(self.stride);
        self.marks.push(start);
        self.marks.extend_from_slice(inner);
        self.marks.push(last);
    }

    /// Appends a record by its fields; without any it is one that cannot be read.
    #[expect(clippy::cast_possible_truncation, reason = "texts are shorter than 2 GiB")]
    pub fn push_spans(&mut self, start: usize, spans: &[FieldSpan]) {
        let broken = self.width - spans.len().min(self.width);
        self.marks.push(start as u32);
        self.marks.extend(spans.iter().map(FieldSpan::mark).chain(std::iter::repeat_n(start as u32 + 1, broken)));
        debug_assert!(self.marks.len().is_multiple_of(self.stride), "a record has {} fields", self.width);
    }

    /// Marks the field of the last record that holds the byte at `at` as one with escapes.
    pub fn mark_escaped(&mut self, at: u32) {
        let from = self.marks.len().saturating_sub(self.width);
        if let Some(mark) = self.marks[from..].iter_mut().find(|mark| at < (**mark & !ESCAPED)) {
            *mark |= ESCAPED;
        }
    }

    /// Gives the bytes a field takes up, quotes included, and whether it holds escapes.
    #[inline]
    #[must_use]
    pub fn extent(&self, row: usize, field: usize) -> (usize, usize, bool) {
        let at = row * self.stride + field;
        match self.marks.get(at..at + 2) {
            Some([start, behind]) => between(*start, *behind),
            _ => (0, 0, false),
        }
    }

    /// Walks one field of some of the records: the bytes it takes up, quotes included, and whether it holds escapes.
    #[inline]
    pub fn column(&self, field: usize, rows: Range<usize>) -> impl Iterator<Item = (usize, usize, bool)> {
        let first = rows.start * self.stride + field;
        let starts = self.marks.get(first..).unwrap_or_default().iter().step_by(self.stride.max(1));
        let ends = self.marks.get(first + 1..).unwrap_or_default().iter().step_by(self.stride.max(1));
        starts.zip(ends).take(rows.len()).map(|(start, behind)| between(*start, *behind))
    }

    /// Gives a field's content, its quotes taken off.
    #[inline]
    #[must_use]
    pub fn content<'a>(&self, text: &'a [u8], quote: Option<u8>, row: usize, field: usize) -> (&'a [u8], FieldSpan) {
        let (start, end, escaped) = self.extent(row, field);
        match text.get(start..end) {
            Some([first, inner @ .., last]) if Some(*first) == quote && first == last => {
                (inner, span(start + 1, end - 1, true, escaped))
            }
            Some(plain) => (plain, span(start, end, false, escaped)),
            None => (&[], FieldSpan::default()),
        }
    }

    /// Appends a record of other fields that starts at `to` instead of `from`.
    #[expect(clippy::cast_possible_truncation, reason = "texts are shorter than 2 GiB")]
    fn push_moved(&mut self, others: &Self, row: usize, from: usize, to: usize) {
        let first = row * others.stride;
        let marks = others.marks.get(first..=first + others.width).unwrap_or_default();
        debug_assert_eq!(self.stride, self.width + 1, "a record has its own start");
        // Round the circle of 32 bits; [`ESCAPED`] stays, since no place reaches it.
        let by = (to as u32).wrapping_sub(from as u32);
        let (start, behind) = marks.split_first().unwrap_or((&0, &[]));
        // The start is that of the record, also where the field before it, in another record, holds escapes.
        self.marks.push((start & !ESCAPED).wrapping_add(by));
        self.marks.extend(behind.iter().map(|mark| mark.wrapping_add(by)));
    }
}

/// Gives where a field starts and ends by the marks around it, and whether it holds escapes.
#[inline]
const fn between(start: u32, behind: u32) -> (usize, usize, bool) {
    ((start & !ESCAPED) as usize, ((behind & !ESCAPED) as usize).saturating_sub(1), behind & ESCAPED != 0)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "texts are shorter than 2 GiB")]
const fn span(start: usize, end: usize, quoted: bool, escaped: bool) -> FieldSpan {
    FieldSpan { start: start as u32, end: end as u32, quoted, escaped }
}

/// Where a field's content lies in [`RawBatch::text`], without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSpan {
    pub start: u32,
    pub end: u32,
    /// It stood in quotes.
    pub quoted: bool,
    /// It holds escapes to be undone.
    pub escaped: bool,
}

impl FieldSpan {
    /// Gives what is one past the byte behind the field, with a bit where it holds escapes, as [`Fields`] keeps it.
    #[must_use]
    pub const fn mark(&self) -> u32 {
        let behind = self.end + 1 + self.quoted as u32;
        if self.escaped { behind | ESCAPED } else { behind }
    }
}

impl Drop for RawBatch {
    fn drop(&mut self) {
        spare::keep(std::mem::take(&mut self.text));
    }
}

impl RawBatch {
    /// Gives the number of records.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether there are no records.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Gives a record's text, line ending included.
    #[must_use]
    pub fn record_text(&self, row: usize) -> &[u8] {
        let record = &self.records[row];
        &self.text[record.start..record.start + record.len]
    }

    /// Gives the text from the first of some records to the end of the last.
    #[must_use]
    pub fn stretch(&self, rows: &Range<usize>) -> &[u8] {
        let Some([first, ..]) = self.records.get(rows.clone()) else { return &[] };
        let Some(last) = self.records.get(rows.end.saturating_sub(1)) else { return &[] };
        self.text.get(first.start..last.start + last.len).unwrap_or_default()
    }

    /// Gives a field's content as it stands, escapes not undone, empty for records that cannot be read; `None` for
    /// formats without fields.
    #[must_use]
    pub fn field(&self, row: usize, field: usize) -> Option<(&[u8], FieldSpan)> {
        let Body::Delimited(fields) = &self.body else { return None };
        let record = self.records.get(row).filter(|_| field < fields.width)?;
        if record.fault.is_some() {
            return Some((&[], FieldSpan::default()));
        }
        Some(fields.content(&self.text, self.file.spec.quote, row, field))
    }

    /// Gives some of the records as a batch of their own, ascending; of formats with text.
    #[must_use]
    pub fn select(&self, rows: &Mask) -> Self {
        let body = match &self.body {
            Body::Delimited(fields) => Body::Delimited(Fields::new(fields.width)),
            Body::Json => Body::Json,
            Body::Columns(columns) => {
                let kept = arrow_array::BooleanArray::new(rows.to_boolean_buffer(), None);
                Body::Columns(
                    arrow_select::filter::filter_record_batch(columns, &kept).unwrap_or_else(|_| columns.clone()),
                )
            }
        };
        let mut some = Self { file: Arc::clone(&self.file), text: Vec::new(), records: Vec::new(), body };
        let chosen = rows.count();
        // As long as the others, and some more.
        some.reserve(chosen, self.text.len() / self.len().max(1) * chosen / 8 * 9);
        some.append(self, rows.rows());
        some
    }

    /// Makes room for so many more records, of about so many bytes together.
    pub fn reserve(&mut self, records: usize, bytes: usize) {
        self.text.reserve(bytes);
        self.records.reserve(records);
        if let Body::Delimited(fields) = &mut self.body {
            fields.reserve(records);
        }
    }

    /// Appends some of the records of another batch of the same file. Typed rows are not appended.
    pub fn append(&mut self, other: &Self, rows: impl Iterator<Item = usize>) {
        for row in rows {
            let Some(old) = other.records.get(row) else { continue };
            let start = self.text.len();
            self.text.extend_from_slice(other.record_text(row));
            self.records.push(Record { start, ..old.clone() });
            if let (Body::Delimited(fields), Body::Delimited(others)) = (&mut self.body, &other.body) {
                fields.push_moved(others, row, old.start, start);
            }
        }
    }
}

/// Undoes the escapes of a field into `out` (cleared first).
pub fn unescape(content: &[u8], span: FieldSpan, spec: &SourceSpec, out: &mut Vec<u8>) {
    out.clear();
    let mut bytes = content.iter().copied();
    while let Some(byte) = bytes.next() {
        match spec.escape {
            crate::model::Escape::Doubled if span.quoted && Some(byte) == spec.quote => {
                out.push(byte);
                bytes.next();
            }
            crate::model::Escape::Backslash if byte == b'\\' => out.push(bytes.next().unwrap_or(b'\\')),
            _ => out.push(byte),
        }
    }
}
