//! Blanks before the value.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::random::Draws;

/// The kind `pad_left`.
pub const KIND: FaultKind = FaultKind::cell(
    "pad_left",
    Level::Text,
    "One to three blanks stand before the value.",
    &["accepted_values", "format", "pattern", "type"],
    Example::csv("id: {type: int64}, price: {type: int64}", "price", "1,250", "1,  250"),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let blanks = vec![b' '; usize::try_from(1 + draws.below(3)).ok()?];
    Some(Change::Text([&blanks[..], cell.text].concat()))
}
