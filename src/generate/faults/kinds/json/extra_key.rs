//! A key that nobody promised.

use crate::generate::faults::cell::splice;
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `extra_key`.
pub const KIND: FaultKind = FaultKind::record(
    "extra_key",
    Level::Json,
    "The record has a key that is no column. A check passes over it.",
    &[],
    Example::json(
        "id: {type: int64}, n: {type: int64}",
        "",
        "{\"id\":1,\"n\":2}",
        "{\"id\":1,\"n\":2,\"_extra\":true}",
    ),
    edit,
)
.knobs(&[Knob { name: "key", doc: "its name; `_extra` unless said", form: Form::Text }]);

fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    let object = json::object(work.record)?;
    let comma: &[u8] = if work.members()?.is_empty() { b"" } else { b"," };
    let key = json::quote(work.knobs.text("key").unwrap_or("_extra"));
    let record = splice(work.record, &(object.end - 1..object.end - 1), &[comma, &key, b":true"].concat());
    Some(Edit { dirty: Some("true".to_owned()), ..Edit::replace(record) })
}
