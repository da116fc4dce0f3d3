//! Two records on one line.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `concatenated_objects`.
pub const KIND: FaultKind = FaultKind::record(
    "concatenated_objects",
    Level::Json,
    "The record stands twice on its line, with nothing between.",
    &["record"],
    Example::json(
        "id: {type: int64}, n: {type: int64}",
        "",
        "{\"id\":1,\"n\":2}",
        "{\"id\":1,\"n\":2}{\"id\":1,\"n\":2}",
    ),
    edit,
);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    Some(Edit::replace([work.body(), work.record].concat()))
}
