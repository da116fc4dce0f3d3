//! Blanks behind the value.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::random::Draws;

/// The kind `pad_right`.
pub const KIND: FaultKind = FaultKind::cell(
    "pad_right",
    Level::Text,
    "One to three blanks stand behind the value, as in a column of fixed width.",
    &["accepted_values", "format", "pattern", "type"],
    Example::csv("id: {type: int64}, kind: {type: string, accepted_values: [food]}", "kind", "1,food", "1,food  "),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let blanks = vec![b' '; usize::try_from(1 + draws.below(3)).ok()?];
    Some(Change::Text([cell.text, &blanks[..]].concat()))
}
