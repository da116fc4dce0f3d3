//! Text far over its length.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `overlong`.
pub const KIND: FaultKind = FaultKind::cell(
    "overlong",
    Level::Text,
    "The text repeats itself until it is over `max_length`; up to 300 characters where there is none.",
    &["max_length", "pattern", "accepted_values", "format"],
    Example::csv("id: {type: int64}, city: {type: string, max_length: 6}", "city", "1,Bath", "1,BathBat"),
    change,
)
.knobs(&[Knob { name: "length", doc: "so many characters; one over `max_length` unless said", form: Form::Whole }])
.fits(Target::text);

fn change(cell: &Cell<'_>, _: &mut Draws) -> Option<Change> {
    let text = cell.str().filter(|text| !text.is_empty())?;
    let least = cell.target.longest().map_or(300, |longest| longest.saturating_add(1));
    let length = usize::try_from(cell.knobs.whole("length", least)).ok().filter(|length| *length <= 1 << 16)?;
    let long: String = text.chars().cycle().take(length).collect();
    (long != text).then(|| Change::text(long))
}
