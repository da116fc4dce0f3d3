//! Columns of Parquet to the types of a contract.

use crate::frame::batch::Batch;
use crate::frame::layout::Origin;
use crate::frame::raw::RawBatch;
use crate::model::Table;

/// Converts every column of a batch that is typed already.
#[must_use]
pub fn parse(raw: RawBatch, table: &Table, origins: &[Origin]) -> Batch {
    let _ = (raw, table, origins);
    todo!()
}
