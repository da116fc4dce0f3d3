//! Two records of one key that do not agree.

use crate::generate::faults::cell::{self, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `dup_key`.
pub const KIND: FaultKind = FaultKind::record(
    "dup_key",
    Level::Row,
    "The record stands once more with the same key and a value of another row in some other column.",
    &["primary_key", "unique"],
    Example::csv("id: {type: int64, unique: true}, city: {type: string}", "", "1,Bath\n2,York", "1,Bath\n1,York"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let free = work.free();
    for _ in 0..16 {
        let Some(target) = free.get(usize::try_from(draws.below(free.len() as u64)).ok()?) else { break };
        let Some(other) = (work.other)(draws) else { break };
        let (own, lent) = (work.spot(target), cell::find(&other, work.table, work.layout, target, &mut |_| 0));
        let (Some(own), Some(lent)) = (own, lent) else { continue };
        if lent.null || lent.text == own.text {
            continue;
        }
        if let Some(record) = work.with(&own, &Change::Text(lent.text.clone())) {
            let clean = (!own.null).then_some(own.text.as_slice());
            return Some(Edit::add(work, record).told(&target.path.text, clean, Some(&lent.text)));
        }
    }
    // Nothing may differ, or nothing does.
    Some(Edit::add(work, work.record.to_vec()))
}
