//! Where a violation stands in its file.

use crate::frame::raw::{Body, RawBatch};
use crate::model::{CellPlace, Place, Violation};

/// Gives the place of a violation of a record of the batch.
#[must_use]
pub fn place(raw: &RawBatch, row: usize, violation: &Violation) -> Place {
    let record = &raw.records[row];
    Place {
        file: raw.file.path.clone(),
        record: record.number,
        line: record.line,
        offset: record.offset,
        length: record.length,
        cell: violation.column.as_deref().and_then(|column| cell(raw, row, column)),
        code: violation.code.clone(),
        column: violation.column.clone(),
        value: violation.value.clone(),
        message: violation.message.clone(),
    }
}

/// Finds the field of a column; `None` where the record has no fields, could not be read, or is held in another
/// encoding than the file's.
fn cell(raw: &RawBatch, row: usize, column: &str) -> Option<CellPlace> {
    let Body::Delimited(fields) = &raw.body else { return None };
    let record = raw.records.get(row)?;
    if record.fault.is_some() || record.line == 0 || record.len as u64 != record.length {
        return None;
    }
    let field = raw.file.names.iter().position(|name| name == column).filter(|field| *field < fields.width())?;
    let (start, end, _) = fields.extent(row, field);
    let before = raw.text.get(record.start..start)?;
    #[expect(clippy::naive_bytecount, reason = "one record of the five a rule that are named")]
    let lines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // Bytes that go on a character start with the bits 10.
    let characters = before[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
    Some(CellPlace {
        line: record.line + lines,
        column: characters + 1,
        offset: record.offset + before.len() as u64,
        length: end.checked_sub(start)? as u64,
    })
}
