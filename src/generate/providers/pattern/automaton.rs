//! The exact way: a deterministic automaton of a pattern, with the number of values of each length from each state.
//!
//! It counts the values of any pattern, gives each by its number (short ones first, then by code points), and makes
//! values of any length there is.

use std::collections::BTreeMap;

use crate::generate::providers::pattern::tree::Node;
use crate::generate::random::Draws;

/// Bounds of what is built: steps of the pattern spelled out, states, the work to find these, and counts.
const STEPS: usize = 20_000;
const STATES: usize = 10_000;
const WORK: usize = 32_000_000;
const COUNTS: usize = 1 << 18;
/// Counts end here; numbers below stay exact.
const CEILING: u128 = 1 << 120;
/// Lengths are added to patterns without an end until there are so many values.
const PLENTY: u128 = 1_000_000_000_000_000;

/// One way out of a state: a range of characters.
#[derive(Debug, Clone, Copy)]
struct Way {
    first: u32,
    count: u32,
    to: u32,
}

/// The automaton of a pattern between two lengths.
#[derive(Debug)]
pub struct Automaton {
    ways: Vec<Vec<Way>>,
    /// By length, then by state: how many values of that length lead from the state to the end.
    counts: Vec<Vec<u128>>,
    /// Lengths that have values, ascending.
    lengths: Vec<usize>,
    /// Up to here values are drawn; numbers may give longer ones.
    drawn: usize,
}

impl Automaton {
    /// Builds the automaton for these lengths (inclusive), of which `usual` is where natural values end; none where it
    /// is too large or no value has such a length.
    pub fn new(node: &Node, lengths: (usize, usize), usual: usize) -> Option<Self> {
        let mut steps = Steps::default();
        let start = steps.compile(node, None)?;
        let (ways, ends) = steps.determine(start)?;
        let most = COUNTS / ways.len().max(1);
        let mut counts = vec![ends.iter().map(|end| u128::from(*end)).collect::<Vec<u128>>()];
        let mut found = Vec::new();
        let mut total = 0u128;
        let mut drawn = None;
        for length in 0..=lengths.1.min(most) {
            if length > 0 {
                let before = counts.last()?;
                let next = ways.iter().map(|ways| count(ways, before)).collect();
                counts.push(next);
            }
            let here = counts.last()?;
            if here.iter().all(|count| *count == 0) {
                break;
            }
            let values = here.first().copied().unwrap_or(0);
            if length >= lengths.0 && values > 0 {
                found.push(length);
                total = total.saturating_add(values).min(CEILING);
                if drawn.is_none() || length <= usual {
                    drawn = Some(length);
                }
            }
            let enough = total >= PLENTY || length >= usual.saturating_add(256);
            if length >= usual && drawn.is_some() && enough {
                break;
            }
        }
        Some(Self { ways, counts, lengths: found, drawn: drawn? })
    }

    /// Counts the values.
    pub fn values(&self) -> u128 {
        let all = self.lengths.iter().map(|length| self.left(*length, 0)).fold(0, u128::saturating_add);
        all.min(CEILING)
    }

    /// Gives the most characters a value has.
    pub fn longest(&self) -> usize {
        self.lengths.last().copied().unwrap_or(0)
    }

    fn left(&self, length: usize, state: usize) -> u128 {
        self.counts.get(length).and_then(|counts| counts.get(state)).copied().unwrap_or(0)
    }

    /// Appends the value of a number.
    pub fn nth(&self, mut number: u128, out: &mut Vec<u8>) {
        let mut length = 0;
        for candidate in &self.lengths {
            length = *candidate;
            let here = self.left(length, 0);
            if number < here {
                break;
            }
            number -= here;
        }
        let mut state = 0;
        for left in (0..length).rev() {
            for way in self.ways.get(state).map_or(&[][..], Vec::as_slice) {
                let each = self.left(left, way.to as usize);
                let all = each.saturating_mul(u128::from(way.count));
                if number < all {
                    push(way.first + (number / each) as u32, out);
                    (number, state) = (number % each, way.to as usize);
                    break;
                }
                number -= all;
            }
        }
    }

    /// Appends a value: its length drawn among the usual ones, then each character among those that can still end.
    pub fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let usual = self.lengths.iter().take_while(|length| **length <= self.drawn).count();
        let pick = usize::try_from(draws.below(usual as u64)).unwrap_or(0);
        let length = self.lengths.get(pick).copied().unwrap_or(0);
        let mut state = 0;
        for left in (0..length).rev() {
            let ways = self.ways.get(state).map_or(&[][..], Vec::as_slice);
            let open = || ways.iter().filter(|way| self.left(left, way.to as usize) > 0);
            let total: u64 = open().map(|way| u64::from(way.count)).sum();
            let mut choice = draws.below(total);
            for way in open() {
                if choice < u64::from(way.count) {
                    push(way.first + choice as u32, out);
                    state = way.to as usize;
                    break;
                }
                choice -= u64::from(way.count);
            }
        }
    }
}

fn count(ways: &[Way], before: &[u128]) -> u128 {
    let each = |way: &Way| before.get(way.to as usize).copied().unwrap_or(0).saturating_mul(u128::from(way.count));
    ways.iter().map(each).fold(0, u128::saturating_add).min(CEILING)
}

fn push(code: u32, out: &mut Vec<u8>) {
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// A step of the pattern spelled out.
#[derive(Debug, Clone)]
enum Step {
    /// To all of these without a character.
    Fork(Vec<u32>),
    /// To that one by a character of these ranges.
    Read(Box<[(u32, u32)]>, u32),
    End,
}

#[derive(Debug, Default)]
struct Steps(Vec<Step>);

impl Steps {
    fn add(&mut self, step: Step) -> Option<u32> {
        if self.0.len() >= STEPS {
            return None;
        }
        self.0.push(step);
        u32::try_from(self.0.len() - 1).ok()
    }

    /// Spells out a part that goes on to `then` (the end where there is none); gives its first step.
    fn compile(&mut self, node: &Node, then: Option<u32>) -> Option<u32> {
        let then = match then {
            Some(then) => then,
            None => self.add(Step::End)?,
        };
        Some(match node {
            Node::Text(text, _) => {
                let mut next = then;
                for c in text.chars().rev() {
                    next = self.add(Step::Read([(u32::from(c), u32::from(c))].into(), next))?;
                }
                next
            }
            Node::Class(chars) => self.add(Step::Read(chars.ranges().into(), then))?,
            Node::Sequence(nodes) => {
                let mut next = then;
                for node in nodes.iter().rev() {
                    next = self.compile(node, Some(next))?;
                }
                next
            }
            Node::Choice(nodes) => {
                let mut firsts = Vec::with_capacity(nodes.len());
                for (node, _) in nodes {
                    firsts.push(self.compile(node, Some(then))?);
                }
                self.add(Step::Fork(firsts))?
            }
            Node::Repeat { node, least, most } => {
                let mut next = then;
                match most {
                    None => {
                        let fork = self.add(Step::Fork(Vec::new()))?;
                        let body = self.compile(node, Some(fork))?;
                        if let Some(step) = self.0.get_mut(fork as usize) {
                            *step = Step::Fork(vec![body, then]);
                        }
                        next = fork;
                    }
                    Some(most) => {
                        for _ in *least..*most {
                            let body = self.compile(node, Some(next))?;
                            next = self.add(Step::Fork(vec![body, then]))?;
                        }
                    }
                }
                for _ in 0..*least {
                    let before = self.0.len();
                    next = self.compile(node, Some(next))?;
                    if self.0.len() == before {
                        break;
                    }
                }
                next
            }
        })
    }

    /// Adds all steps reached from a step without a character.
    fn reach(&self, from: u32, reached: &mut Vec<u32>, seen: &mut [bool]) {
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            let Some(mark) = seen.get_mut(step as usize) else { continue };
            if std::mem::replace(mark, true) {
                continue;
            }
            match self.0.get(step as usize) {
                Some(Step::Fork(to)) => open.extend_from_slice(to),
                Some(_) => reached.push(step),
                None => {}
            }
        }
    }

    /// Makes the automaton deterministic (subset construction); gives the ways of its states and which may end.
    fn determine(&self, start: u32) -> Option<(Vec<Vec<Way>>, Vec<bool>)> {
        let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let mut sets: Vec<Vec<u32>> = Vec::new();
        let mut work = 0;
        let mut enter = |mut set: Vec<u32>, sets: &mut Vec<Vec<u32>>| -> Option<u32> {
            set.sort_unstable();
            if let Some(state) = known.get(&set) {
                return Some(*state);
            }
            let state = u32::try_from(sets.len()).ok()?;
            sets.push(set.clone());
            known.insert(set, state);
            (sets.len() <= STATES).then_some(state)
        };
        let closure = |from: &[u32]| {
            let (mut reached, mut seen) = (Vec::new(), vec![false; self.0.len()]);
            for step in from {
                self.reach(*step, &mut reached, &mut seen);
            }
            reached
        };
        enter(closure(&[start]), &mut sets)?;
        let (mut ways, mut ends) = (Vec::new(), Vec::new());
        let mut state = 0;
        while let Some(set) = sets.get(state).cloned() {
            ends.push(set.iter().any(|step| matches!(self.0.get(*step as usize), Some(Step::End))));
            // Between two neighbouring borders all characters lead to the same steps.
            let mut borders: Vec<u32> = Vec::new();
            let mut reads: Vec<(u32, u32, u32)> = Vec::new();
            for step in &set {
                if let Some(Step::Read(ranges, to)) = self.0.get(*step as usize) {
                    for (first, last) in ranges {
                        borders.extend([*first, last + 1]);
                        reads.push((*first, *last, *to));
                    }
                }
            }
            borders.sort_unstable();
            borders.dedup();
            let mut out: Vec<Way> = Vec::new();
            for pair in borders.windows(2) {
                let &[first, next] = pair else { continue };
                let mut targets: Vec<u32> =
                    reads.iter().filter(|read| read.0 <= first && first <= read.1).map(|read| read.2).collect();
                if targets.is_empty() {
                    continue;
                }
                targets.sort_unstable();
                targets.dedup();
                work += self.0.len() + reads.len();
                if work > WORK {
                    return None;
                }
                let to = enter(closure(&targets), &mut sets)?;
                out.push(Way { first, count: next - first, to });
            }
            ways.push(out);
            state += 1;
        }
        Some((ways, ends))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn automaton(pattern: &str, lengths: (usize, usize)) -> Automaton {
        let node = Node::parse(pattern).unwrap();
        Automaton::new(&node, lengths, usize::try_from(node.longest()).unwrap()).unwrap()
    }

    fn all(automaton: &Automaton) -> Vec<String> {
        (0..automaton.values())
            .map(|number| {
                let mut out = Vec::new();
                automaton.nth(number, &mut out);
                String::from_utf8(out).unwrap()
            })
            .collect()
    }

    #[test]
    fn counts_each_value_once() {
        assert_eq!(all(&automaton("a|ab|a", (0, 9))), ["a", "ab"]);
        assert_eq!(all(&automaton("[ab]{0,2}", (0, 9))), ["", "a", "b", "aa", "ab", "ba", "bb"]);
        assert_eq!(all(&automaton("(a|b)(b|c)?", (2, 2))), ["ab", "ac", "bb", "bc"]);
        assert_eq!(all(&automaton("(x|xx){1,2}", (0, 9))), ["x", "xx", "xxx", "xxxx"]);
        assert_eq!(all(&automaton("ä?ö", (0, 9))), ["ö", "äö"]);
    }

    #[test]
    fn patterns_without_an_end_have_plenty() {
        let values = automaton("[01]+", (0, 1000));
        assert!(values.values() >= PLENTY);
        let mut seen = BTreeSet::new();
        for number in (0..10_000).chain((1..10_000).map(|n| 10_000 + n * (PLENTY / 10_001))) {
            let mut out = Vec::new();
            values.nth(number, &mut out);
            assert!(seen.insert(out));
        }
        assert!(values.drawn <= 9 && values.longest() > 40);
    }

    #[test]
    fn lengths_that_do_not_exist_are_refused() {
        let node = Node::parse("(ab)+").unwrap();
        assert!(Automaton::new(&node, (3, 3), 18).is_none());
        assert_eq!(all(&automaton("(ab)+", (3, 5))), ["abab"]);
    }

    #[test]
    fn too_large_ones_are_refused() {
        let node = Node::parse("([a-z]{1,200}-){1,200}x").unwrap();
        assert!(Automaton::new(&node, (0, 100), 100).is_none());
    }
}
