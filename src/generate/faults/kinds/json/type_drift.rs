//! A value that changes its JSON type.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::json::{Shape, is_number};
use crate::generate::faults::kind::{Example, FaultKind, Formats, Level};
use crate::generate::random::Draws;

/// The kind `type_drift`.
pub const KIND: FaultKind = FaultKind::cell(
    "type_drift",
    Level::Json,
    "A number or boolean becomes text (`506` to `\"506\"`), text a number or a list of one. 64-bit integers and decimals \
     may be text.",
    &["type"],
    Example::json("id: {type: int64}, n: {type: int32}", "n", "{\"id\":1,\"n\":506}", "{\"id\":1,\"n\":\"506\"}"),
    change,
)
.formats(Formats::Json);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    match cell.shape? {
        Shape::Number | Shape::Bool => Some(Change::Quoted(cell.text.to_vec())),
        Shape::Text if is_number(cell.text) => Some(Change::Raw(cell.text.to_vec())),
        Shape::Text => Some(Change::Raw([b"[", cell.raw, b"]"].concat())),
        _ => None,
    }
}
