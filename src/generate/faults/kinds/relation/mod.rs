//! Faults between rows and tables.

pub mod aggregate_mismatch;
pub mod cardinality;
pub mod dup_in_array;
pub mod fd_violation;
pub mod orphan_fk;
pub mod wrong_parent;

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::random::Draws;

/// Takes the value of another row that has another one.
fn anothers(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    (0..16).find_map(|_| (cell.elsewhere)(draws).filter(|text| text != cell.text)).map(Change::Text)
}

/// Writes elements as a list.
fn list<'a>(elements: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let elements: Vec<&[u8]> = elements.collect();
    [b"[", &elements.join(&b","[..])[..], b"]"].concat()
}
