//! A line that ends as on another system.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;
use crate::model::LineEnding;

/// The kind `crlf_mix`.
pub const KIND: FaultKind = FaultKind::record(
    "crlf_mix",
    Level::Csv,
    "The record ends in CRLF among LF, or in LF among CRLF. Not for sources of `line_ending: crlf` or `cr`.",
    &[],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1,Bath\\r"),
    edit,
);

fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    if !matches!(work.table.source.line_ending, LineEnding::Any | LineEnding::Lf) {
        return None;
    }
    let ending: &[u8] = match work.ending() {
        b"\n" => b"\r\n",
        b"\r\n" => b"\n",
        _ => return None,
    };
    Some(Edit::replace([work.body(), ending].concat()))
}
