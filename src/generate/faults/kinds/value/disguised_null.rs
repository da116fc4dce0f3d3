//! A value that means "none" to people and is a value to programs.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::numbers;
use crate::generate::random::Draws;
use crate::model::DataType;

/// The kind `disguised_null`.
pub const KIND: FaultKind = FaultKind::cell(
    "disguised_null",
    Level::Value,
    "The value becomes a stand-in for nothing: `N/A`, `-`, `unknown`, `999`, `-1`, `1970-01-01`, `9999-12-31`.",
    &["not_values", "accepted_values", "pattern", "minimum", "maximum", "format", "type"],
    Example::csv(
        "id: {type: int64}, city: {type: string, not_values: [N/A, \"-\", unknown, none]}",
        "city",
        "1,Bath",
        "1,unknown",
    ),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let data_type = &cell.target.column.data_type;
    let numbers: &[&str] = match numbers::range(data_type) {
        Some((0, _)) => &["0", "99"],
        Some((_, 127)) => &["0", "-1", "99"],
        _ => &["0", "-1", "999", "-999"],
    };
    let words = match data_type {
        DataType::String => &["N/A", "-", "unknown", "none"][..],
        DataType::Bool | DataType::Binary => &["N/A", "-"],
        numeric if numeric.is_numeric() => numbers,
        DataType::Time => return Some(Change::text("N/A")),
        _ => {
            let clock = cell.target.clock.as_ref()?;
            let days = [0, 2_932_896][usize::try_from(draws.below(2)).ok()?];
            return clock.write(days * 86_400_000_000, cell.text).map(Change::Text);
        }
    };
    let at = usize::try_from(draws.below(words.len() as u64)).ok()?;
    words.get(at).filter(|word| word.as_bytes() != cell.text).map(|word| Change::text(*word))
}
