//! Text that is there and empty, which CSV may or may not take for NULL.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::random::Draws;

/// The kind `empty`.
pub const KIND: FaultKind = FaultKind::cell(
    "empty",
    Level::Value,
    "The value becomes the empty text: `\"\"`. In CSV that is NULL, unless the source says `quoted_nulls: false`.",
    &["min_length", "required", "pattern", "type"],
    Example::csv("id: {type: int64}, city: {type: string, required: true}", "city", "1,Bath", "1,\"\""),
    change,
);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn change(_: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    Some(Change::Quoted(Vec::new()))
}
