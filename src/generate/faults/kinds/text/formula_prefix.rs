//! Text that a spreadsheet runs.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

const PREFIXES: &[&str] = &["=", "+", "@", "=1+", "-"];

/// The kind `formula_prefix`.
pub const KIND: FaultKind = FaultKind::cell(
    "formula_prefix",
    Level::Text,
    "The text starts with `=`, `+`, `-` or `@`, which a spreadsheet takes for a formula.",
    &["pattern", "accepted_values", "format"],
    Example::csv("id: {type: int64}, city: {type: string, pattern: \"[A-Za-z]+\"}", "city", "1,Bath", "1,@Bath"),
    change,
)
.fits(Target::text);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let prefix = PREFIXES.get(usize::try_from(draws.below(PREFIXES.len() as u64)).ok()?)?;
    Some(Change::Text([prefix.as_bytes(), cell.text].concat()))
}
