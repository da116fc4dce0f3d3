//! A slip of the finger.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::random::Draws;

const SORTS: &[&str] = &["neighbour", "swap", "drop", "double"];
/// The rows of a keyboard: neighbours stand side by side.
const KEYS: &[&str] = &["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// The kind `typo`.
pub const KIND: FaultKind = FaultKind::cell(
    "typo",
    Level::Text,
    "One letter is hit wrong: the key beside it, two letters swapped, one dropped or doubled.",
    &["accepted_values", "format", "pattern", "type"],
    Example::csv("id: {type: int64}, city: {type: string, accepted_values: [Bath, York]}", "city", "1,Bath", "1,Batth"),
    change,
)
.knobs(&[Knob {
    name: "sort",
    doc: "neighbour, swap, drop or double; by chance unless said",
    form: Form::Word(SORTS),
}]);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    slip(cell.str()?, cell.knobs.text("sort"), draws).map(Change::text)
}

/// Writes text with one slip; `None` for text without a letter or digit.
pub fn slip(text: &str, sort: Option<&str>, draws: &mut Draws) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let places: Vec<usize> = (0..letters.len()).filter(|at| letters[*at].is_alphanumeric()).collect();
    for _ in 0..16 {
        let place = *places.get(usize::try_from(draws.below(places.len() as u64)).ok()?)?;
        let drawn = usize::try_from(draws.below(SORTS.len() as u64)).ok()?;
        let mut slipped = letters.clone();
        match sort.unwrap_or(SORTS[drawn]) {
            "neighbour" => slipped[place] = beside(letters[place], draws.below(2) == 0)?,
            "swap" if place + 1 < letters.len() => slipped.swap(place, place + 1),
            "drop" if letters.len() > 1 => {
                slipped.remove(place);
            }
            _ => slipped.insert(place, letters[place]),
        }
        if slipped != letters {
            return Some(slipped.into_iter().collect());
        }
    }
    None
}

/// Gives the key beside another; a letter that no key has becomes `x`.
fn beside(letter: char, before: bool) -> Option<char> {
    let lower = letter.to_lowercase().next()?;
    let found = KEYS.iter().find_map(|row| row.find(lower).map(|at| (*row, at)));
    let key = match found {
        Some((row, at)) => {
            let at = if (before && at > 0) || at + 1 == row.len() { at - 1 } else { at + 1 };
            row[at..].chars().next()?
        }
        None => 'x',
    };
    Some(if letter.is_uppercase() { key.to_ascii_uppercase() } else { key })
}
