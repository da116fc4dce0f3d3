//! A line break in a value that nobody quoted.

use crate::generate::faults::cell::splice;
use crate::generate::faults::csv::written_ending;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `unescaped_newline`.
pub const KIND: FaultKind = FaultKind::record(
    "unescaped_newline",
    Level::Csv,
    "A line break without quotes tears the record in two.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1,B\nath"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let fields = work.fields()?;
    let width = fields.list.len();
    let text = std::str::from_utf8(work.record).ok()?;
    let inside = |at: &usize| {
        fields.list.get(*at).and_then(|field| {
            (field.start + 1..field.end)
                .find(|place| text.is_char_boundary(*place))
                .filter(|_| !field.quoted && !field.escaped)
        })
    };
    if width < 2 {
        return None;
    }
    // Torn in the middle neither part is whole.
    let middle: Vec<usize> = (1..width - 1).filter(|at| inside(at).is_some()).collect();
    let torn = if middle.is_empty() { (0..width).filter(|at| inside(at).is_some()).collect() } else { middle };
    let at = *torn.get(usize::try_from(draws.below(torn.len() as u64)).ok()?)?;
    let place = inside(&at)?;
    let clean = fields.list.get(at)?.content(work.record, &work.table.source);
    let record = splice(work.record, &(place..place), written_ending(&work.table.source));
    let edit = Edit { records: 2, ..Edit::replace(record) };
    Some(edit.told(work.name(at, width), Some(&clean), None))
}
