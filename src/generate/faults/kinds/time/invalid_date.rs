//! A day that no calendar has.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::moment::Parts;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::literal::civil_from_days;

const DAYS: &[(u32, u32)] = &[(2, 30), (4, 31), (13, 1), (0, 0), (6, 31), (11, 31)];
const DAY: i64 = 86_400_000_000;

/// The kind `invalid_date`.
pub const KIND: FaultKind = FaultKind::cell(
    "invalid_date",
    Level::Time,
    "The day does not exist: 30 February, 31 April, the 13th month.",
    &["type", "format"],
    Example::csv("id: {type: int64}, on: {type: date}", "on", "1,2024-02-29", "1,2024-04-31"),
    change,
)
.fits(Target::moment);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let clock = cell.target.clock.as_ref()?;
    let micros = clock.read(cell.text)?;
    let (year, ..) = civil_from_days(i32::try_from(micros.div_euclid(DAY)).ok()?);
    let start = usize::try_from(draws.below(DAYS.len() as u64)).ok()?;
    DAYS.iter().cycle().skip(start).take(DAYS.len()).find_map(|(month, day)| {
        let parts = Parts { year, month: *month, day: *day, micros: micros.rem_euclid(DAY) };
        let text = clock.write_parts(parts, cell.text)?;
        clock.read(&text).is_none().then_some(Change::Text(text))
    })
}
