//! Shifts: a small automaton in one word a byte.
//!
//! A state is the place of six bits in a word. The word of a byte holds, at the place of each state, the state that
//! follows: a step is a shift of a word that does not depend on the state, so that steps follow each other every cycle
//! (P. Vognsen, "Shift-based DFAs", 2022). Ten states fit a word; bytes beyond ASCII lead to one that tells nothing.

use crate::frame::sieve::small::Small;

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
    /// Puts an automaton into words; `None` where it has too many states.
    #[must_use]
    pub fn new(small: &Small) -> Option<Self> {
        let count = small.next.len();
        if count >= STATES {
            return None;
        }
        let place = |state: usize| state as u64 * u64::from(BITS);
        let beyond = place(count);
        let mut words = Box::new([0; 256]);
        let mut accepts = 0;
        for (state, (next, accept)) in small.next.iter().zip(&small.accepts).enumerate() {
            accepts |= u64::from(*accept) << place(state);
            for (byte, word) in words.iter_mut().enumerate() {
                *word |= next.get(byte).map_or(beyond, |to| place(*to)) << place(state);
            }
        }
        words.iter_mut().for_each(|word| *word |= beyond << beyond);
        words[usize::from(NOTHING)] = (0..=count).fold(0, |word, state| word | place(state) << place(state));
        Some(Self { words, start: place(small.start), accepts, beyond })
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
