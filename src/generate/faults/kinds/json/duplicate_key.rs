//! A key that stands twice in one object.

use crate::generate::faults::cell::splice;
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `duplicate_key`.
pub const KIND: FaultKind = FaultKind::record(
    "duplicate_key",
    Level::Json,
    "One key of the record stands twice, with the same value.",
    &["record"],
    Example::json("id: {type: int64}, n: {type: int64}", "", "{\"id\":1,\"n\":2}", "{\"id\":1,\"n\":2,\"id\":1}"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let object = json::object(work.record)?;
    let members = work.members()?;
    let twice = members.get(usize::try_from(draws.below(members.len() as u64)).ok()?)?;
    let again = [b",", work.record.get(twice.key.start..twice.value.end)?].concat();
    let record = splice(work.record, &(object.end - 1..object.end - 1), &again);
    let clean = json::content(work.record, &twice.value);
    let name = json::key(work.record, twice);
    Some(Edit { pointer: Some(format!("/{name}")), ..Edit::replace(record).told(&name, Some(&clean), Some(&clean)) })
}
