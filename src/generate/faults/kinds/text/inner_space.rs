//! A blank too many inside.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::inserted;
use crate::generate::random::Draws;

/// The kind `inner_space`.
pub const KIND: FaultKind = FaultKind::cell(
    "inner_space",
    Level::Text,
    "A blank stands inside the value, or one more beside a blank.",
    &["accepted_values", "format", "pattern", "type"],
    Example::csv("id: {type: int64}, kind: {type: string, accepted_values: [food]}", "kind", "1,food", "1,fo od"),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    inserted(cell.str()?, " ", draws).map(Change::text)
}
