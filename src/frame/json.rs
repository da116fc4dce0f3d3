//! JSON text to typed columns, by RFC 8259, with exact numbers.

use crate::frame::batch::Batch;
use crate::frame::layout::Origin;
use crate::frame::raw::RawBatch;
use crate::model::Table;

/// Parses the records of a batch as JSON objects.
#[must_use]
pub fn parse(raw: RawBatch, table: &Table, origins: &[Origin]) -> Batch {
    let _ = (raw, table, origins);
    todo!()
}
