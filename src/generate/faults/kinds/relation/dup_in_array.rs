//! An element that stands twice in one list.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Formats, Level};
use crate::generate::faults::kinds::relation::list;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `dup_in_array`.
pub const KIND: FaultKind = FaultKind::cell(
    "dup_in_array",
    Level::Relation,
    "One element of the list stands once more at its end.",
    &["max_items"],
    Example::json(
        "id: {type: int64}, tags: {type: list, items: {type: string}, max_items: 1}",
        "tags",
        "{\"id\":1,\"tags\":[\"a\"]}",
        "{\"id\":1,\"tags\":[\"a\",\"a\"]}",
    ),
    change,
)
.formats(Formats::Json)
.fits(Target::list);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let elements = json::elements(cell.raw, &(0..cell.raw.len()))?;
    let again = elements.get(usize::try_from(draws.below(elements.len() as u64)).ok()?)?;
    let raw = elements.iter().chain([again]).filter_map(|element| cell.raw.get(element.clone()));
    Some(Change::Raw(list(raw)))
}
