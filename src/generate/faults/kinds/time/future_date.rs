//! A day that has not come.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::time::moved_to_year;
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `future_date`.
pub const KIND: FaultKind = FaultKind::cell(
    "future_date",
    Level::Time,
    "The year lies in the future, later than any today.",
    &["maximum", "exclusive_maximum", "compare", "expression"],
    Example::csv("id: {type: int64}, on: {type: date, maximum: today}", "on", "1,2024-02-29", "1,2183-02-28"),
    change,
)
.knobs(&[Knob { name: "year", doc: "this year; one from 2100 to 2199 unless said", form: Form::Whole }])
.fits(Target::moment);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let drawn = 2100 + draws.below(100);
    moved_to_year(cell, cell.knobs.whole("year", drawn))
}
