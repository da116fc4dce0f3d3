//! Shifts: a small automaton in one word a byte.
//!
//! A state is the place of six bits in a word. The word of a byte holds, at the place of each state, the state that
//! follows: a step is a shift of a word that does not depend on the state, so that steps follow each other every cycle
//! (P. Vognsen, "Shift-based DFAs", 2022). Ten states fit a word; bytes beyond ASCII lead to one that tells nothing.

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;

/// The bits of a state, and how many states fit 64 bits.
const BITS: u32 = 6;
const STATES: usize = 10;

/// No text has this byte; it changes no state.
const NOTHING: u8 = 0xFF;

/// An automaton for ASCII values.
#[derive(Debug, Clone)]
pub struct Shifts {
    words: Box<[u64; 256]>,
    start: u64,
    /// A bit at the place of each state in which a value may end.
    accepts: u64,
    /// The state that bytes beyond ASCII lead to.
    beyond: u64,
}

impl Shifts {
    /// Takes the part of an automaton that ASCII values reach; `None` where it has too many states.
    #[must_use]
    pub fn new(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> Option<Self> {
        let states = reached(dfa, start)?;
        let groups = groups(dfa, &states);
        let count = groups.iter().max()? + 1;
        if count >= STATES {
            return None;
        }
        let place = |group: usize| group as u64 * u64::from(BITS);
        let beyond = place(count);
        let group_of = |state: StateID| states.iter().position(|known| *known == state).map(|at| groups[at]);
        let mut words = Box::new([0; 256]);
        let mut accepts = 0;
        for group in 0..count {
            let state = states[groups.iter().position(|of| *of == group)?];
            accepts |= u64::from(dfa.is_match_state(dfa.next_eoi_state(state))) << place(group);
            for byte in 0..=u8::MAX {
                let next = if byte.is_ascii() { place(group_of(dfa.next_state(state, byte))?) } else { beyond };
                words[usize::from(byte)] |= next << place(group);
            }
        }
        words.iter_mut().for_each(|word| *word |= beyond << beyond);
        words[usize::from(NOTHING)] = (0..=count).fold(0, |word, group| word | place(group) << place(group));
        Some(Self { words, start: place(group_of(start)?), accepts, beyond })
    }

    /// Tells whether the whole value between two places of a text matches; `None` where it is not ASCII.
    #[inline]
    #[must_use]
    pub fn is_match(&self, text: &[u8], start: usize, end: usize) -> Option<bool> {
        let mut state = self.start;
        let mut at = start;
        // Whole words even at the end: what is too much becomes nothing.
        while at < end {
            let Some(chunk) = text.get(at..at + 8) else {
                state = text.get(at..end).unwrap_or_default().iter().fold(state, |state, byte| self.step(state, *byte));
                break;
            };
            let word = chunk.try_into().map_or(u64::MAX, u64::from_le_bytes);
            let left = end - at;
            let word = if left < 8 { word | u64::MAX << (8 * left) } else { word };
            state = word.to_le_bytes().into_iter().fold(state, |state, byte| self.step(state, byte));
            at += 8;
        }
        let state = state & 63;
        (state != self.beyond).then_some(self.accepts >> state & 1 == 1)
    }

    #[inline]
    fn step(&self, state: u64, byte: u8) -> u64 {
        self.words[usize::from(byte)] >> (state & 63)
    }
}

/// Gives the states that ASCII values reach, the start first; `None` where they are too many to become few.
fn reached(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> Option<Vec<StateID>> {
    let mut found = vec![start];
    let mut next = 0;
    while let Some(state) = found.get(next).copied() {
        next += 1;
        if dfa.is_quit_state(state) || found.len() > 8 * STATES {
            return None;
        }
        for byte in 0..0x80 {
            let after = dfa.next_state(state, byte);
            if !found.contains(&after) {
                found.push(after);
            }
        }
    }
    Some(found)
}

/// Numbers the groups of states that no ASCII value tells apart (E. Moore, 1956).
fn groups(dfa: &dense::DFA<Vec<u32>>, states: &[StateID]) -> Vec<usize> {
    let accepts = |state: &StateID| usize::from(dfa.is_match_state(dfa.next_eoi_state(*state)));
    let mut groups: Vec<usize> = states.iter().map(accepts).collect();
    let mut count = 0;
    loop {
        let of = |state: StateID| states.iter().position(|known| *known == state).map(|at| groups[at]);
        let traits = states.iter().zip(&groups).map(|(state, group)| {
            let next: Vec<Option<usize>> = (0..0x80).map(|byte| of(dfa.next_state(*state, byte))).collect();
            (*group, next)
        });
        let traits: Vec<_> = traits.collect();
        let mut known: Vec<&(usize, Vec<Option<usize>>)> = Vec::new();
        let mut finer = Vec::with_capacity(states.len());
        for one in &traits {
            let number = known.iter().position(|other| *other == one);
            finer.push(number.unwrap_or_else(|| {
                known.push(one);
                known.len() - 1
            }));
        }
        let found = known.len();
        groups = finer;
        if found == count {
            return groups;
        }
        count = found;
    }
}
