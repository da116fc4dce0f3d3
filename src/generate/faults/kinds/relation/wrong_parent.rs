//! A reference to somebody else.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::relation::anothers;
use crate::generate::faults::target::Target;

/// The kind `wrong_parent`.
pub const KIND: FaultKind = FaultKind::cell(
    "wrong_parent",
    Level::Relation,
    "The value refers to the row that another row refers to.",
    &["expression", "when", "compare"],
    Example::csv("id: {type: int64, unique: true}, owner: {type: int64, references: t.id}", "owner", "1,2\n2,1", "1,1"),
    anothers,
)
.fits(Target::reference);
