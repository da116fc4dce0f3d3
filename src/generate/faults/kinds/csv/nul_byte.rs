//! A byte 0 in a text.

use crate::generate::faults::cell::splice;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `nul_byte`.
pub const KIND: FaultKind = FaultKind::record(
    "nul_byte",
    Level::Csv,
    "A NUL byte stands at the end of a value.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1\\0,Bath"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let fields = work.fields()?;
    let at = usize::try_from(draws.below(fields.list.len() as u64)).ok()?;
    let field = fields.list.get(at)?;
    let place = field.end - usize::from(field.quoted);
    let clean = field.content(work.record, &work.table.source);
    let dirty = [&clean[..], b"\0"].concat();
    let record = splice(work.record, &(place..place), b"\0");
    Some(Edit::replace(record).told(work.name(at, fields.list.len()), Some(&clean), Some(&dirty)))
}
