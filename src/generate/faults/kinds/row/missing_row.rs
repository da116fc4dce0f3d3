//! A record that never arrived.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `missing_row`.
pub const KIND: FaultKind = FaultKind::record(
    "missing_row",
    Level::Row,
    "The record is not there. Rows that refer to it dangle.",
    &["row_count"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", ""),
    edit,
);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    let clean = Some(String::from_utf8_lossy(work.body()).into_owned());
    Some(Edit { clean, ..Edit::default() })
}
