//! A credit for a debit.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `sign_flip`.
pub const KIND: FaultKind = FaultKind::cell(
    "sign_flip",
    Level::Value,
    "The number changes its sign.",
    &["minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "type"],
    Example::csv("id: {type: int64}, balance: {type: \"decimal(8,2)\"}", "balance", "1,-12.50", "1,12.50"),
    change,
)
.fits(Target::number);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    (number.unscaled != 0).then(|| Change::Text(Dec { unscaled: -number.unscaled, ..number }.text()))
}
