//! Faults of text.

pub mod case;
pub mod control_char;
pub mod formula_prefix;
pub mod homoglyph;
pub mod html_entity;
pub mod inner_space;
pub mod invalid_utf8;
pub mod mojibake;
pub mod nbsp_zero_width;
pub mod newline_inside;
pub mod ocr;
pub mod overlong;
pub mod pad_left;
pub mod pad_right;
pub mod truncate;
pub mod typo;
pub mod unicode_nfd;

use crate::generate::random::Draws;

/// Replaces one of the pieces that a list names, drawn among all places; `None` where there is none.
fn replaced(text: &str, pairs: &[(&str, &str)], draws: &mut Draws) -> Option<String> {
    let mut places: Vec<(usize, &str, &str)> =
        pairs.iter().flat_map(|(from, to)| text.match_indices(from).map(move |(at, _)| (at, *from, *to))).collect();
    places.sort_unstable();
    let (at, from, to) = *places.get(usize::try_from(draws.below(places.len() as u64)).ok()?)?;
    Some(format!("{}{to}{}", text.get(..at)?, text.get(at + from.len()..)?))
}

/// Puts a piece between two characters; `None` where there are fewer than two.
fn inserted(text: &str, piece: &str, draws: &mut Draws) -> Option<String> {
    let gaps: Vec<usize> = text.char_indices().skip(1).map(|(at, _)| at).collect();
    let at = *gaps.get(usize::try_from(draws.below(gaps.len() as u64)).ok()?)?;
    Some(format!("{}{piece}{}", text.get(..at)?, text.get(at..)?))
}
