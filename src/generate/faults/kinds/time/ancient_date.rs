//! A day of long ago, as programs write it for no day at all.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::time::moved_to_year;
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

const YEARS: &[u64] = &[1, 1582, 1753, 1899, 1900];

/// The kind `ancient_date`.
pub const KIND: FaultKind = FaultKind::cell(
    "ancient_date",
    Level::Time,
    "The year lies long ago: 0001, 1753, 1900.",
    &["minimum", "exclusive_minimum", "compare", "expression"],
    Example::csv("id: {type: int64}, on: {type: date, minimum: 2000-01-01}", "on", "1,2024-02-28", "1,1582-02-28"),
    change,
)
.knobs(&[Knob { name: "year", doc: "this year; one such year unless said", form: Form::Whole }])
.fits(Target::moment);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let drawn = *YEARS.get(usize::try_from(draws.below(YEARS.len() as u64)).ok()?)?;
    moved_to_year(cell, cell.knobs.whole("year", drawn))
}
