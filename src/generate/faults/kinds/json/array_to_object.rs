//! A list written as an object.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Formats, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `array_to_object`.
pub const KIND: FaultKind = FaultKind::cell(
    "array_to_object",
    Level::Json,
    "The list becomes an object whose keys are the places: `[5]` becomes `{\"0\":5}`.",
    &["type"],
    Example::json(
        "id: {type: int64}, n: {type: list, items: {type: int64}}",
        "n",
        "{\"id\":1,\"n\":[5,6]}",
        "{\"id\":1,\"n\":{\"0\":5,\"1\":6}}",
    ),
    change,
)
.formats(Formats::Json)
.fits(Target::list);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let elements = json::elements(cell.raw, &(0..cell.raw.len()))?;
    let members = elements
        .iter()
        .enumerate()
        .filter_map(|(at, element)| Some([format!("\"{at}\":").as_bytes(), cell.raw.get(element.clone())?].concat()));
    let members: Vec<Vec<u8>> = members.collect();
    Some(Change::Raw([b"{", &members.join(&b","[..])[..], b"}"].concat()))
}
