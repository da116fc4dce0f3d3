//! A schema that changes from one file on.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::whole::{FileEdit, Whole};
use crate::generate::random::Draws;

/// The kind `schema_drift`.
pub const KIND: FaultKind = FaultKind::file(
    "schema_drift",
    "From some file on, in the order of their paths, the last column has another name: so many files, the last ones.",
    &["columns"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "id,city", "id,city_new"),
    edit,
)
.level(Level::Set);

fn edit(file: &FileEdit<'_>, _: &mut Draws) -> Option<Whole> {
    let (mut names, _) = file.names()?;
    let name = names.last_mut()?;
    let old = name.clone();
    let end = name.len() - usize::from(Some(*name.last()?) == file.table.source.quote);
    name.splice(end..end, *b"_new");
    file.renamed(&names, Some(&old))
}
