//! `RawBatch`: records as they stood in a file, before any type is known.

use std::sync::Arc;

use arrow_array::RecordBatch;

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
    /// `records.len() * width` fields, record by record. The fields of a faulty record are all empty.
    Delimited { fields: Vec<FieldSpan>, width: usize },
    /// The text of each record is one JSON value.
    Json,
    /// The rows are typed already (Parquet): `records` have no text.
    Columns(RecordBatch),
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

    /// Gives a field's content as it stands, escapes not undone; `None` for formats without fields.
    #[must_use]
    pub fn field(&self, row: usize, field: usize) -> Option<(&[u8], FieldSpan)> {
        let Body::Delimited { fields, width } = &self.body else { return None };
        let span = *fields.get(row * width + field).filter(|_| field < *width)?;
        Some((&self.text[span.start as usize..span.end as usize], span))
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
