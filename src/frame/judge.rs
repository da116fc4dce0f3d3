//! Judge: every row rule of a table over a batch, to verdicts.

use crate::frame::batch::Batch;
use crate::frame::mask::Mask;
use crate::model::{Context, Result, Table};

/// Judges batches by the cell and row rules of a table.
#[derive(Debug)]
pub struct Judge {}

/// A batch with the verdict of every rule on every row.
#[derive(Debug)]
pub struct Judged {
    pub batch: Batch,
    /// One a rule of the table, in its order.
    pub verdicts: Vec<RuleVerdict>,
}

/// The verdicts of one rule on the rows of a batch. A row in neither mask passed (or is not covered by `where`).
#[derive(Debug, Clone, Default)]
pub struct RuleVerdict {
    pub failed: Mask,
    /// Not decided: a cell did not parse or the record is broken.
    pub unknown: Mask,
    /// Why the rule could not be evaluated on this batch at all.
    pub not_evaluated: Option<String>,
}

impl Judge {
    /// Compiles the rules of a table.
    ///
    /// # Errors
    /// Where a rule cannot be compiled, such as a pattern over the size limit.
    pub fn new(table: &Table, context: &Context) -> Result<Self> {
        let _ = (table, context);
        todo!()
    }

    /// Judges a batch by all rules of scopes record, cell and row. Key and table rules get empty masks
    /// (`unknown` filled), to be decided elsewhere.
    #[must_use]
    pub fn judge(&self, batch: Batch) -> Judged {
        let _ = batch;
        todo!()
    }
}
