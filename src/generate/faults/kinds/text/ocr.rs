//! A letter that a scanner took for another.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::replaced;
use crate::generate::random::Draws;

const PAIRS: &[(&str, &str)] = &[
    ("0", "O"),
    ("O", "0"),
    ("1", "l"),
    ("l", "1"),
    ("I", "l"),
    ("5", "S"),
    ("S", "5"),
    ("8", "B"),
    ("B", "8"),
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("2", "Z"),
    ("Z", "2"),
    ("6", "b"),
    ("g", "9"),
    ("9", "g"),
    ("e", "c"),
    ("h", "b"),
    ("i", "j"),
    ("7", "T"),
    ("o", "0"),
    ("a", "o"),
    ("u", "v"),
    ("t", "f"),
    ("3", "8"),
    ("4", "A"),
];

/// The kind `ocr`.
pub const KIND: FaultKind = FaultKind::cell(
    "ocr",
    Level::Text,
    "One character is taken for one that looks alike: 0 and O, 1 and l, rn and m.",
    &["pattern", "accepted_values", "format", "type"],
    Example::csv("id: {type: int64}, sku: {type: string, pattern: \"[A-Z]-[0-9]+\"}", "sku", "1,K-10", "1,K-l0"),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    replaced(cell.str()?, PAIRS, draws).map(Change::text)
}
