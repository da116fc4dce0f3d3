//! A total under the table.

use crate::generate::faults::csv::written_ending;
use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `footer`.
pub const KIND: FaultKind = FaultKind::file(
    "footer",
    "A line of text stands behind the last record.",
    &["record", "type"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id,city\n...\nEnd of report"),
    edit,
)
.knobs(&[Knob { name: "text", doc: "the line; `End of report` unless said", form: Form::Text }]);

#[expect(clippy::unnecessary_wraps, reason = "the signature of every kind")]
fn edit(file: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    let text = file.knobs.text("text").unwrap_or("End of report");
    let tail = [text.as_bytes(), written_ending(&file.table.source)].concat();
    Some(Whole { tail, dirty: Some(text.to_owned()), ..Whole::default() })
}
