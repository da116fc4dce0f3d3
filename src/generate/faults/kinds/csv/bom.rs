//! A byte-order mark.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `bom`.
pub const KIND: FaultKind = FaultKind::file(
    "bom",
    "The file begins with a UTF-8 byte-order mark, which a careless reader takes for part of the first name.",
    &["columns"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "\u{feff}id,city"),
    edit,
);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(file: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    Some(Whole { head: Some(["\u{feff}".as_bytes(), file.head].concat()), ..Whole::default() })
}
