//! Blanks that look like nothing and are not NULL.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::random::Draws;

/// The kind `whitespace_only`.
pub const KIND: FaultKind = FaultKind::cell(
    "whitespace_only",
    Level::Value,
    "The value becomes one to four blanks.",
    &["type", "pattern", "accepted_values", "format"],
    Example::csv("id: {type: int64}, city: {type: string, pattern: \"[A-Z].*\"}", "city", "1,Bath", "1,    "),
    change,
);

fn change(_: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let count = usize::try_from(1 + draws.below(4)).ok()?;
    Some(Change::Text(vec![b' '; count]))
}
