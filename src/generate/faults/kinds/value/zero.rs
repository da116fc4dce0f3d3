//! A zero where something must be.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `zero`.
pub const KIND: FaultKind = FaultKind::cell(
    "zero",
    Level::Value,
    "The number becomes 0.",
    &["not_values", "exclusive_minimum", "minimum"],
    Example::json(
        "id: {type: int64}, price: {type: int64, exclusive_minimum: 0}",
        "price",
        "{\"id\":1,\"price\":250}",
        "{\"id\":1,\"price\":0}",
    ),
    change,
)
.fits(Target::number);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    (number.unscaled != 0).then(|| Change::Text(Dec { unscaled: 0, ..number }.text()))
}
