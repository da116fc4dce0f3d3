//! Cents for euros, grams for kilograms.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `unit_mismatch`.
pub const KIND: FaultKind = FaultKind::cell(
    "unit_mismatch",
    Level::Value,
    "The number is given in another unit: times 100 or times 1000.",
    &["maximum", "exclusive_maximum", "type", "expression", "compare"],
    Example::csv("id: {type: int64}, weight: {type: int64, maximum: 999}", "weight", "1,250", "1,250000"),
    change,
)
.knobs(&[Knob { name: "factor", doc: "100 or 1000 by chance unless said", form: Form::Whole }])
.fits(Target::number);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    let drawn = if draws.below(2) == 0 { 100 } else { 1000 };
    let factor = cell.knobs.whole("factor", drawn);
    (number.unscaled != 0).then(|| number.scaled(factor.into(), 1)).flatten().map(|number| Change::Text(number.text()))
}
