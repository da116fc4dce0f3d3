//! A file that starts with its first record.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `header_missing`.
pub const KIND: FaultKind = FaultKind::file(
    "header_missing",
    "The header is not there, and the first record is taken for it.",
    &["columns"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", ""),
    edit,
);

fn edit(file: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    file.names()?;
    let clean = Some(String::from_utf8_lossy(file.head).trim_end().to_owned());
    Some(Whole { head: Some(Vec::new()), clean, ..Whole::default() })
}
