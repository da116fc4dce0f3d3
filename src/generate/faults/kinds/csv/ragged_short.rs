//! A record with too few fields.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::row::joined;
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `ragged_short`.
pub const KIND: FaultKind = FaultKind::record(
    "ragged_short",
    Level::Csv,
    "The record lacks its last field.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1"),
    edit,
);

fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    let fields = work.fields()?;
    let raw: Vec<&[u8]> = fields.list.iter().filter_map(|field| work.record.get(field.start..field.end)).collect();
    let (last, rest) = raw.split_last().filter(|(_, rest)| !rest.is_empty())?;
    let name = work.name(rest.len(), raw.len());
    Some(Edit::replace(joined(work, &fields, rest)).told(name, Some(last), None))
}
