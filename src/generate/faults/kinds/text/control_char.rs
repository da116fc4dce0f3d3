//! A character that belongs to a terminal.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::inserted;
use crate::generate::random::Draws;

const CONTROLS: &[&str] = &["\u{7}", "\u{8}", "\u{b}", "\u{1a}", "\u{1b}", "\u{7f}"];

/// The kind `control_char`.
pub const KIND: FaultKind = FaultKind::cell(
    "control_char",
    Level::Text,
    "A control character stands inside the value: a bell, a backspace, an escape.",
    &["accepted_values", "pattern", "format", "type"],
    Example::json(
        "id: {type: int64}, city: {type: string, pattern: \"[A-Za-z]+\"}",
        "city",
        "{\"id\":1,\"city\":\"Bath\"}",
        "{\"id\":1,\"city\":\"B\\u0008ath\"}",
    ),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let control = CONTROLS.get(usize::try_from(draws.below(CONTROLS.len() as u64)).ok()?)?;
    inserted(cell.str()?, control, draws).map(Change::text)
}
