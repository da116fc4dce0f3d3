//! A file with nothing in it but its header.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{Expects, SetEdit, Told, rows};
use crate::generate::random::Draws;

/// The kind `empty_file`.
pub const KIND: FaultKind = FaultKind::set(
    "empty_file",
    "One file has no record.",
    &["row_count"],
    Example::csv("id: {type: int64}, d: {type: date}", "", "d=1/t.csv 5\nd=2/t.csv 5", "d=1/t.csv 0\nd=2/t.csv 5"),
    edit,
);

fn edit(set: &mut SetEdit<'_>, index: usize, _: &mut Draws) -> Option<Told> {
    let file = set.files.get_mut(index)?;
    let clean = Some(format!("{} rows", rows(&file.rows)));
    file.rows.clear();
    Some(Told { file: file.path.clone(), clean, dirty: Some("0 rows".to_owned()), expects: Expects::Volume })
}
