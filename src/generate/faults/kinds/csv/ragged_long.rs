//! A record with too many fields.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::row::joined;
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `ragged_long`.
pub const KIND: FaultKind = FaultKind::record(
    "ragged_long",
    Level::Csv,
    "The record has one field more at its end.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1,Bath,x"),
    edit,
);

fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    let fields = work.fields()?;
    let raw = fields.list.iter().filter_map(|field| work.record.get(field.start..field.end));
    let raw: Vec<&[u8]> = raw.chain([&b"x"[..]]).collect();
    Some(Edit { dirty: Some("x".to_owned()), ..Edit::replace(joined(work, &fields, &raw)) })
}
