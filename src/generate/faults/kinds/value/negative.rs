//! A number below zero where none belongs: a price, a count, an id.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers::Dec;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `negative`.
pub const KIND: FaultKind = FaultKind::cell(
    "negative",
    Level::Value,
    "The number turns negative; 0 becomes -1.",
    &["minimum", "exclusive_minimum", "type"],
    Example::csv("id: {type: int64}, price: {type: \"decimal(8,2)\", minimum: 0}", "price", "1,12.50", "1,-12.50"),
    change,
)
.fits(Target::number);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let number = Dec::read(cell.text)?;
    match number.unscaled {
        0 => Some(Change::Text(Dec { unscaled: -number.one(), ..number }.text())),
        1.. => Some(Change::Text(Dec { unscaled: -number.unscaled, ..number }.text())),
        _ => None,
    }
}
