//! Text to types: a raw batch becomes typed columns, and every cell that does not parse a fault.

use crate::frame::batch::Batch;
use crate::frame::raw::RawBatch;
use crate::model::Table;

/// Parses the raw batches of one table.
#[derive(Debug)]
pub struct Parser {
    table: Table,
}

impl Parser {
    /// Prepares to parse a table: compiles date patterns and null spellings.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone() }
    }

    /// Parses every column.
    #[must_use]
    pub fn parse(&self, raw: RawBatch) -> Batch {
        let _ = (&self.table, raw);
        todo!()
    }
}
