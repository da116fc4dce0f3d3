//! Values that moved over by one column.

use crate::generate::faults::kind::{Example, FaultKind, Formats, Level};
use crate::generate::faults::kinds::row::joined;
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `shift_right`.
pub const KIND: FaultKind = FaultKind::record(
    "shift_right",
    Level::Row,
    "From some column on the values stand one column to the right; the last is lost.",
    &["type", "required", "accepted_values", "pattern", "format", "minimum", "maximum"],
    Example::csv("id: {type: int64}, city: {type: string}, n: {type: int64}", "", "1,Bath,5", "1,,Bath"),
    edit,
)
.formats(Formats::Csv);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let fields = work.fields()?;
    let width = fields.list.len();
    let from = usize::try_from(draws.below(width.checked_sub(1).filter(|left| *left > 0)? as u64)).ok()?;
    let mut raw: Vec<&[u8]> = fields.list.iter().filter_map(|field| work.record.get(field.start..field.end)).collect();
    raw.insert(from, b"");
    raw.pop();
    let record = joined(work, &fields, &raw);
    (record != work.record).then(|| {
        let name = work.name(from, width);
        Edit::replace(record).told(
            name,
            fields.list.get(from).map(|f| f.content(work.record, &work.table.source)).as_deref(),
            None,
        )
    })
}
