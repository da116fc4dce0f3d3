//! A list with too few elements, or too many.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Formats, Level};
use crate::generate::faults::kinds::relation::list;
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::CellTest;

/// The kind `cardinality`.
pub const KIND: FaultKind = FaultKind::cell(
    "cardinality",
    Level::Relation,
    "The list becomes empty, or its elements repeat until there is one more than `max_items`.",
    &["min_items", "max_items"],
    Example::json(
        "id: {type: int64}, tags: {type: list, items: {type: string}, min_items: 1}",
        "tags",
        "{\"id\":1,\"tags\":[\"a\"]}",
        "{\"id\":1,\"tags\":[]}",
    ),
    change,
)
.formats(Formats::Json)
.knobs(&[Knob {
    name: "make",
    doc: "empty or many; what a rule forbids unless said",
    form: Form::Word(&["empty", "many"]),
}])
.fits(Target::list);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let limits = cell.target.tests().filter_map(|test| match test {
        CellTest::Items { minimum, maximum } => Some((*minimum, *maximum)),
        _ => None,
    });
    let (mut least, mut most) = (None, None);
    for (minimum, maximum) in limits {
        (least, most) = (minimum.filter(|count| *count > 0).or(least), maximum.or(most));
    }
    let many = match (cell.knobs.text("make"), least, most) {
        (Some(make), ..) => make == "many",
        (None, None, Some(_)) => true,
        (None, Some(_), Some(_)) => draws.below(2) == 0,
        (None, _, None) => false,
    };
    let elements = json::elements(cell.raw, &(0..cell.raw.len()))?;
    if elements.is_empty() {
        return None;
    }
    if !many {
        return Some(Change::Raw(b"[]".to_vec()));
    }
    let count =
        usize::try_from(most.map_or(100, |most| most.saturating_add(1))).ok().filter(|count| *count <= 1 << 16)?;
    let count = count.max(elements.len() + 1);
    let raw = elements.iter().filter_map(|element| cell.raw.get(element.clone())).cycle().take(count);
    Some(Change::Raw(list(raw)))
}
