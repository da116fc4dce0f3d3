//! A total that is not the sum of its parts.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `aggregate_mismatch`.
pub const KIND: FaultKind = FaultKind::cell(
    "aggregate_mismatch",
    Level::Relation,
    "The total is off by 1 to 100, and no longer what its parts add up to.",
    &["expression", "compare", "when"],
    Example::csv("net: {type: int64}, total: {type: int64}", "total", "90,100", "90,112"),
    change,
)
.fits(Target::number);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    let off = (1 + i128::from(draws.below(100))) * number.one();
    number.plus(off).map(|number| Change::Text(number.text()))
}
