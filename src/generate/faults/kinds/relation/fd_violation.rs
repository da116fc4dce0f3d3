//! One postcode, two towns.

use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::relation::anothers;

/// The kind `fd_violation`.
pub const KIND: FaultKind = FaultKind::cell(
    "fd_violation",
    Level::Relation,
    "The value becomes that of another row, so that it no longer follows from the columns beside it.",
    &["expression", "when", "compare"],
    Example::csv("zip: {type: string}, city: {type: string}", "city", "BA1,Bath\nYO1,York", "BA1,York"),
    anothers,
);
