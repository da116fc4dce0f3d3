//! A record that was cut.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `truncated_line`.
pub const KIND: FaultKind = FaultKind::record(
    "truncated_line",
    Level::Json,
    "The line ends inside the record.",
    &["record"],
    Example::json("id: {type: int64}, n: {type: int64}", "", "{\"id\":1,\"n\":2}", "{\"id\":1,\"n\":2"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let body = std::str::from_utf8(work.body()).ok()?;
    let keep = 1 + usize::try_from(draws.below(body.len().checked_sub(1)? as u64)).ok()?;
    let keep = (1..=keep).rev().find(|place| body.is_char_boundary(*place))?;
    let record = [body.get(..keep)?.as_bytes(), work.ending()].concat();
    (keep < body.len()).then(|| Edit::replace(record))
}
