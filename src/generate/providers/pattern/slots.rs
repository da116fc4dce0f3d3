//! The fast way: patterns that are a sequence of characters out of ASCII classes (`C[0-9]{6}`), by a walk of a table.

use crate::generate::providers::Provider;
use crate::generate::providers::pattern::tree::Node;
use crate::generate::random::Draws;

/// The most characters made this way.
const MOST: usize = 4096;

/// A character at a place: one of so many that begin somewhere in the alphabet.
#[derive(Debug, Clone, Copy)]
struct Slot {
    start: u32,
    count: u32,
}

/// A sequence of such places.
#[derive(Debug)]
pub struct Slots {
    alphabet: Box<[u8]>,
    places: Box<[Slot]>,
    /// Slots whose choices together take 32 bits at most: one draw fills each group.
    groups: Box<[u32]>,
    chars: usize,
    values: u128,
}

impl Slots {
    /// Makes the table; none where the pattern is more than such a sequence.
    pub fn new(node: &Node) -> Option<Self> {
        let (mut alphabet, mut slots) = (Vec::new(), Vec::new());
        flatten(node, &mut alphabet, &mut slots)?;
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
        Some(Self {
            values: slots.iter().map(|slot| u128::from(slot.count)).fold(1, u128::saturating_mul),
            chars: usize::try_from(node.shortest()).ok()?,
            alphabet: alphabet.into(),
            places: slots.into(),
            groups: groups.into(),
        })
    }

    /// Gives the byte of a choice at a slot.
    #[inline]
    fn byte(&self, slot: Slot, choice: u32) -> u8 {
        self.alphabet.get((slot.start + choice) as usize).copied().unwrap_or(b'?')
    }
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
    #[inline]
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + self.places.len(), 0);
        let mut places = out.get_mut(start..).unwrap_or_default().iter_mut().zip(&self.places);
        for group in &self.groups {
            // The whole part of the product is the choice, its fraction serves the next slot.
            let mut state = draws.bits();
            for (place, slot) in places.by_ref().take(*group as usize) {
                let wide = u128::from(state) * u128::from(slot.count);
                *place = self.byte(*slot, (wide >> 64) as u32);
                state = wide as u64;
            }
        }
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
    fn other_patterns_are_left_to_others() {
        for pattern in ["a|bc", "a?", "a{1,2}", "[äöü]", "x*"] {
            assert!(Slots::new(&Node::parse(pattern).unwrap()).is_none(), "{pattern}");
        }
    }
}
