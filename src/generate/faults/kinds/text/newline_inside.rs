//! A line break inside a value, properly quoted.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::inserted;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `newline_inside`.
pub const KIND: FaultKind = FaultKind::cell(
    "newline_inside",
    Level::Text,
    "A line break stands inside the text, quoted (CSV) or escaped (JSON) as it should be.",
    &["pattern", "accepted_values", "format"],
    Example::csv("id: {type: int64}, city: {type: string, pattern: \"[A-Za-z]+\"}", "city", "1,Bath", "1,\"Ba\nth\""),
    change,
)
.fits(Target::text);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    inserted(cell.str()?, "\n", draws).map(Change::text)
}
