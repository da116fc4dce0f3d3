//! A number that went through a program with too few digits.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `precision_loss`.
pub const KIND: FaultKind = FaultKind::cell(
    "precision_loss",
    Level::Value,
    "The number keeps its first digits only, the others become 0.",
    &["multiple_of", "expression", "compare"],
    Example::csv("id: {type: int64}, price: {type: \"decimal(8,2)\"}", "price", "1,1234.56", "1,1230.00"),
    change,
)
.knobs(&[Knob { name: "digits", doc: "how many are kept; 3 unless said", form: Form::Whole }])
.fits(Target::number);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    let digits = number.unscaled.unsigned_abs().to_string().len();
    let kept = usize::try_from(cell.knobs.whole("digits", 3)).ok()?.min(digits.saturating_sub(1)).max(1);
    let power = 10i128.checked_pow(u32::try_from(digits.checked_sub(kept)?).ok()?)?;
    let unscaled = number.unscaled / power * power;
    (unscaled != number.unscaled).then(|| Change::Text(Dec { unscaled, ..number }.text()))
}
