//! Faults of dates and times.

pub mod ancient_date;
pub mod format_mix;
pub mod future_date;
pub mod invalid_date;
pub mod time_travel;
pub mod tz_shift;
pub mod wrong_partition;

use crate::generate::faults::cell::{Cell, Change};
use crate::model::literal::{civil_from_days, days_from_civil};

/// Writes a cell's moment in another year; 29 February becomes the day before where that year has none.
fn moved_to_year(cell: &Cell<'_>, year: u64) -> Option<Change> {
    const DAY: i64 = 86_400_000_000;
    let clock = cell.target.clock.as_ref()?;
    let micros = clock.read(cell.text)?;
    let (_, month, day) = civil_from_days(i32::try_from(micros.div_euclid(DAY)).ok()?);
    let year = i32::try_from(year).ok()?;
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let day = if month == 2 && !leap { day.min(28) } else { day };
    let moment = i64::from(days_from_civil(year, month, day)) * DAY + micros.rem_euclid(DAY);
    clock.write(moment, cell.text).map(Change::Text)
}
