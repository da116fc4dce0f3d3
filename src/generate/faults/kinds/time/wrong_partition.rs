//! A row in the folder of another day.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `wrong_partition`.
pub const KIND: FaultKind = FaultKind::cell(
    "wrong_partition",
    Level::Time,
    "The day moves by one to three days while the row stays in its folder.",
    &["expression", "compare", "when", "maximum", "minimum"],
    Example::csv("id: {type: int64}, on: {type: date}", "on", "1,2024-02-29", "1,2024-02-28"),
    change,
)
.fits(Target::moment);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let clock = cell.target.clock.as_ref()?;
    let days = i64::try_from(1 + draws.below(3)).ok()?;
    let days = if draws.below(2) == 0 { days } else { -days };
    let moment = clock.read(cell.text)?.checked_add(days * 86_400_000_000)?;
    clock.write(moment, cell.text).map(Change::Text)
}
