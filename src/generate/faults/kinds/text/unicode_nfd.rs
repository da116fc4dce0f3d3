//! The same text to the eye, other code points: a letter and its accent apart.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::replaced;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

const APART: &[(&str, &str)] = &[
    ("é", "e\u{301}"),
    ("è", "e\u{300}"),
    ("ê", "e\u{302}"),
    ("ë", "e\u{308}"),
    ("á", "a\u{301}"),
    ("à", "a\u{300}"),
    ("â", "a\u{302}"),
    ("ä", "a\u{308}"),
    ("ã", "a\u{303}"),
    ("å", "a\u{30a}"),
    ("í", "i\u{301}"),
    ("ï", "i\u{308}"),
    ("ó", "o\u{301}"),
    ("ô", "o\u{302}"),
    ("ö", "o\u{308}"),
    ("õ", "o\u{303}"),
    ("ú", "u\u{301}"),
    ("ü", "u\u{308}"),
    ("û", "u\u{302}"),
    ("ñ", "n\u{303}"),
    ("ç", "c\u{327}"),
    ("Ä", "A\u{308}"),
    ("Ö", "O\u{308}"),
    ("Ü", "U\u{308}"),
    ("É", "E\u{301}"),
    ("Ñ", "N\u{303}"),
];
/// For text without any accent: a letter gets one, apart.
const ADDED: &[(&str, &str)] = &[
    ("e", "e\u{301}"),
    ("a", "a\u{308}"),
    ("o", "o\u{308}"),
    ("u", "u\u{308}"),
    ("i", "i\u{301}"),
    ("n", "n\u{303}"),
    ("A", "A\u{308}"),
    ("E", "E\u{301}"),
    ("O", "O\u{308}"),
    ("c", "c\u{327}"),
    ("s", "s\u{30c}"),
    ("y", "y\u{301}"),
];

/// The kind `unicode_nfd`.
pub const KIND: FaultKind = FaultKind::cell(
    "unicode_nfd",
    Level::Text,
    "An accented letter is written as letter and accent (NFD); text without one gets an accent.",
    &["accepted_values", "pattern", "max_length", "format"],
    Example::csv("id: {type: int64}, name: {type: string, max_length: 4}", "name", "1,René", "1,Rene\u{301}"),
    change,
)
.fits(Target::text);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let text = cell.str()?;
    replaced(text, APART, draws).or_else(|| replaced(text, ADDED, draws)).map(Change::text)
}
