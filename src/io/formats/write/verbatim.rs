//! Verbatim: clean records written as they stood in their file, where the files karat writes read them alike.

use crate::frame::{Body, FileShape, Mask, RawBatch};
use crate::io::formats::write::csv::is_lonely;
use crate::model::{Encoding, Escape, Format, LineEnding, Quotes, Table};

/// Tells whether the records of a file mean the same in a CSV file that karat writes
/// ([`reading`](crate::io::formats::write::reading)): the same columns in the same order, the same dialect, the same
/// NULL, and no column with a format of its own. Blanks, signs and other spellings of a value stay as they are.
#[must_use]
pub fn fits(table: &Table, file: &FileShape) -> bool {
    let spec = &file.spec;
    let dialect = spec.format == Format::Csv
        && spec.delimiter == b','
        && spec.quote == Some(b'"')
        && spec.escape == Escape::Doubled
        && spec.quotes == Quotes::Strict
        && !spec.trailing_delimiter
        && matches!(spec.line_ending, LineEnding::Any | LineEnding::Lf)
        && file.encoding == Encoding::Utf8
        && spec.null_values == [""];
    let names = table.columns.iter().map(|column| &column.name);
    let plain = table.columns.iter().all(|column| column.format.is_none() && !column.data_type.is_nested());
    dialect && plain && !is_lonely(table) && names.eq(&file.names)
}

/// Tells whether a field of the batch is an empty pair of quotes: NULL where it was read, and an empty text where it
/// would be written.
#[must_use]
pub fn has_quoted_nulls(raw: &RawBatch) -> bool {
    let Body::Delimited(fields) = &raw.body else { return false };
    // Most pairs of quotes stand for one quote, inside a field.
    let alone = |at: usize| {
        let ends = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b',' | b'\n' | b'\r'));
        ends(at.checked_sub(1).and_then(|before| raw.text.get(before))) && ends(raw.text.get(at + 2))
    };
    if !raw.file.spec.quoted_nulls || !memchr::memmem::find_iter(&raw.text, b"\"\"").any(alone) {
        return false;
    }
    let empty = |(start, end, _): (usize, usize, bool)| raw.text.get(start..end) == Some(b"\"\"");
    (0..fields.width()).any(|field| fields.column(field, 0..raw.len()).any(empty))
}

/// Gives the records that are not rejected, each with a line end.
#[must_use]
pub fn text(raw: &RawBatch, rejected: &Mask) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.text.len() + 1);
    // What stands together is copied at once.
    let mut run = 0..0;
    for (row, record) in raw.records.iter().enumerate().filter(|(row, _)| !rejected.get(*row)) {
        let end = record.start + record.len;
        if record.start == run.end {
            run.end = end;
        } else {
            out.extend_from_slice(raw.text.get(run).unwrap_or_default());
            run = record.start..end;
        }
        if !raw.record_text(row).ends_with(b"\n") {
            // A lone CR, or the end of the file.
            let last = raw.text.get(run.clone()).unwrap_or_default();
            out.extend_from_slice(last.strip_suffix(b"\r").unwrap_or(last));
            out.push(b'\n');
            run = end..end;
        }
    }
    out.extend_from_slice(raw.text.get(run).unwrap_or_default());
    out
}
