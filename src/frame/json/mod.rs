//! JSON text to typed columns, by RFC 8259, with exact numbers.
//!
//! One pass over each record checks its syntax, its keys and its depth, and fills the columns; nothing is built in
//! between. Records without anything wrong or rare in them are [`regular`] and read a faster way. A record that turns
//! out to be broken is taken out of the columns again. How deep a text may nest is bounded by a counter, never by the
//! program's stack.
//!
//! | fault | code | rejects |
//! |---|---|---|
//! | bytes that are not UTF-8 | `P006` | the record |
//! | a string or number over `max_field_bytes` | `P008` | the record |
//! | syntax, a lone surrogate escape, a raw control character | `P030` | the record |
//! | a key twice in one object, at any level | `P031` | the record |
//! | a file's last line that ends too early | `P033` | the record |
//! | nested deeper than `max_depth` | `P034` | the record |
//! | JSON, but not an object | `P035` | the record |
//! | a value of another JSON type than the column | `P032` | the cell |
//! | a value of the right JSON type that does not parse | `P010` to `P020` | the cell |
//!
//! `null` and a missing key are NULL, and so is a string that `null_values` lists; the empty string never is. Keys
//! that are no columns are ignored. A fault inside a list or struct makes the whole column's cell unparsed.

#![expect(clippy::unnecessary_box_returns, reason = "results that carry no fault stay small")]

pub(in crate::frame) mod builder;
mod keys;
mod record;
mod regular;
mod scan;
pub(in crate::frame) mod store;
mod text;

use crate::frame::batch::Batch;
use crate::frame::json::record::Reading;
use crate::frame::json::scan::{Limits, Scanner};
use crate::frame::layout::Origin;
use crate::frame::mask::Mask;
use crate::frame::parse;
use crate::frame::raw::RawBatch;
use crate::model::{Encoding, Table, Why};

/// Parses the records of a batch as JSON objects. Columns with [`Origin::Key`] are filled by their name.
#[must_use]
pub fn parse(raw: RawBatch, table: &Table, origins: &[Origin]) -> Batch {
    read(raw, table, origins, true)
}

/// Parses with regular records read the `fast` way, or all of them the one way that knows every fault.
fn read(mut raw: RawBatch, table: &Table, origins: &[Origin], fast: bool) -> Batch {
    let mut reading = Reading::new(&raw, table, origins, fast);
    for row in 0..raw.len() {
        reading.record(row);
    }
    let (read, broken) = reading.finish();
    for (row, why) in broken {
        if let Some(record) = raw.records.get_mut(row) {
            record.fault = Some(in_original(why, raw.file.encoding));
        }
    }
    let partitioned = origins.iter().any(|origin| matches!(origin, Origin::Partition(_)));
    let broken = if partitioned { parse::record_faults(&raw).0 } else { Mask::default() };
    let mut read = read.into_iter().peekable();
    let columns = table.columns.iter().zip(origins).enumerate().map(|(index, (column, origin))| match origin {
        Origin::Partition(text) => parse::partition(index, column, text, &raw.file.spec, &broken),
        Origin::Skipped => parse::skipped(raw.len()),
        _ => {
            read.next_if(|(of, _)| *of == index).map_or_else(|| parse::absent(column, raw.len()), |(_, parsed)| parsed)
        }
    });
    let columns = columns.collect();
    parse::batch(raw, origins, columns)
}

/// Takes back the place of a fault where the file's own bytes are not those that were counted.
fn in_original(mut why: Box<Why>, encoding: Encoding) -> Box<Why> {
    if !matches!(encoding, Encoding::Auto | Encoding::Utf8) && why.at.take().is_some() {
        why.detail.push_str(" (bytes of its form in UTF-8)");
    }
    why
}

/// Checks that a text is one JSON value by RFC 8259: any value, blanks around it, no byte-order mark. Equal keys in
/// one object are allowed, as the RFC does; lone surrogate escapes are not.
///
/// # Errors
/// What is wrong first and where: `P006`, `P030`, `P033` (the text ends too early) or `P034`.
pub fn validate(text: &[u8], max_depth: u32) -> Result<(), Why> {
    let text = text::utf8(text).map_err(|why| *why)?;
    let limits = Limits { depth: max_depth, token_bytes: usize::MAX, unique_keys: false };
    let mut scanner = Scanner::new(limits);
    scanner.start(text.as_bytes());
    scanner.whole().map_err(|why| *why)
}

#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;
