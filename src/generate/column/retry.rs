//! Retry: values that break a rule of their own column are drawn anew.

use arrow_array::{Array, ArrayRef};

use crate::frame::Judge;
use crate::generate::column::frame::Frame;
use crate::generate::column::{Cells, Node};
use crate::generate::judging;
use crate::model::{Error, ErrorKind, Result};

/// Rules of one column, asked of its values alone.
#[derive(Debug)]
pub struct Retry {
    pub judge: Judge,
    /// What the rules are called, with their places.
    pub names: Vec<String>,
}

/// A value is drawn at most so often.
const DRAWS: u64 = 2000;

impl Retry {
    /// Replaces the values that break a rule.
    ///
    /// # Errors
    /// Where one breaks it however often it is drawn.
    pub fn mend(&self, node: &Node, array: ArrayRef, cells: &Cells, frame: &Frame<'_, '_>) -> Result<ArrayRef> {
        let mut failed = self.failing(&array);
        if failed.is_empty() {
            return Ok(array);
        }
        let mut tries = vec![array];
        let mut places: Vec<(usize, usize)> = (0..cells.len()).map(|at| (0, at)).collect();
        for salt in 1..DRAWS {
            let made = node.fill_cells(&cells.again(&failed, salt), frame)?;
            for (at, cell) in failed.iter().enumerate() {
                places[*cell as usize] = (tries.len(), at);
            }
            let still = self.failing(&made);
            tries.push(made);
            if still.is_empty() {
                let arrays: Vec<&dyn Array> = tries.iter().map(AsRef::as_ref).collect();
                return arrow_select::interleave::interleave(&arrays, &places)
                    .map_err(|error| Error::new(ErrorKind::Contract, "values cannot be put together").because(error));
            }
            failed = still.iter().map(|at| failed[*at as usize]).collect();
        }
        let row = failed.first().map_or(0, |cell| cells.rows[*cell as usize]);
        Err(Error::new(
            ErrorKind::Contract,
            format!("row {row}: `{}` keeps breaking {} in {DRAWS} draws", node.path, self.names.join(" or ")),
        )
        .hint("say under `generate:` which values fit"))
    }

    /// Gives the values that break a rule, ascending.
    #[must_use]
    pub fn failing(&self, array: &ArrayRef) -> Vec<u32> {
        judging::failing(&self.judge, vec![array.clone()], array.len())
    }
}
