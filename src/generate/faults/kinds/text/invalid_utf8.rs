//! A byte of another encoding.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::random::Draws;

const BYTES: &[u8] = &[0xe9, 0xfc, 0xf6, 0xff, 0xc3, 0x92];

/// The kind `invalid_utf8`.
pub const KIND: FaultKind = FaultKind::cell(
    "invalid_utf8",
    Level::Text,
    "A byte that is no UTF-8 stands behind the value, as Latin-1 leaves it.",
    &["record", "type"],
    Example::csv("id: {type: int64}, city: {type: string}", "city", "1,Bath", "1,Bath\\xE9"),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let byte = *BYTES.get(usize::try_from(draws.below(BYTES.len() as u64)).ok()?)?;
    Some(Change::Text([cell.text, &[byte]].concat()))
}
