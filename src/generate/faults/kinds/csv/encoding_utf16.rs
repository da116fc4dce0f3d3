//! A file of another encoding.

use crate::generate::faults::kind::{Example, FaultKind, Formats};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `encoding_utf16`.
pub const KIND: FaultKind = FaultKind::file(
    "encoding_utf16",
    "The file is written as UTF-16 with a byte-order mark, as spreadsheets do. `encoding: auto` reads it all the same.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id,city\n...\n(in UTF-16)"),
    edit,
)
.formats(Formats::All);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(_: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    Some(Whole { utf16: true, ..Whole::default() })
}
