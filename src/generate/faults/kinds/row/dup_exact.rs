//! A record that stands twice.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `dup_exact`.
pub const KIND: FaultKind = FaultKind::record(
    "dup_exact",
    Level::Row,
    "The record stands once more behind itself.",
    &["primary_key", "unique"],
    Example::csv("id: {type: int64, unique: true}, city: {type: string}", "", "1,Bath", "1,Bath\n1,Bath"),
    edit,
);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    Some(Edit::add(work, work.record.to_vec()))
}
