//! The fast way: patterns that are a sequence of characters out of ASCII classes (`C[0-9]{6}`), by a walk of a table.

use std::collections::BTreeMap;

use crate::frame::drawn::{Author, Letters};
use crate::frame::text::{FULL, slot};
use crate::generate::providers::pattern::tree::Node;
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;

/// The most characters made this way.
const MOST: usize = 4096;

/// A character at a place: one of so many that begin somewhere in the alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    start: u32,
    count: u32,
}

/// Neighbouring places written at once: one of so many texts of at most eight bytes that begin somewhere in a table.
///
/// The whole part of a random fraction times the counts of several places is their choices as one number, so a chunk
/// takes one multiplication, and gives what one place after the other would.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    start: u32,
    count: u32,
    length: u32,
    /// Bits are drawn before it.
    fresh: bool,
}

/// Texts a chunk chooses from at most: all tables together should stay in a core's nearest cache.
const TEXTS: u64 = 256;

/// A sequence of such places.
#[derive(Debug)]
pub struct Slots {
    alphabet: Box<[u8]>,
    places: Box<[Slot]>,
    chunks: Box<[Chunk]>,
    tables: Box<[[u8; 8]]>,
    chars: usize,
    values: u128,
}

impl Slots {
    /// Makes the table; none where the pattern is more than such a sequence.
    pub fn new(node: &Node) -> Option<Self> {
        let (mut alphabet, mut slots) = (Vec::new(), Vec::new());
        flatten(node, &mut alphabet, &mut slots)?;
        // Slots whose choices together take 32 bits at most: one draw fills each group.
        let mut groups: Vec<u32> = Vec::new();
        let mut filled = u64::MAX;
        for slot in &slots {
            filled = filled.saturating_mul(u64::from(slot.count));
            if filled > 1 << 32 {
                filled = u64::from(slot.count);
                groups.push(0);
            }
            if let Some(group) = groups.last_mut() {
                *group += 1;
            }
        }
        let (chunks, tables) = chunked(&alphabet, &slots, &groups)?;
        Some(Self {
            values: slots.iter().map(|slot| u128::from(slot.count)).fold(1, u128::saturating_mul),
            chars: usize::try_from(node.shortest()).ok()?,
            alphabet: alphabet.into(),
            places: slots.into(),
            chunks: chunks.into(),
            tables: tables.into(),
        })
    }

    /// Gives the byte of a choice at a slot.
    #[inline]
    fn byte(&self, slot: Slot, choice: u32) -> u8 {
        self.alphabet.get((slot.start + choice) as usize).copied().unwrap_or(b'?')
    }
}

/// Cuts groups of slots into chunks and writes down their texts; like chunks share theirs.
fn chunked(alphabet: &[u8], slots: &[Slot], groups: &[u32]) -> Option<(Vec<Chunk>, Vec<[u8; 8]>)> {
    let (mut chunks, mut tables) = (Vec::new(), Vec::new());
    let mut known: BTreeMap<&[Slot], u32> = BTreeMap::new();
    let mut rest = slots;
    for group in groups {
        let (mut group, behind) = rest.split_at_checked(*group as usize)?;
        rest = behind;
        let mut fresh = true;
        while !group.is_empty() {
            let (mut length, mut count) = (0, 1);
            for slot in group.iter().take(8) {
                let more = count * u64::from(slot.count);
                if length > 0 && more > TEXTS {
                    break;
                }
                (length, count) = (length + 1, more);
            }
            let (chunk, behind) = group.split_at_checked(length)?;
            group = behind;
            let start = *known.entry(chunk).or_insert(u32::try_from(tables.len()).ok()?);
            if start as usize == tables.len() {
                tables.extend((0..count).map(|number| text_of(alphabet, chunk, number)));
            }
            let (count, length) = (u32::try_from(count).ok()?, u32::try_from(length).ok()?);
            chunks.push(Chunk { start, count, length, fresh });
            fresh = false;
        }
    }
    Some((chunks, tables))
}

/// Gives the text of a choice of at most eight slots; the last one counts fastest.
fn text_of(alphabet: &[u8], slots: &[Slot], mut number: u64) -> [u8; 8] {
    let mut text = [0; 8];
    for (byte, slot) in text.iter_mut().zip(slots).rev() {
        let count = u64::from(slot.count.max(1));
        *byte = alphabet.get(slot.start as usize + (number % count) as usize).copied().unwrap_or(b'?');
        number /= count;
    }
    text
}

fn flatten(node: &Node, alphabet: &mut Vec<u8>, slots: &mut Vec<Slot>) -> Option<()> {
    match node {
        Node::Text(text, _) => {
            for byte in text.bytes() {
                slots.push(Slot { start: u32::try_from(alphabet.len()).ok()?, count: 1 });
                alphabet.push(byte);
            }
        }
        Node::Class(chars) if chars.is_ascii() => {
            slots.push(Slot { start: u32::try_from(alphabet.len()).ok()?, count: chars.count() });
            for (first, last) in chars.ranges() {
                alphabet.extend((*first..=*last).filter_map(|code| u8::try_from(code).ok()));
            }
        }
        Node::Sequence(nodes) => nodes.iter().try_for_each(|node| flatten(node, alphabet, slots))?,
        Node::Repeat { node, least, most } if *most == Some(*least) => {
            let before = slots.len();
            if *least > 0 {
                flatten(node, alphabet, slots)?;
            }
            // The rounds share one part of the alphabet.
            let round: Vec<Slot> = slots.get(before..)?.to_vec();
            for _ in 1..*least {
                if round.is_empty() || slots.len() > MOST {
                    break;
                }
                slots.extend_from_slice(&round);
            }
        }
        Node::Class(_) | Node::Choice(_) | Node::Repeat { .. } => return None,
    }
    (slots.len() <= MOST).then_some(())
}

impl Provider for Slots {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.values)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + self.places.len(), 0);
        let mut places = out.get_mut(start..).unwrap_or_default().iter_mut().zip(&self.places).rev();
        let mut left = number;
        // Division of 64 bits is several times as fast as that of 128.
        while u64::try_from(left).is_err() {
            let Some((place, slot)) = places.next() else { return };
            *place = self.byte(*slot, (left % u128::from(slot.count)) as u32);
            left /= u128::from(slot.count);
        }
        let mut left = left as u64;
        for (place, slot) in places {
            if slot.count == 1 {
                *place = self.byte(*slot, 0);
                continue;
            }
            let (quotient, digit) = match u32::try_from(left) {
                Ok(small) => (u64::from(small / slot.count), small % slot.count),
                Err(_) => (left / u64::from(slot.count), (left % u64::from(slot.count)) as u32),
            };
            *place = self.byte(*slot, digit);
            left = quotient;
        }
    }

    fn longest(&self) -> usize {
        self.chars
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for Slots {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        let (mut at, mut state) = (at, 0);
        for chunk in &self.chunks {
            if chunk.fresh {
                state = draws.bits();
            }
            // The whole part of the product is the choice, its fraction serves the next chunk.
            let wide = u128::from(state) * u128::from(chunk.count);
            state = wide as u64;
            let text = self.tables.get(chunk.start as usize + (wide >> 64) as usize);
            let Some(slot) = slot(out, at) else { return FULL };
            *slot = text.copied().unwrap_or([b'?'; 8]);
            at += chunk.length as usize;
        }
        at
    }

    fn letters(&self) -> Letters {
        Letters::of(self.places.len(), &[&self.alphabet])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(pattern: &str) -> Slots {
        Slots::new(&Node::parse(pattern).unwrap()).unwrap()
    }

    #[test]
    fn numbers_count_up() {
        let slots = slots("C[0-9]{6}");
        let nth = |number| {
            let mut out = Vec::new();
            slots.nth(number, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!((nth(0), nth(42), nth(999_999)), ("C000000".into(), "C000042".into(), "C999999".into()));
        assert_eq!((slots.values(), slots.longest()), (Some(1_000_000), 7));
    }

    #[test]
    fn huge_patterns_count_to_the_end_of_the_numbers() {
        let slots = slots("[0-9a-f]{40}");
        assert_eq!(slots.values(), Some(u128::MAX));
        let mut out = Vec::new();
        slots.nth(u128::MAX - 1, &mut out);
        assert_eq!(out, b"00000000fffffffffffffffffffffffffffffffe");
    }

    #[test]
    fn each_character_is_as_likely() {
        let slots = slots("[a-z]{12}é[0-4]");
        assert_eq!(slots.longest(), 14);
        let mut seen = [[0u32; 26]; 12];
        for row in 0..52_000 {
            let mut out = Vec::new();
            slots.write(&mut Draws::new(row), &mut out);
            assert_eq!(&out[12..14], "é".as_bytes());
            for (place, byte) in out[..12].iter().enumerate() {
                seen[place][usize::from(byte - b'a')] += 1;
            }
        }
        for place in seen {
            let chi: f64 = place.iter().map(|count| (f64::from(*count) - 2000.0).powi(2) / 2000.0).sum();
            // 25 degrees of freedom; 55 is beyond 0.9995.
            assert!(chi < 55.0, "{chi}");
        }
    }

    #[test]
    fn chunks_give_what_one_place_after_the_other_would() {
        for pattern in
            ["\\+1-[2-9][02-8][0-9]-[2-9][02-8][0-9]-[0-9]{4}", "[a-z]{40}x", "", "-", "[0-9a-f]{3}é-[A-Z]{9}"]
        {
            let slots = slots(pattern);
            for row in 0..500 {
                let mut draws = Draws::new(row);
                let (mut state, mut filled, mut want) = (0, u64::MAX, Vec::new());
                for slot in &slots.places {
                    filled = filled.saturating_mul(u64::from(slot.count));
                    if filled > 1 << 32 {
                        (filled, state) = (u64::from(slot.count), draws.bits());
                    }
                    let wide = u128::from(state) * u128::from(slot.count);
                    want.push(slots.byte(*slot, (wide >> 64) as u32));
                    state = wide as u64;
                }
                let mut out = b"<".to_vec();
                slots.write(&mut Draws::new(row), &mut out);
                assert_eq!(out[1..], want);
            }
        }
    }

    #[test]
    fn other_patterns_are_left_to_others() {
        for pattern in ["a|bc", "a?", "a{1,2}", "[äöü]", "x*"] {
            assert!(Slots::new(&Node::parse(pattern).unwrap()).is_none(), "{pattern}");
        }
    }
}
