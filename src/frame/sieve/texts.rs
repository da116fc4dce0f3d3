//! Tests of text.

use crate::frame::judge::classes::Classes;
use crate::frame::judge::formats;
use crate::frame::judge::one_of::{OneOf, Words};
use crate::frame::judge::pattern::Pattern;
use crate::frame::mask::Mask;
use crate::frame::sieve::automaton::Automaton;
use crate::frame::sieve::cells::{Cell, Cells};
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
                Test::Words(words, *negated)
            }
            CellTest::Pattern { pattern, search } => {
                let Ok(compiled) = Pattern::new(pattern, *search) else { return false };
                match compiled.classes() {
                    Some(classes) => Test::Classes(Box::new(classes.clone()), compiled),
                    None => {
                        let automaton = compiled.anchored().and_then(Automaton::new);
                        automaton.map_or(Test::Pattern(compiled), Test::Automaton)
                    }
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
                suspects.or(&Mask::from_fn(cells.rows, |row| matches!(cells.get(row), Cell::Null)));
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
