//! Text from a regular expression.
//!
//! A pattern that is a plain sequence of classes is a walk of a table (`slots`). Any other is drawn part by part from
//! its tree (`tree`); where lengths do not come out right by themselves, and for values by number, a deterministic
//! automaton counts what there is (`automaton`).

mod automaton;
mod chars;
pub mod slots;
pub mod tree;

use crate::generate::providers::Provider;
use crate::generate::providers::listed::Listed;
use crate::generate::providers::pattern::automaton::Automaton;
use crate::generate::providers::pattern::slots::Slots;
use crate::generate::providers::pattern::tree::{MORE, Node};
use crate::generate::providers::pool::List;
use crate::generate::random::Draws;

/// Patterns with alternatives and no more values than this are drawn from the list of all.
const FEW: u128 = 4096;
/// Draws of a value before its length is forced, and to find out whether that is needed.
const TRIES: u64 = 8;
const PROBES: u64 = 64;
/// Optional rounds of repetitions end once a value has so many bytes.
const SOFT: usize = 1 << 16;
/// The most characters a value may need.
const HARD: u64 = 1 << 20;

/// Compiles a pattern to a provider whose values match it whole, within these lengths (code points, inclusive).
/// Finite patterns know their number of values and give each by number, unless they are too large to count;
/// of patterns without an end the shortest values have numbers.
///
/// # Errors
/// In words, where the pattern is not understood (look-around, word boundaries, …) or no value has such a length.
pub fn compile(pattern: &str, lengths: (usize, usize)) -> Result<Box<dyn Provider>, String> {
    let mut node = Node::parse(pattern)?;
    let none = || format!("no text that matches the pattern has {} characters", range(lengths));
    let wide = (lengths.0 as u64, lengths.1 as u64);
    if lengths.0 > lengths.1 || node.shortest() > wide.1 || node.limit().is_some_and(|limit| limit < wide.0) {
        return Err(none());
    }
    if node.shortest() > HARD || wide.0 > HARD {
        return Err(format!("the shortest value has more than {HARD} characters, which is too long to make"));
    }
    node.narrow(wide);
    if let Some(slots) = Slots::new(&node) {
        let fits = (lengths.0..=lengths.1).contains(&slots.longest());
        return if fits { Ok(Box::new(slots)) } else { Err(none()) };
    }
    let natural = (size(node.shortest()), size(node.longest()));
    let usual = natural.1.min(lengths.1).max(lengths.0.saturating_add(size(MORE)));
    let automaton = Automaton::new(&node, lengths, usual);
    if let Some(automaton) = automaton.as_ref().filter(|automaton| node.has_choice() && automaton.values() <= FEW) {
        return Ok(Box::new(list(automaton)));
    }
    let free = Free { lengths, fits: lengths.0 <= natural.0 && natural.1 <= lengths.1, node };
    if free.fits {
        return Ok(Box::new(Mixed { longest: natural.1, free: Some(free), automaton, sample: Vec::new() }));
    }
    // How often does a value fit that is drawn without a thought of its length?
    let mut sample = Vec::new();
    let mut hits = 0;
    for probe in 0..if automaton.is_some() { PROBES } else { PROBES * 64 } {
        let mut out = Vec::new();
        if free.attempt(&mut Draws::new(probe), &mut out) {
            (sample, hits) = (out, hits + 1);
            if automaton.is_none() && hits * 2 > PROBES {
                break;
            }
        }
    }
    match automaton {
        Some(automaton) => {
            let free = (hits * 2 >= PROBES).then_some(free);
            Ok(Box::new(Mixed { longest: automaton.longest(), free, automaton: Some(automaton), sample }))
        }
        None if hits > 0 => Ok(Box::new(Mixed { longest: lengths.1, free: Some(free), automaton: None, sample })),
        None => Err(format!("{}, or the pattern is too large to find one", none())),
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn range((low, high): (usize, usize)) -> String {
    match (low, high) {
        (low, usize::MAX) => format!("{low} or more"),
        (low, high) if low == high => format!("{low}"),
        (low, high) => format!("{low} to {high}"),
    }
}

/// Lists all values.
fn list(automaton: &Automaton) -> Listed {
    let all: Vec<String> = (0..automaton.values())
        .map(|number| {
            let mut out = Vec::new();
            automaton.nth(number, &mut out);
            String::from_utf8(out).unwrap_or_default()
        })
        .collect();
    Listed::new(List::new(all.iter().map(|text| (text.as_str(), 1))))
}

/// Draws part by part, without a thought of the whole's length.
#[derive(Debug)]
struct Free {
    node: Node,
    lengths: (usize, usize),
    /// All lengths that come out are right.
    fits: bool,
}

impl Free {
    /// Appends a value if its length is right.
    fn attempt(&self, draws: &mut Draws, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        draw(&self.node, start.saturating_add(SOFT.min(self.lengths.1.saturating_mul(4))), draws, out);
        if self.fits {
            return true;
        }
        let text = out.get(start..).unwrap_or_default();
        // Bytes that continue a character are those of the form 10xxxxxx.
        let chars = text.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let right = (self.lengths.0..=self.lengths.1).contains(&chars);
        if !right {
            out.truncate(start);
        }
        right
    }
}

/// Appends a part; past `end` repetitions make no more rounds than they must.
fn draw(node: &Node, end: usize, draws: &mut Draws, out: &mut Vec<u8>) {
    match node {
        Node::Text(text, _) => out.extend_from_slice(text.as_bytes()),
        Node::Class(chars) => chars.fill(1, draws, out),
        Node::Sequence(nodes) => nodes.iter().for_each(|node| draw(node, end, draws, out)),
        Node::Choice(nodes) => {
            let total = nodes.iter().map(|(_, weight)| *weight).fold(0, u64::saturating_add);
            let mut choice = draws.below(total);
            for (node, weight) in nodes {
                if choice < *weight {
                    return draw(node, end, draws, out);
                }
                choice -= weight;
            }
        }
        Node::Repeat { node, least, most } => {
            let most = most.unwrap_or(least.saturating_add(MORE));
            let rounds = least + draws.below((most - least).saturating_add(1));
            if let Node::Class(chars) = &**node {
                let room = (end.saturating_sub(out.len()) as u64).max(*least);
                return chars.fill(size(rounds.min(room)), draws, out);
            }
            for round in 0..rounds {
                if round >= *least && out.len() > end {
                    break;
                }
                draw(node, end, draws, out);
            }
        }
    }
}

/// Draws freely where that gives the right lengths, else by the automaton.
#[derive(Debug)]
struct Mixed {
    free: Option<Free>,
    automaton: Option<Automaton>,
    /// A value of the right length, for patterns too large for an automaton.
    sample: Vec<u8>,
    longest: usize,
}

impl Provider for Mixed {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let tries = if self.automaton.is_some() { TRIES } else { TRIES * 64 };
        if let Some(free) = &self.free {
            for _ in 0..tries {
                if free.attempt(draws, out) {
                    return;
                }
            }
        }
        match &self.automaton {
            Some(automaton) => automaton.write(draws, out),
            None => out.extend_from_slice(&self.sample),
        }
    }

    fn values(&self) -> Option<u128> {
        self.automaton.as_ref().map(Automaton::values)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        if let Some(automaton) = &self.automaton {
            automaton.nth(number, out);
        }
    }

    fn longest(&self) -> usize {
        self.longest.max(self.automaton.as_ref().map_or(0, Automaton::longest))
    }
}

#[cfg(test)]
mod tests;
