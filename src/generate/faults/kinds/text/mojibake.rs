//! UTF-8 read as Windows-1252 and written as UTF-8 again.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::replaced;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The characters of Windows-1252 from 0x80 to 0x9F; those that are none stand for themselves.
const HIGH: &[char; 32] = &[
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// For plain ASCII: a letter that was accented once.
const LETTERS: &[(&str, &str)] = &[
    ("e", "Ã©"),
    ("a", "Ã¤"),
    ("o", "Ã¶"),
    ("u", "Ã¼"),
    ("i", "Ã¯"),
    ("n", "Ã±"),
    ("c", "Ã§"),
    ("'", "â€™"),
    ("-", "â€“"),
    ("s", "ÃŸ"),
    (" ", "Â\u{a0}"),
    ("A", "Ã„"),
    ("O", "Ã–"),
    ("U", "Ãœ"),
    ("E", "Ã‰"),
];

/// The kind `mojibake`.
pub const KIND: FaultKind = FaultKind::cell(
    "mojibake",
    Level::Text,
    "The text is read in the wrong encoding: é becomes Ã©. Plain text loses one letter that way.",
    &["accepted_values", "pattern", "max_length", "format", "type"],
    Example::csv("id: {type: int64}, name: {type: string, max_length: 4}", "name", "1,René", "1,RenÃ©"),
    change,
)
.fits(Target::text);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let text = cell.str()?;
    if text.is_ascii() {
        // Else a no-break space stands behind, which was two bytes.
        return Some(Change::text(replaced(text, LETTERS, draws).unwrap_or_else(|| format!("{text}Â\u{a0}"))));
    }
    let read = |byte: u8| match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    };
    Some(Change::text(text.bytes().map(read).collect::<String>()))
}
