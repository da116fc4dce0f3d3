//! A name that stands twice in the header.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `header_duplicated`.
pub const KIND: FaultKind = FaultKind::file(
    "header_duplicated",
    "One column has the name of the column before it.",
    &["columns"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id,id"),
    edit,
);

fn edit(file: &FileEdit<'_>, draws: &mut Draws) -> Option<Whole> {
    let (mut names, _) = file.names()?;
    let at = usize::try_from(draws.below(names.len().checked_sub(1).filter(|left| *left > 0)? as u64)).ok()?;
    let old = names.get(at + 1)?.clone();
    let before = names.get(at)?.clone();
    *names.get_mut(at + 1)? = before;
    file.renamed(&names, Some(&old))
}
