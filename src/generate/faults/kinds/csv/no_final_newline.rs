//! A last record without its line ending.

use crate::generate::faults::csv::written_ending;
use crate::generate::faults::kind::{Example, FaultKind, Formats};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `no_final_newline`.
pub const KIND: FaultKind = FaultKind::file(
    "no_final_newline",
    "The last record lacks its line ending, which readers forgive.",
    &[],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id,city\n...\n(1 bytes cut off)"),
    edit,
)
.formats(Formats::All);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(file: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    Some(Whole { cut: written_ending(&file.table.source).len() as u64, ..Whole::default() })
}
