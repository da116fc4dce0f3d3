//! Steps: a small automaton in tables of 128 bytes, which vectors of bytes look into all at once.

use std::collections::BTreeMap;

use crate::frame::sieve::cells::{Cells, Sure};
use crate::frame::sieve::small::Small;

/// An automaton for ASCII values. The state that follows stands at the state plus the class of the byte.
#[derive(Debug, Clone)]
pub struct Steps {
    /// For each byte its class times the number of states.
    pub classes: [u8; 128],
    pub next: [u8; 128],
    /// For each state 1 where a value may end in it.
    pub accepts: [u8; 64],
    pub start: u8,
}

impl Steps {
    /// Puts an automaton into tables; `None` where its states times its classes of bytes are more than 128.
    #[must_use]
    pub fn new(small: &Small) -> Option<Self> {
        let states = small.next.len();
        let mut steps = Self { classes: [0; 128], next: [0; 128], accepts: [0; 64], start: 0 };
        let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for (byte, class) in steps.classes.iter_mut().enumerate() {
            let column: Vec<usize> = small.next.iter().map(|next| next[byte]).collect();
            let fresh = known.len() * states;
            *class = u8::try_from(*known.entry(column).or_insert(fresh)).ok()?;
        }
        for (column, base) in &known {
            for (state, to) in column.iter().enumerate() {
                *steps.next.get_mut(base + state)? = u8::try_from(*to).ok()?;
            }
        }
        for (accepts, accept) in steps.accepts.iter_mut().zip(&small.accepts) {
            *accepts = u8::from(*accept);
        }
        steps.start = u8::try_from(small.start).ok()?;
        (states <= steps.accepts.len()).then_some(steps)
    }

    /// Gives the cells that surely match. `matches` tells it of one text.
    pub fn sure(&self, cells: &Cells<'_>, matches: impl Fn(&[u8]) -> bool) -> Sure {
        cells.sure(matches, |wide, lanes| wide.steps(lanes, self, cells.spec.quote))
    }
}
