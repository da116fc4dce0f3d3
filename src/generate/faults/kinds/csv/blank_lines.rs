//! Lines with nothing on them.

use crate::generate::faults::csv::written_ending;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Place, Work};
use crate::generate::random::Draws;

/// The kind `blank_lines`.
pub const KIND: FaultKind = FaultKind::record(
    "blank_lines",
    Level::Csv,
    "One to three empty lines stand before the record. They are no records, and are counted apart.",
    &[],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "\n\n\n1,Bath"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let count = usize::try_from(1 + draws.below(3)).ok()?;
    let before = written_ending(&work.table.source).repeat(count);
    Some(Edit { before, at: Place::Before, ..Edit::replace(work.record.to_vec()) })
}
