//! Tests of text.

use crate::frame::judge::classes::Classes;
use crate::frame::judge::formats;
use crate::frame::judge::one_of::{OneOf, Words};
use crate::frame::judge::pattern::Pattern;
use crate::frame::mask::Mask;
use crate::frame::sieve::automaton::Automaton;
use crate::frame::sieve::cells::Cells;
use crate::frame::sieve::kernel::sift;
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
    ShortWords(Vec<u128>, bool),
    Classes(Box<Classes>, Pattern),
    Automaton(Automaton),
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
                match short(&words) {
                    Some(keys) => Test::ShortWords(keys, *negated),
                    None => Test::Words(words, *negated),
                }
            }
            CellTest::Pattern { pattern, search } => {
                let Ok(compiled) = Pattern::new(pattern, *search) else { return false };
                if let Some(classes) = compiled.classes() {
                    Test::Classes(Box::new(classes.clone()), compiled)
                } else {
                    let automaton = compiled.anchored().and_then(Automaton::new);
                    automaton.map_or(Test::Pattern(compiled), Test::Automaton)
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
        if self.tests.is_empty() {
            if required {
                sift(cells, true, suspects, |_, _| true);
            }
            return;
        }
        for test in &self.tests {
            match test {
                Test::Length(minimum, maximum) => sift(cells, required, suspects, |content, _| {
                    let points = if cells.ascii { content.len() } else { points(content) };
                    (*minimum..=*maximum).contains(&(points as u64))
                }),
                Test::Words(words, negated) => {
                    sift(cells, required, suspects, |content, _| words.hold(content) != *negated);
                }
                Test::ShortWords(keys, negated) => sift(cells, required, suspects, |content, at| {
                    let key = at.and_then(|start| key_at(cells.text, start, content.len())).or_else(|| key(content));
                    key.is_some_and(|key| keys.contains(&key)) != *negated
                }),
                Test::Classes(classes, pattern) => sift(cells, required, suspects, |content, _| {
                    classes.is_match(content) || (!cells.ascii && !content.is_ascii() && matches(pattern, content))
                }),
                Test::Automaton(automaton) => automaton.hold(cells, required, suspects),
                Test::Pattern(pattern) => sift(cells, required, suspects, |content, _| matches(pattern, content)),
                Test::Format(format) => sift(cells, required, suspects, |content, _| {
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

/// Lists longer than this are searched.
const FEW: usize = 16;

fn short(words: &Words) -> Option<Vec<u128>> {
    let keys: Vec<u128> = words.iter().map(key).collect::<Option<_>>()?;
    (keys.len() <= FEW).then_some(keys)
}

fn key(word: &[u8]) -> Option<u128> {
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
