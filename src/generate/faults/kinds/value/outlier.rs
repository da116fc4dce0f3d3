//! A number far from all others.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `outlier`.
pub const KIND: FaultKind = FaultKind::cell(
    "outlier",
    Level::Value,
    "The number grows by a factor (and 1), far from all others.",
    &["maximum", "exclusive_maximum", "minimum", "type"],
    Example::csv("id: {type: int64}, price: {type: int64, maximum: 10000}", "price", "1,250", "1,250001"),
    change,
)
.knobs(&[Knob { name: "factor", doc: "how far: the value times this; 1000 unless said", form: Form::Whole }])
.fits(Target::number);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    let sign = if number.unscaled < 0 { -1 } else { 1 };
    let far = number.scaled(cell.knobs.whole("factor", 1000).into(), 1)?.plus(sign * number.one())?;
    Some(Change::Text(far.text()))
}
