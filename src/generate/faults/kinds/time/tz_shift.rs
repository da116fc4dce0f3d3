//! A moment of another time zone.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::random::Draws;
use crate::model::DataType;

const HOURS: &[i64] = &[-8, -5, -1, 1, 2, 9];

/// The kind `tz_shift`.
pub const KIND: FaultKind = FaultKind::cell(
    "tz_shift",
    Level::Time,
    "The moment is off by the hours between two time zones.",
    &["compare", "expression", "maximum", "minimum"],
    Example::csv("id: {type: int64}, at: {type: timestamp}", "at", "1,2024-02-29 23:30:00", "1,2024-03-01 08:30:00"),
    change,
)
.knobs(&[Knob { name: "hours", doc: "so many hours later; by chance unless said", form: Form::Whole }])
.fits(|target| match target.column.data_type {
    DataType::Timestamp | DataType::TimestampTz => Ok(()),
    _ => Err(format!("wants a timestamp, unlike `{}`", target.path.text)),
});

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let clock = cell.target.clock.as_ref()?;
    let drawn = *HOURS.get(usize::try_from(draws.below(HOURS.len() as u64)).ok()?)?;
    let hours = cell.knobs.text("hours").and_then(|text| text.parse().ok()).unwrap_or(drawn);
    let moment = clock.read(cell.text)?.checked_add(i64::checked_mul(hours, 3_600_000_000)?)?;
    clock.write(moment, cell.text).map(Change::Text)
}
