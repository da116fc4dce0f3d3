//! A file that was cut while it was copied.

use crate::generate::faults::csv::written_ending;
use crate::generate::faults::kind::{Example, FaultKind, Formats};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;
use crate::model::Format;

/// The kind `truncated_file`.
pub const KIND: FaultKind = FaultKind::file(
    "truncated_file",
    "The file ends one to five bytes before the end of its last record. JSON is broken by that, CSV may be or not.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id,city\n...\n(4 bytes cut off)"),
    edit,
)
.formats(Formats::All);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(file: &FileEdit<'_>, draws: &mut Draws) -> Option<Whole> {
    let spec = &file.table.source;
    let cut = written_ending(spec).len() as u64 + 1 + draws.below(5);
    Some(Whole { cut, breaks_last: spec.format != Format::Csv, ..Whole::default() })
}
