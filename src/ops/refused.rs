//! Where refused records go.

use std::path::Path;

use crate::io::rejects::RejectWriter;
use crate::model::Result;

/// Names the folder for rejects and reasons.
#[derive(Debug, Clone, Copy)]
pub struct RejectFolder<'a> {
    pub path: &'a Path,
    /// The rejects of an earlier run may go; else they stop the run, since somebody may be mending them.
    pub overwrite: bool,
}

impl RejectFolder<'_> {
    /// Opens the writer of a table.
    ///
    /// # Errors
    /// Where the folder cannot be used, or holds the table's rejects of an earlier run.
    pub fn writer(self, table: &str) -> Result<RejectWriter> {
        let writer = RejectWriter::new(self.path, table)?;
        if self.overwrite { Ok(writer) } else { writer.refuse_earlier() }
    }
}
