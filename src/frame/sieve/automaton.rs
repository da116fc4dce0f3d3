//! Automaton: a pattern as a table that takes one step a byte, four cells at a time.
//!
//! A step waits for the one before it, some five cycles; steps of different cells do not wait for each other. Where
//! ASCII values reach few states, [`Shifts`] take a step a cycle.

use std::collections::BTreeMap;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::alphabet::Unit;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config;

use crate::frame::mask::Mask;
use crate::frame::sieve::cells::{Cell, Cells, Sure};
use crate::frame::sieve::kernel::sift;
use crate::frame::sieve::shifts::Shifts;
use crate::frame::sieve::small::Small;
use crate::frame::sieve::steps::Steps;

/// Entries of the table: states times the columns of a row.
const TABLE: usize = 1 << 14;

/// Memory the building may take before it gives up.
const BUILD_BYTES: usize = 2 << 20;

/// A deterministic automaton over bytes that matches whole values.
#[derive(Debug, Clone)]
pub struct Automaton {
    /// The column of each byte.
    classes: Box<[u8; 256]>,
    /// For each state its row: the places of the rows that follow. A place is below [`TABLE`].
    table: Box<[u16; TABLE]>,
    /// For the place of each state's row, whether a value may end there.
    accepts: Box<[bool; TABLE]>,
    start: u16,
    /// The same for ASCII values, where that is small.
    shifts: Option<Shifts>,
    steps: Option<Steps>,
}

impl Automaton {
    /// Builds the automaton of a pattern that is anchored at both ends; `None` where its table is too large.
    #[must_use]
    pub fn new(anchored: &str) -> Option<Self> {
        let config = dense::Config::new()
            .start_kind(regex_automata::dfa::StartKind::Anchored)
            .dfa_size_limit(Some(BUILD_BYTES))
            .determinize_size_limit(Some(BUILD_BYTES));
        let dfa = dense::Builder::new().configure(config).build(anchored).ok()?;
        let start = dfa.start_state(&Config::new().anchored(Anchored::Yes)).ok()?;
        // One byte of each class that no state tells apart.
        let bytes: Vec<u8> = dfa.byte_classes().representatives(0..=u8::MAX).filter_map(Unit::as_u8).collect();
        let states = states(&dfa, start, &bytes)?;
        let (classes, width) = classes(&dfa, &states, &bytes);
        let rows: BTreeMap<StateID, u16> = states
            .iter()
            .enumerate()
            .map(|(number, state)| Some((*state, u16::try_from(number * width).ok()?)))
            .collect::<Option<_>>()?;
        if states.len() * width > TABLE {
            return None;
        }
        let mut table: Box<[u16; TABLE]> = vec![0; TABLE].into_boxed_slice().try_into().ok()?;
        let mut accepts: Box<[bool; TABLE]> = vec![false; TABLE].into_boxed_slice().try_into().ok()?;
        for (state, row) in &rows {
            accepts[usize::from(*row)] = dfa.is_match_state(dfa.next_eoi_state(*state));
            for byte in 0..=u8::MAX {
                let next = rows.get(&dfa.next_state(*state, byte))?;
                table[usize::from(*row) + usize::from(classes[usize::from(byte)])] = *next;
            }
        }
        let small = Small::new(&dfa, start);
        let (shifts, steps) = (small.as_ref().and_then(Shifts::new), small.as_ref().and_then(Steps::new));
        Some(Self { classes, table, accepts, start: *rows.get(&start)?, shifts, steps })
    }

    /// Gives the tables for many values at once, where they are small.
    #[must_use]
    pub fn into_steps(self) -> Option<Steps> {
        self.steps
    }

    /// Tells whether a whole value matches.
    #[must_use]
    pub fn is_match(&self, value: &[u8]) -> bool {
        self.accepts(value.iter().fold(self.start, |state, byte| self.step(state, *byte)))
    }

    #[inline]
    fn step(&self, state: u16, byte: u8) -> u16 {
        // The remainder only tells the compiler what holds anyway.
        self.table[(usize::from(state) + usize::from(self.classes[usize::from(byte)])) % TABLE]
    }

    #[inline]
    fn accepts(&self, state: u16) -> bool {
        self.accepts[usize::from(state) % TABLE]
    }

    /// Marks the cells that do not match, and NULL where it is `required`.
    pub fn hold(&self, cells: &Cells<'_>, required: bool, suspects: &mut Mask) {
        let sure = self.steps.as_ref().map_or(Sure::default(), |steps| steps.sure(cells, |word| self.is_match(word)));
        if let Some(shifts) = &self.shifts {
            return sift(cells, sure, required, suspects, |content, at| {
                let found = at.and_then(|start| shifts.is_match(cells.text, start, start + content.len()));
                found.unwrap_or_else(|| self.is_match(content))
            });
        }
        if sure != Sure::default() {
            return sift(cells, sure, required, suspects, |content, _| self.is_match(content));
        }
        let mut scratch = Vec::new();
        let mut waiting: [(usize, &[u8]); 4] = [(0, &[]); 4];
        let mut count = 0;
        for (row, cell) in cells.rows.clone().zip(cells.walk(cells.rows.clone())) {
            match cell {
                Cell::Null if required => suspects.set(row),
                Cell::Null => {}
                Cell::Escaped(content, quoted) => {
                    if !self.is_match(cells.undo(content, quoted, &mut scratch)) {
                        suspects.set(row);
                    }
                }
                Cell::Plain(content, _) => {
                    waiting[count] = (row, content);
                    count += 1;
                    if count == 4 {
                        self.four(&waiting, suspects);
                        count = 0;
                    }
                }
            }
        }
        for (row, content) in &waiting[..count] {
            if !self.is_match(content) {
                suspects.set(*row);
            }
        }
    }

    /// Steps through four values side by side, as far as the shortest goes, then each to its end.
    #[inline]
    fn four(&self, [a, b, c, d]: &[(usize, &[u8]); 4], suspects: &mut Mask) {
        let shared = a.1.len().min(b.1.len()).min(c.1.len()).min(d.1.len());
        let mut states = [self.start; 4];
        for (((a, b), c), d) in a.1[..shared].iter().zip(&b.1[..shared]).zip(&c.1[..shared]).zip(&d.1[..shared]) {
            states = [
                self.step(states[0], *a),
                self.step(states[1], *b),
                self.step(states[2], *c),
                self.step(states[3], *d),
            ];
        }
        for ((row, content), state) in [a, b, c, d].into_iter().zip(states) {
            let end = content[shared..].iter().fold(state, |state, byte| self.step(state, *byte));
            if !self.accepts(end) {
                suspects.set(*row);
            }
        }
    }
}

/// Gives the states that can be reached, the start first; `None` where they are too many.
fn states(dfa: &dense::DFA<Vec<u32>>, start: StateID, bytes: &[u8]) -> Option<Vec<StateID>> {
    let mut found = vec![start];
    let mut known = std::collections::BTreeSet::from([start]);
    let mut next = 0;
    while let Some(state) = found.get(next).copied() {
        next += 1;
        if dfa.is_quit_state(state) || found.len() > TABLE / 2 {
            return None;
        }
        for byte in bytes {
            let after = dfa.next_state(state, *byte);
            if known.insert(after) {
                found.push(after);
            }
        }
    }
    Some(found)
}

/// Numbers the classes of bytes that no state tells apart; gives their count too.
fn classes(dfa: &dense::DFA<Vec<u32>>, states: &[StateID], bytes: &[u8]) -> (Box<[u8; 256]>, usize) {
    let mut numbers: BTreeMap<Vec<StateID>, u8> = BTreeMap::new();
    let mut found = [0; 256];
    for byte in bytes {
        let column: Vec<StateID> = states.iter().map(|state| dfa.next_state(*state, *byte)).collect();
        let fresh = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
        found[usize::from(dfa.byte_classes().get(*byte))] = *numbers.entry(column).or_insert(fresh);
    }
    let mut classes = Box::new([0; 256]);
    for byte in 0..=u8::MAX {
        classes[usize::from(byte)] = found[usize::from(dfa.byte_classes().get(byte))];
    }
    (classes, numbers.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[&str] = &[
        r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
        r"(SKU|SKZ)-(0[0-9]{7}|[1-9][0-9]{7})",
        "a|ab|abc*",
        r"\d{1,3}(,\d{3})*",
        "(?i)straße",
        "",
        "[a-c]*[b-d]+",
    ];

    proptest! {
        #[test]
        fn it_matches_what_the_regex_matches(
            pattern in proptest::sample::select(PATTERNS),
            text in "[abcdSKUZ@.,0-9-]{0,14}|[a-c]{0,4}@[a-c]{1,3}\\.[a-z]{1,3}|SK[UZ]-[0-9]{8}|.{0,6}|STRASSE|Straße",
        ) {
            let anchored = format!(r"\A(?:{pattern})\z");
            let automaton = Automaton::new(&anchored).expect("small");
            let expected = regex::Regex::new(&anchored).unwrap().is_match(&text);
            prop_assert_eq!(automaton.is_match(text.as_bytes()), expected);
            if let Some(shifts) = &automaton.shifts {
                let found = text.is_ascii().then_some(expected);
                for (before, behind) in [("", ""), ("x@a,", ",@@@@@@@@@"), ("", "é")] {
                    let (start, all) = (before.len(), format!("{before}{text}{behind}"));
                    prop_assert_eq!(shifts.is_match(all.as_bytes(), start, start + text.len()), found);
                }
            }
        }
    }

    #[test]
    fn small_automata_are_shifts() {
        let has = |pattern: &str| Automaton::new(&format!(r"\A(?:{pattern})\z")).is_some_and(|it| it.shifts.is_some());
        assert!(has(PATTERNS[0]) && has("a|ab|abc*") && has(""));
        assert!(!has(PATTERNS[1]), "a sequence has a state a place");
    }

    #[test]
    fn large_patterns_are_left_to_the_regex() {
        assert!(Automaton::new(r"\A(?:\w{20,400})\z").is_none());
        assert!(Automaton::new(r"\A(?:\bx)\z").is_none_or(|automaton| automaton.is_match(b"x")));
    }
}
