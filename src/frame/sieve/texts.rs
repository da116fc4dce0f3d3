//! Tests of text.

use crate::frame::judge::classes::Classes;
use crate::frame::judge::formats;
use crate::frame::judge::one_of::{OneOf, Words};
use crate::frame::judge::pattern::Pattern;
use crate::frame::mask::Mask;
use crate::frame::sieve::automaton::Automaton;
use crate::frame::sieve::cells::{Cells, Sure};
use crate::frame::sieve::kernel::sift;
use crate::frame::sieve::steps::Steps;
use crate::frame::sieve::wide::Wide;
use crate::model::{CellTest, Column, Context};

/// All tests of one column's texts.
#[derive(Debug, Default)]
pub struct Texts {
    tests: Vec<Test>,
}

#[derive(Debug)]
enum Test {
    /// Code points, inclusive.
    Length(u64, u64),
    /// Words, and whether they are the refused ones.
    Words(Words, bool),
    /// The same, where all are short.
    ShortWords(ShortWords, bool),
    /// Classes, and what says the same of many ASCII values at once.
    Classes(Box<Classes>, Pattern, Option<Box<Steps>>),
    Automaton(Box<Automaton>),
    Pattern(Pattern),
    Format(formats::Compiled),
}

impl Texts {
    /// Adds a test; `false` where it is none of text.
    pub fn add(&mut self, test: &CellTest, column: &Column, context: &Context) -> bool {
        let test = match test {
            CellTest::Length { minimum, maximum } => Test::Length(minimum.unwrap_or(0), maximum.unwrap_or(u64::MAX)),
            CellTest::OneOf { values, negated } => {
                let listed = OneOf::new(values, *negated, &column.data_type, context);
                let Some(words) = listed.ok().and_then(OneOf::into_words) else { return false };
                match ShortWords::new(&words) {
                    Some(short) => Test::ShortWords(short, *negated),
                    None => Test::Words(words, *negated),
                }
            }
            CellTest::Pattern { pattern, search } => {
                let Ok(compiled) = Pattern::new(pattern, *search) else { return false };
                let automaton = || compiled.anchored().and_then(Automaton::new);
                if let Some(classes) = compiled.classes().map(|classes| Box::new(classes.clone())) {
                    // Only many at once are faster by an automaton.
                    let steps = Wide::new().and_then(|_| automaton()?.into_steps()).map(Box::new);
                    Test::Classes(classes, compiled, steps)
                } else {
                    automaton().map(Box::new).map_or(Test::Pattern(compiled), Test::Automaton)
                }
            }
            CellTest::Format(format) => match formats::Compiled::new(format) {
                Ok(format) => Test::Format(format),
                Err(_) => return false,
            },
            _ => return false,
        };
        self.tests.push(test);
        true
    }

    /// Marks the cells that may break a test, and NULL where it is `required`.
    pub fn hold(&self, cells: &Cells<'_>, required: bool, suspects: &mut Mask) {
        // Longer than any spelling of NULL in quotes.
        let filled = || cells.nulls.words().map(<[u8]>::len).max().unwrap_or(0) + 3;
        if self.tests.is_empty() {
            if required {
                let sure = cells.sure(|_| false, |wide, lanes| wide.between(lanes, filled(), usize::MAX));
                sift(cells, sure, true, suspects, |_, _| true);
            }
            return;
        }
        let none = Sure::default();
        for test in &self.tests {
            match test {
                Test::Length(minimum, maximum) => {
                    let [least, most] = [*minimum, *maximum].map(|most| usize::try_from(most).unwrap_or(usize::MAX));
                    // Quotes are two bytes, and a character is up to four.
                    let least =
                        if cells.ascii { least } else { least.saturating_mul(4) }.saturating_add(2).max(filled());
                    let sure = cells.sure(|_| false, |wide, lanes| wide.between(lanes, least, most));
                    sift(cells, sure, required, suspects, |content, _| {
                        let points = if cells.ascii { content.len() } else { points(content) };
                        (*minimum..=*maximum).contains(&(points as u64))
                    });
                }
                Test::Words(words, negated) => {
                    sift(cells, none, required, suspects, |content, _| words.hold(content) != *negated);
                }
                Test::ShortWords(words, negated) => {
                    let holds = |word: &[u8]| key(word).is_some_and(|key| words.hold(key));
                    let quote = cells.spec.quote;
                    // Of refused words none is sure: a cell of another spelling may be NULL.
                    let sure = if *negated {
                        none
                    } else {
                        cells.sure(holds, |wide, lanes| wide.words(lanes, &words.keys, quote))
                    };
                    sift(cells, sure, required, suspects, |content, at| {
                        let found = at.and_then(|start| key_at(cells.text, start, content.len()));
                        found.map_or_else(|| holds(content), |key| words.hold(key)) != *negated
                    });
                }
                Test::Classes(classes, pattern, steps) => {
                    let matches = |content: &[u8], ascii: bool| {
                        classes.is_match(content) || (!ascii && !content.is_ascii() && matches(pattern, content))
                    };
                    let sure = steps.as_ref().map_or(none, |steps| steps.sure(cells, |word| matches(word, false)));
                    sift(cells, sure, required, suspects, |content, _| matches(content, cells.ascii));
                }
                Test::Automaton(automaton) => automaton.hold(cells, required, suspects),
                Test::Pattern(pattern) => sift(cells, none, required, suspects, |content, _| matches(pattern, content)),
                Test::Format(format) => sift(cells, none, required, suspects, |content, _| {
                    std::str::from_utf8(content).is_ok_and(|text| format.holds(text))
                }),
            }
        }
    }
}

fn matches(pattern: &Pattern, content: &[u8]) -> bool {
    std::str::from_utf8(content).is_ok_and(|text| pattern.is_match(text))
}

/// Counts code points of UTF-8.
fn points(content: &[u8]) -> usize {
    content.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Words of up to so many bytes are compared as one number: their bytes, and their length on top.
const SHORT: usize = 15;

/// Longer lists are searched.
const FEW: usize = 16;

/// The places of the table; many more than words, so that a spread without collisions is found soon.
const PLACES: usize = 128;

/// A few short words, each at a place of its own that its key gives: one comparison tells whether a word is there,
/// and the branch does not depend on which one it is.
#[derive(Debug)]
struct ShortWords {
    /// Places without a word hold one that belongs to another place, and so equals nothing that is looked for here.
    table: Box<[u128; PLACES]>,
    spread: u64,
    /// The words alone.
    keys: Vec<u128>,
}

impl ShortWords {
    fn new(words: &Words) -> Option<Self> {
        let keys: Vec<u128> = words.iter().map(key).collect::<Option<_>>()?;
        if keys.len() > FEW {
            return None;
        }
        let first = *keys.first()?;
        let odd = (1..1000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for spread in odd {
            let places: Vec<usize> = keys.iter().map(|key| place(*key, spread)).collect();
            if (1..places.len()).any(|at| places[..at].contains(&places[at])) {
                continue;
            }
            let mut table = Box::new([first; PLACES]);
            places.iter().zip(&keys).for_each(|(at, key)| table[*at] = *key);
            return Some(Self { table, spread, keys });
        }
        None
    }

    #[inline]
    fn hold(&self, key: u128) -> bool {
        self.table[place(key, self.spread)] == key
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are meant, and seven bits")]
const fn place(key: u128, spread: u64) -> usize {
    let halves = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
    (halves.wrapping_mul(spread) >> (u64::BITS - PLACES.trailing_zeros())) as usize % PLACES
}

/// Gives a word's bytes and, on top, its length.
pub fn key(word: &[u8]) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..word.len().min(SHORT + 1))?.copy_from_slice(word.get(..word.len().min(SHORT + 1))?);
    (word.len() <= SHORT).then(|| u128::from_le_bytes(bytes) | (word.len() as u128) << 120)
}

/// Gives the key of a word where 16 bytes of text can be read from its start on.
#[inline]
fn key_at(text: &[u8], start: usize, length: usize) -> Option<u128> {
    let bytes: [u8; 16] = text.get(start..start + 16)?.try_into().ok()?;
    let kept = u128::MAX.checked_shr(u32::try_from(8 * (16 - length.min(16))).ok()?).unwrap_or(0);
    (length <= SHORT).then(|| (u128::from_le_bytes(bytes) & kept) | (length as u128) << 120)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_words_are_found_and_no_others(
            words in proptest::collection::btree_set("[a-c]{0,4}|[a-z]{0,15}|é{0,7}", 1..16),
            others in proptest::collection::vec("[a-c]{0,4}|[a-z]{0,17}|é{0,7}", 0..16),
        ) {
            let list = Words::new(words.iter().map(|word| word.clone().into_bytes()).collect());
            let short = ShortWords::new(&list).expect("few and short");
            for word in words.iter().chain(&others) {
                let found = key(word.as_bytes()).is_some_and(|key| short.hold(key));
                prop_assert_eq!(found, words.contains(word));
                let text = format!("x,{word},0123456789abcdef");
                prop_assert_eq!(key_at(text.as_bytes(), 2, word.len()), key(word.as_bytes()));
            }
        }
    }
}
