//! A day without its file.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{Expects, SetEdit, Told, rows};
use crate::generate::random::Draws;

/// The kind `missing_partition`.
pub const KIND: FaultKind = FaultKind::set(
    "missing_partition",
    "One file is not there at all.",
    &["row_count"],
    Example::csv("id: {type: int64}, d: {type: date}", "", "d=1/t.csv 5\nd=2/t.csv 5", "d=2/t.csv 5"),
    edit,
);

fn edit(set: &mut SetEdit<'_>, index: usize, _: &mut Draws) -> Option<Told> {
    if index >= set.files.len() {
        return None;
    }
    let gone = set.files.remove(index);
    let clean = Some(format!("{} rows", rows(&gone.rows)));
    Some(Told { file: gone.path, clean, dirty: None, expects: Expects::Volume })
}
