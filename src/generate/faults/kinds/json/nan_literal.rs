//! A number that JSON does not know.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Formats, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `nan_literal`.
pub const KIND: FaultKind = FaultKind::cell(
    "nan_literal",
    Level::Json,
    "The number becomes `NaN`, `Infinity` or `-Infinity`, bare, as JavaScript writes it.",
    &["record"],
    Example::json("id: {type: int64}, n: {type: float64}", "n", "{\"id\":1,\"n\":2.5}", "{\"id\":1,\"n\":Infinity}"),
    change,
)
.formats(Formats::Json)
.fits(Target::number);

fn change(_: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let words = [&b"NaN"[..], b"Infinity", b"-Infinity"];
    words.get(usize::try_from(draws.below(3)).ok()?).map(|word| Change::Raw(word.to_vec()))
}
