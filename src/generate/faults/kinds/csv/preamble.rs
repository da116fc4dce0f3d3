//! A title over the table.

use crate::generate::faults::csv::written_ending;
use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `preamble`.
pub const KIND: FaultKind = FaultKind::file(
    "preamble",
    "A line of text stands before the header, as reports have it.",
    &["columns", "record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "Monthly report\nid,city"),
    edit,
)
.knobs(&[Knob { name: "text", doc: "the line; `Monthly report` unless said", form: Form::Text }]);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(file: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    let text = file.knobs.text("text").unwrap_or("Monthly report");
    let head = [text.as_bytes(), written_ending(&file.table.source), file.head].concat();
    Some(Whole { head: Some(head), dirty: Some(text.to_owned()), ..Whole::default() })
}
