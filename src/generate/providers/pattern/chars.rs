//! Classes of characters, reduced to those worth making.

use crate::generate::random::Draws;

/// Whether a class of more characters outside ASCII than this is meant as "any": then ASCII stands for it.
const MANY: u32 = 128;
/// Stands in every class that means anything or any blank, and in few others.
const LINE_SEPARATOR: u32 = 0x2028;

/// Characters of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chars {
    /// First and last code point of each range, ascending, apart from each other, without surrogates.
    ranges: Box<[(u32, u32)]>,
    count: u32,
    /// All characters, where they are ASCII.
    table: Box<[u8]>,
    /// So many choices are served by one draw.
    run: usize,
}

impl Chars {
    /// Reduces a class; none where it is empty.
    ///
    /// Of large classes (`.`, `\w`, `[^,]`) the printable ASCII characters are taken; control characters and two
    /// look-alikes that ignoring case brings in (the Kelvin sign and the long s) only where there is nothing else.
    pub fn new(ranges: impl Iterator<Item = (u32, u32)>) -> Option<Self> {
        // Classes of Unicode hold no surrogates, but a range may reach over them.
        let whole: Vec<(u32, u32)> =
            ranges.flat_map(|range| [cut(range, (0, 0xd7ff)), cut(range, (0xe000, 0x10_ffff))]).flatten().collect();
        let within = |ranges: &[(u32, u32)], limits: &[(u32, u32)]| -> Vec<(u32, u32)> {
            ranges.iter().flat_map(|range| limits.iter().filter_map(|limit| cut(*range, *limit))).collect()
        };
        let printable = within(&whole, &[(0x20, 0x7e)]);
        let foreign = count(&within(&whole, &[(0x80, 0x10_ffff)]));
        let any = whole.iter().any(|range| (range.0..=range.1).contains(&LINE_SEPARATOR));
        let kept = if (any || foreign > MANY) && !printable.is_empty() {
            printable
        } else {
            let calm = [
                (0x20, 0x7e),
                (0xa0, 0x17e),
                (0x180, 0x2027),
                (0x202a, 0x2129),
                (0x212b, 0xfdcf),
                (0xfdf0, 0xfefe),
                (0xff00, 0xffef),
                (0x1_0000, 0x1_fffd),
            ];
            let calm = within(&whole, &calm);
            if calm.is_empty() { whole } else { calm }
        };
        let count = count(&kept);
        let ascii = kept.last().is_none_or(|(_, last)| *last < 0x80);
        let table = if ascii {
            kept.iter().flat_map(|range| range.0..=range.1).filter_map(|c| u8::try_from(c).ok()).collect()
        } else {
            Box::default()
        };
        // Each choice uses up its bits, and 32 should be left for the last one.
        let run = (32 / (32 - count.max(2).leading_zeros()).max(1)).max(1) as usize;
        (count > 0).then(|| Self { ranges: kept.into(), count, table, run })
    }

    /// Appends so many characters.
    pub fn fill(&self, count: usize, draws: &mut Draws, out: &mut Vec<u8>) {
        if self.table.is_empty() {
            for _ in 0..count {
                let number = draws.below(u64::from(self.count));
                let c = self.get(u32::try_from(number).unwrap_or(0));
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            return;
        }
        let start = out.len();
        out.resize(start + count, 0);
        for places in out.get_mut(start..).unwrap_or_default().chunks_mut(self.run) {
            let mut state = draws.bits();
            for place in places {
                let wide = u128::from(state) * u128::from(self.count);
                *place = self.table.get((wide >> 64) as usize).copied().unwrap_or(b'?');
                state = wide as u64;
            }
        }
    }

    /// Counts the characters.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Gives the ranges, first and last code point.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Gives the character of a number.
    #[must_use]
    pub fn get(&self, mut number: u32) -> char {
        for (first, last) in &self.ranges {
            let size = last - first + 1;
            if number < size {
                return char::from_u32(first + number).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            number -= size;
        }
        char::REPLACEMENT_CHARACTER
    }

    /// Tells whether all characters are ASCII.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        !self.table.is_empty()
    }
}

/// Cuts a range to limits.
fn cut(range: (u32, u32), limits: (u32, u32)) -> Option<(u32, u32)> {
    let cut = (range.0.max(limits.0), range.1.min(limits.1));
    (cut.0 <= cut.1).then_some(cut)
}

fn count(ranges: &[(u32, u32)]) -> u32 {
    ranges.iter().map(|(first, last)| last - first + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::providers::pattern::tree::Node;

    fn class(pattern: &str) -> Chars {
        match Node::parse(pattern).unwrap() {
            Node::Class(chars) => chars,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn large_classes_become_ascii() {
        assert_eq!(class(".").count(), 95);
        assert_eq!(class("[^,]").count(), 94);
        assert_eq!(class(r"\d").count(), 10);
        assert_eq!(class(r"\w").count(), 63);
        assert_eq!(class(r"\s").ranges(), [(0x20, 0x20)]);
        assert_eq!(class("(?i)[k]").count(), 2);
        assert_eq!(class(r"[\x00-\x7f]").count(), 95);
    }

    #[test]
    fn small_classes_stay() {
        assert_eq!(class("[äöüß]").count(), 4);
        assert_eq!(class(r"[\t\n]").count(), 2);
        assert!(class(r"\p{Han}").count() > 1000);
        let letters = class("[a-cx]");
        assert_eq!((0..4).map(|number| letters.get(number)).collect::<String>(), "abcx");
    }
}
