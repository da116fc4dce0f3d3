//! A reference to nobody.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::fresh;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `orphan_fk`.
pub const KIND: FaultKind = FaultKind::cell(
    "orphan_fk",
    Level::Relation,
    "The value refers to a row that does not exist; it keeps the look of a key where that can be.",
    &["references"],
    Example::csv(
        "id: {type: string, unique: true}, boss: {type: string, references: t.id}",
        "boss",
        "E1,E7",
        "E1,E938053812292791",
    ),
    change,
)
.fits(Target::reference);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    fresh::value(cell.target, cell.text, draws).map(Change::Orphan)
}
