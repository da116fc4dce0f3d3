//! A header in another order than its records.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `header_reordered`.
pub const KIND: FaultKind = FaultKind::file(
    "header_reordered",
    "Two names of the header change places while the values stay.",
    &["columns"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "city,id"),
    edit,
);

fn edit(file: &FileEdit<'_>, draws: &mut Draws) -> Option<Whole> {
    let (mut names, _) = file.names()?;
    let at = usize::try_from(draws.below(names.len().checked_sub(1).filter(|left| *left > 0)? as u64)).ok()?;
    let old = names.get(at)?.clone();
    names.swap(at, at + 1);
    file.renamed(&names, Some(&old))
}
