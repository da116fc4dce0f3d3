//! Small: the automaton of a pattern over ASCII values, with as few states as there can be.

use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::primitives::StateID;

/// States that are looked at, at most, before equal ones are joined.
const STATES: usize = 128;

/// An automaton over ASCII bytes.
#[derive(Debug, Clone)]
pub struct Small {
    /// For each state the one that follows each byte.
    pub next: Vec<[usize; 128]>,
    /// For each state whether a value may end in it.
    pub accepts: Vec<bool>,
    pub start: usize,
}

impl Small {
    /// Takes the part of an automaton that ASCII values reach; `None` where it has too many states.
    #[must_use]
    pub fn new(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> Option<Self> {
        let states = reached(dfa, start)?;
        let groups = groups(dfa, &states);
        let count = groups.iter().max()? + 1;
        let group_of = |state: StateID| states.iter().position(|known| *known == state).map(|at| groups[at]);
        let (mut next, mut accepts) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for group in 0..count {
            let state = states[groups.iter().position(|of| *of == group)?];
            accepts.push(dfa.is_match_state(dfa.next_eoi_state(state)));
            let mut row = [0; 128];
            for (byte, to) in (0..).zip(&mut row) {
                *to = group_of(dfa.next_state(state, byte))?;
            }
            next.push(row);
        }
        Some(Self { next, accepts, start: group_of(start)? })
    }
}

/// Gives the states that ASCII values reach, the start first; `None` where they are too many to become few.
fn reached(dfa: &dense::DFA<Vec<u32>>, start: StateID) -> Option<Vec<StateID>> {
    let mut found = vec![start];
    let mut next = 0;
    while let Some(state) = found.get(next).copied() {
        next += 1;
        if dfa.is_quit_state(state) || found.len() > STATES {
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
