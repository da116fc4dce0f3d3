//! Rows that came a day late, with those of the next file.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{Expects, SetEdit, Told};
use crate::generate::random::Draws;

/// The kind `late_file`.
pub const KIND: FaultKind = FaultKind::set(
    "late_file",
    "The rows of one file stand at the end of the next file, and their own is not there.",
    &["compare", "expression"],
    Example::csv(
        "id: {type: int64}, d: {type: date}",
        "",
        "d=1/t.csv 5\nd=2/t.csv 6\nd=3/t.csv 7",
        "d=2/t.csv 11\nd=3/t.csv 7",
    ),
    edit,
);

fn edit(set: &mut SetEdit<'_>, index: usize, _: &mut Draws) -> Option<Told> {
    // The last file has nowhere to go.
    let index = if index + 1 < set.files.len() { index } else { index.checked_sub(1)? };
    if index + 1 >= set.files.len() {
        return None;
    }
    let late = set.files.remove(index);
    let next = set.files.get_mut(index)?;
    next.rows.extend(late.rows);
    let dirty = Some(next.path.clone());
    Some(Told { file: next.path.clone(), clean: Some(late.path), dirty, expects: Expects::Misplaced })
}
