//! A record that is no JSON.

use crate::generate::faults::cell::splice;
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `invalid_json`.
pub const KIND: FaultKind = FaultKind::record(
    "invalid_json",
    Level::Json,
    "The record has a comma too many, a key without quotes, or a missing colon.",
    &["record"],
    Example::json("id: {type: int64}, n: {type: int64}", "", "{\"id\":1,\"n\":2}", "{id:1,\"n\":2}"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let object = json::object(work.record)?;
    let members = work.members()?;
    let first = members.first()?;
    let record = match draws.below(3) {
        0 => splice(work.record, &(object.end - 1..object.end - 1), b","),
        1 => {
            let bare = work.record.get(first.key.start + 1..first.key.end - 1)?.to_vec();
            splice(work.record, &first.key, &bare)
        }
        _ => splice(work.record, &(first.key.end..first.value.start), b" "),
    };
    Some(Edit::replace(record))
}
