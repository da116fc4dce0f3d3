//! Capitals where there were none, or none where there were.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `case`.
pub const KIND: FaultKind = FaultKind::cell(
    "case",
    Level::Text,
    "The letters become all capital or all small, or swap.",
    &["accepted_values", "pattern", "format"],
    Example::csv("id: {type: int64}, city: {type: string, pattern: \"[A-Z][a-z]+\"}", "city", "1,Bath", "1,bath"),
    change,
)
.fits(Target::text);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    recased(cell.str()?, draws).map(Change::text)
}

/// Gives text in another case; `None` for text without letters that have one.
pub fn recased(text: &str, draws: &mut Draws) -> Option<String> {
    let swap = |letter: char| match letter {
        upper if upper.is_uppercase() => upper.to_lowercase().collect::<String>(),
        lower => lower.to_uppercase().collect(),
    };
    let forms = [text.to_uppercase(), text.to_lowercase(), text.chars().map(swap).collect::<String>()];
    let start = usize::try_from(draws.below(forms.len() as u64)).ok()?;
    forms.iter().cycle().skip(start).take(forms.len()).find(|form| *form != text).cloned()
}
