//! A date written as somebody else writes dates.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::literal::civil_from_days;

const DAY: i64 = 86_400_000_000;

/// The kind `format_mix`.
pub const KIND: FaultKind = FaultKind::cell(
    "format_mix",
    Level::Time,
    "The date is written in another format: ISO, day first, month first, seconds since 1970.",
    &["type", "format"],
    Example::csv("id: {type: int64}, on: {type: date}", "on", "1,2024-02-29", "1,20240229"),
    change,
)
.fits(Target::moment);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let clock = cell.target.clock.as_ref()?;
    let micros = clock.read(cell.text)?;
    let (year, month, day) = civil_from_days(i32::try_from(micros.div_euclid(DAY)).ok()?);
    let forms = [
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{day:02}.{month:02}.{year:04}"),
        format!("{month:02}/{day:02}/{year:04}"),
        format!("{day:02}-{month:02}-{year:04}"),
        micros.div_euclid(1_000_000).to_string(),
        format!("{year:04}{month:02}{day:02}"),
    ];
    let start = usize::try_from(draws.below(forms.len() as u64)).ok()?;
    // One that does not read, or reads as another day; one that reads as the same day would be no mix.
    let mixed =
        |form: &&String| clock.read(form.as_bytes()).is_none_or(|read| read.div_euclid(DAY) != micros.div_euclid(DAY));
    let other = forms.iter().cycle().skip(start).take(forms.len()).find(mixed);
    other.map(|form| Change::text(form.clone()))
}
