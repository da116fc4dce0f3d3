//! A quote that nobody closes.

use crate::generate::faults::cell::splice;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `unclosed_quote`.
pub const KIND: FaultKind = FaultKind::record(
    "unclosed_quote",
    Level::Csv,
    "A field opens with a quote that is not closed, and a careless reader swallows what follows.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1,\"Bath"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let spec = &work.table.source;
    let quote = spec.quote?;
    let fields = work.fields()?;
    let at = usize::try_from(draws.below(fields.list.len() as u64)).ok()?;
    let field = fields.list.get(at)?;
    let record = if field.quoted {
        splice(work.record, &(field.end - 1..field.end), &[])
    } else {
        splice(work.record, &(field.start..field.start), &[quote])
    };
    let clean = field.content(work.record, spec);
    Some(Edit::replace(record).told(work.name(at, fields.list.len()), Some(&clean), None))
}
