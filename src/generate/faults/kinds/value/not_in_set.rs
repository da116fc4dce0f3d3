//! A value nobody listed.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers::Dec;
use crate::generate::random::Draws;
use crate::model::Literal;

/// The kind `not_in_set`.
pub const KIND: FaultKind = FaultKind::cell(
    "not_in_set",
    Level::Value,
    "The value becomes one that `accepted_values` does not list.",
    &["accepted_values"],
    Example::csv("id: {type: int64}, kind: {type: string, accepted_values: [house, food]}", "kind", "1,food", "1,new"),
    change,
)
.fits(|target| match target.accepted() {
    Some(_) => Ok(()),
    None => Err(format!("wants a column with `accepted_values`, unlike `{}`", target.path.text)),
});

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let accepted = cell.target.accepted()?;
    let texts: Vec<String> = accepted.iter().map(ToString::to_string).collect();
    let numbers: Vec<Dec> = accepted.iter().filter_map(Dec::of).collect();
    let scale = numbers.iter().map(|number| number.scale).max().unwrap_or(0);
    if let Some(most) =
        numbers.iter().filter_map(|number| number.with_scale(scale)).max_by_key(|number| number.unscaled)
    {
        return Some(Change::Text(most.plus((1 + i128::from(draws.below(9))) * most.one())?.text()));
    }
    if let Some(clock) = &cell.target.clock {
        let latest = accepted.iter().filter_map(|literal| match literal {
            Literal::Date(days) => Some(i64::from(*days) * 86_400_000_000),
            Literal::Time(micros) | Literal::Timestamp(micros) => Some(*micros),
            _ => None,
        });
        return clock.write(latest.max()? + 86_400_000_000, cell.text).map(Change::Text);
    }
    let words = ["other", "misc", "n.a.", "new", "test"];
    let start = usize::try_from(draws.below(words.len() as u64)).ok()?;
    let word = words.iter().cycle().skip(start).take(words.len()).find(|word| !texts.iter().any(|text| text == *word));
    match word {
        Some(word) => Some(Change::text(*word)),
        None => Some(Change::text(format!("{}~", texts.concat()))),
    }
}
