//! A column under another name.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `header_renamed`.
pub const KIND: FaultKind = FaultKind::file(
    "header_renamed",
    "One column has another name in the header.",
    &["columns"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id_2,city"),
    edit,
);

fn edit(file: &FileEdit<'_>, draws: &mut Draws) -> Option<Whole> {
    let (mut names, _) = file.names()?;
    let at = usize::try_from(draws.below(names.len() as u64)).ok()?;
    let name = names.get_mut(at)?;
    let old = name.clone();
    // Inside the closing quote, where there is one.
    let end = name.len() - usize::from(Some(*name.last()?) == file.table.source.quote);
    name.splice(end..end, *b"_2");
    file.renamed(&names, Some(&old))
}
