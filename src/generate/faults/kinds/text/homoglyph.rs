//! A letter of another alphabet that looks the same.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::replaced;
use crate::generate::random::Draws;

const PAIRS: &[(&str, &str)] = &[
    ("a", "\u{430}"),
    ("c", "\u{441}"),
    ("e", "\u{435}"),
    ("o", "\u{43e}"),
    ("p", "\u{440}"),
    ("x", "\u{445}"),
    ("y", "\u{443}"),
    ("i", "\u{456}"),
    ("s", "\u{455}"),
    ("A", "\u{410}"),
    ("B", "\u{412}"),
    ("C", "\u{421}"),
    ("E", "\u{415}"),
    ("H", "\u{41d}"),
    ("K", "\u{41a}"),
    ("M", "\u{41c}"),
    ("O", "\u{41e}"),
    ("P", "\u{420}"),
    ("T", "\u{422}"),
    ("X", "\u{425}"),
    ("0", "\u{ff10}"),
    ("1", "\u{ff11}"),
    ("2", "\u{ff12}"),
    ("3", "\u{ff13}"),
    ("4", "\u{ff14}"),
    ("5", "\u{ff15}"),
    ("6", "\u{ff16}"),
    ("7", "\u{ff17}"),
    ("8", "\u{ff18}"),
    ("9", "\u{ff19}"),
    ("-", "\u{2010}"),
];

/// The kind `homoglyph`.
pub const KIND: FaultKind = FaultKind::cell(
    "homoglyph",
    Level::Text,
    "One character becomes one of another alphabet that looks the same: a Cyrillic a, a full-width 1.",
    &["accepted_values", "pattern", "format", "type"],
    Example::csv("id: {type: int64}, city: {type: string, pattern: \"[A-Za-z]+\"}", "city", "1,Bath", "1,B\u{430}th"),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    replaced(cell.str()?, PAIRS, draws).map(Change::text)
}
