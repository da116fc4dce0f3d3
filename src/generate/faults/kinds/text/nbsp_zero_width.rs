//! Blanks that no eye sees or tells from others.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::inserted;
use crate::generate::random::Draws;

const BLANKS: &[&str] = &["\u{a0}", "\u{200b}", "\u{200d}", "\u{2009}", "\u{feff}"];

/// The kind `nbsp_zero_width`.
pub const KIND: FaultKind = FaultKind::cell(
    "nbsp_zero_width",
    Level::Text,
    "A blank stands for a no-break space, or a space of no width stands inside the value.",
    &["accepted_values", "pattern", "format", "type"],
    Example::json(
        "id: {type: int64}, city: {type: string, pattern: \"[A-Za-z ]+\"}",
        "city",
        "{\"id\":1,\"city\":\"New York\"}",
        "{\"id\":1,\"city\":\"New\u{a0}York\"}",
    ),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let text = cell.str()?;
    if text.contains(' ') {
        return Some(Change::text(text.replacen(' ', "\u{a0}", 1)));
    }
    let blank = BLANKS.get(usize::try_from(draws.below(BLANKS.len() as u64)).ok()?)?;
    inserted(text, blank, draws).map(Change::text)
}
