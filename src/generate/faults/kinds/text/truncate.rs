//! Text cut off by a field that was too short.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::random::Draws;

/// The kind `truncate`.
pub const KIND: FaultKind = FaultKind::cell(
    "truncate",
    Level::Text,
    "The value loses its end.",
    &["min_length", "accepted_values", "format", "pattern", "type"],
    Example::csv("id: {type: int64}, sku: {type: string, pattern: \"[A-Z]-[0-9]{3}\"}", "sku", "1,K-100", "1,K-10"),
    change,
)
.knobs(&[Knob { name: "keep", doc: "how many characters stay; by chance unless said", form: Form::Whole }]);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let text = cell.str()?;
    let length = text.chars().count() as u64;
    let drawn = 1 + draws.below(length.checked_sub(1).filter(|left| *left > 0)?);
    let keep = cell.knobs.whole("keep", drawn);
    (keep < length).then(|| text.chars().take(usize::try_from(keep).unwrap_or(0)).collect::<String>()).map(Change::text)
}
