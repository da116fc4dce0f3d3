//! A value that is missing.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `null`.
pub const KIND: FaultKind = FaultKind::cell(
    "null",
    Level::Value,
    "The value becomes NULL, as the source spells it.",
    &["required", "primary_key"],
    Example::csv("id: {type: int64}, city: {type: string, required: true}", "city", "1,Bath", "1,"),
    change,
)
.fits(Target::any);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn change(_: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    Some(Change::Null)
}
