//! `history` and `undo`: what a target tells of its loads, and one of them taken out again.

use crate::io::target;
use crate::model::{Access, PastLoad, Result};

/// Gives the loads that a target took, oldest first.
///
/// # Errors
/// Where the text names no target, or it cannot be read.
pub fn history(target: &str, access: &Access) -> Result<Vec<PastLoad>> {
    target::ledger(target, access)?.loads()
}

/// Takes the rows of a load out of the target again, in one transaction; gives the rows removed, by table.
///
/// # Errors
/// Where the load cannot be undone, or the target cannot be written.
pub fn undo(target: &str, load_id: &str, undone_at: &str, access: &Access) -> Result<Vec<(String, u64)>> {
    target::ledger(target, access)?.undo(load_id, undone_at)
}
