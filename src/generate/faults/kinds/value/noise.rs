//! A number that is a little off.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `noise`.
pub const KIND: FaultKind = FaultKind::cell(
    "noise",
    Level::Value,
    "The number is off by a few percent, by its last digit at least.",
    &["multiple_of", "compare", "expression"],
    Example::csv("id: {type: int64}, price: {type: int64}", "price", "1,2500", "1,2482"),
    change,
)
.knobs(&[Knob { name: "percent", doc: "the most it is off; 5 unless said", form: Form::Number }])
.fits(Target::number);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    let permille = i128::from(draws.below(1000)) + 1;
    #[expect(clippy::cast_possible_truncation, reason = "a percentage is small")]
    let most = (cell.knobs.number("percent", 5.0) * 1000.0).clamp(1.0, 1e9) as i128;
    let off = number.unscaled.checked_mul(most)?.checked_mul(permille)? / 100_000_000;
    let off = if off == 0 { 1 } else { off };
    let off = if draws.below(2) == 0 { off } else { -off };
    number.plus(off).map(|number| Change::Text(number.text()))
}
