//! A record of another dialect.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `delimiter_mix`.
pub const KIND: FaultKind = FaultKind::record(
    "delimiter_mix",
    Level::Csv,
    "The record is written with another delimiter: `;` (or `,`).",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1;Bath"),
    edit,
);

fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    let fields = work.fields().filter(|fields| fields.list.len() > 1)?;
    let other = if work.table.source.delimiter == b';' { b',' } else { b';' };
    let raw: Vec<&[u8]> = fields.list.iter().filter_map(|field| work.record.get(field.start..field.end)).collect();
    let mut record = raw.join(&[other][..]);
    record.extend_from_slice(work.record.get(fields.content..)?);
    Some(Edit { dirty: Some(char::from(other).to_string()), ..Edit::replace(record) })
}
