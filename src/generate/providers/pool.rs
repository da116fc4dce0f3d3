//! Pools: texts in one buffer, and weighted choice among them in one draw.

use std::hint::select_unpredictable;

use crate::frame::drawn::Letters;
use crate::frame::text;
use crate::generate::random::Draws;

/// Bytes copied at once: a copy of a known length is several times as fast as one of any length.
pub const BLOCK: usize = 32;

/// Texts in one buffer, by number.
#[derive(Debug, Clone)]
pub struct Pool {
    /// The texts, and a block of zeros behind them.
    bytes: Box<[u8]>,
    /// Where each text begins, and its length.
    spans: Box<[(u32, u32)]>,
    longest: usize,
    blocks: Blocks,
}

/// The texts once more where they are short: a block each, its last byte the length, so that one look finds all of it.
#[derive(Debug, Clone)]
enum Blocks {
    Short(Box<[[u8; SHORT]]>),
    Wide(Box<[[u8; BLOCK]]>),
    None,
}

/// Bytes of a short block.
pub const SHORT: usize = 16;

fn blocks<const N: usize>(texts: &[&str]) -> Box<[[u8; N]]> {
    let block = |text: &&str| {
        let mut block = [0; N];
        block[..text.len()].copy_from_slice(text.as_bytes());
        block[N - 1] = u8::try_from(text.len()).unwrap_or(0);
        block
    };
    texts.iter().map(block).collect()
}

impl Pool {
    /// Packs texts in their order.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        let blocks = match texts.iter().map(|text| text.len()).max() {
            Some(..SHORT) => Blocks::Short(blocks(&texts)),
            Some(..BLOCK) => Blocks::Wide(blocks(&texts)),
            _ => Blocks::None,
        };
        let mut bytes = Vec::new();
        let (mut spans, mut longest) = (Vec::new(), 0);
        let narrow = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        for text in texts {
            longest = text.chars().count().max(longest);
            spans.push((narrow(bytes.len()), narrow(text.len())));
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.resize(bytes.len() + BLOCK, 0);
        Self { bytes: bytes.into(), spans: spans.into(), longest, blocks }
    }

    /// Counts the texts.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Gives a text's bytes; none where there is no such text.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> &[u8] {
        let Some(&(start, length)) = self.spans.get(index) else { return &[] };
        let start = start as usize;
        self.bytes.get(start..start + length as usize).unwrap_or_default()
    }

    /// Writes a text from a place on; nothing where there is no such text.
    #[inline]
    #[must_use]
    pub fn put(&self, index: usize, out: &mut [u8], at: usize) -> usize {
        match &self.blocks {
            Blocks::Short(blocks) => put_block(blocks, index, out, at),
            Blocks::Wide(blocks) => put_block(blocks, index, out, at),
            Blocks::None => self.put_start(index, usize::MAX, out, at),
        }
    }

    /// Gives a text as a short block, where all fit one: 15 bytes, and its length behind them.
    #[inline]
    #[must_use]
    pub fn short(&self, index: usize) -> Option<&[u8; SHORT]> {
        match &self.blocks {
            Blocks::Short(blocks) => blocks.get(index),
            _ => None,
        }
    }

    /// Gives a text as a wide block, where that is what they need: 31 bytes, and its length behind them.
    #[inline]
    #[must_use]
    pub fn wide(&self, index: usize) -> Option<&[u8; BLOCK]> {
        match &self.blocks {
            Blocks::Wide(blocks) => blocks.get(index),
            _ => None,
        }
    }

    /// Writes at most so many bytes of a text from a place on.
    #[inline]
    #[must_use]
    pub fn put_start(&self, index: usize, most: usize, out: &mut [u8], at: usize) -> usize {
        let Some(&(start, length)) = self.spans.get(index) else { return at };
        let start = start as usize;
        text::piece(out, at, &self.bytes, (start, start + most.min(length as usize)))
    }

    /// Says what the texts are made of.
    #[must_use]
    pub fn letters(&self) -> Letters {
        let all = self.spans.iter().map(|(_, length)| *length as usize);
        let bytes = all.clone().sum::<usize>();
        Letters::of(all.min().unwrap_or(0), &[self.bytes.get(..bytes).unwrap_or_default()])
    }

    /// Appends a text.
    #[inline]
    pub fn append(&self, index: usize, out: &mut Vec<u8>) {
        self.append_start(index, usize::MAX, out);
    }

    /// Appends at most so many bytes of a text.
    #[inline]
    pub fn append_start(&self, index: usize, most: usize, out: &mut Vec<u8>) {
        let Some(&(start, length)) = self.spans.get(index) else { return };
        let (start, length) = (start as usize, most.min(length as usize));
        match self.bytes.get(start..).and_then(<[u8]>::first_chunk::<BLOCK>) {
            Some(block) if length <= BLOCK => {
                let end = out.len() + length;
                out.extend_from_slice(block);
                out.truncate(end);
            }
            _ => out.extend_from_slice(self.bytes.get(start..start + length).unwrap_or_default()),
        }
    }

    /// Gives a text as text.
    #[must_use]
    pub fn text(&self, index: usize) -> &str {
        std::str::from_utf8(self.get(index)).unwrap_or_default()
    }

    /// Goes through the texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.text(index))
    }

    /// Gives the most characters a text has.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Draws a text's number, all alike.
    #[inline]
    pub fn index(&self, draws: &mut Draws) -> usize {
        scale(draws.bits(), self.len() as u64)
    }

    /// Gives the numbers of the texts that did not occur before, ascending.
    #[must_use]
    pub fn first_occurrences(&self) -> Box<[u32]> {
        let mut order: Vec<u32> = (0..self.len()).filter_map(|index| u32::try_from(index).ok()).collect();
        order.sort_by_key(|index| (self.get(*index as usize), *index));
        order.dedup_by_key(|index| self.get(*index as usize));
        order.sort_unstable();
        order.into()
    }
}

#[inline]
fn put_block<const N: usize>(blocks: &[[u8; N]], index: usize, out: &mut [u8], at: usize) -> usize {
    let Some(block) = blocks.get(index) else { return at };
    let Some(slot) = text::slot::<N>(out, at) else { return text::FULL };
    *slot = *block;
    at + usize::from(block[N - 1])
}

/// Gives the length of a short block.
#[inline]
#[must_use]
pub const fn length(block: &[u8; SHORT]) -> usize {
    (block[SHORT - 1] & 15) as usize
}

/// Weighted choice in O(1): Walker's alias method (Walker 1977), built after Vose (1991) in whole numbers.
#[derive(Debug, Clone)]
pub struct Alias {
    slots: Box<[Slot]>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Of 2^32: below it the slot's own number is drawn.
    threshold: u32,
    other: u32,
}

impl Alias {
    /// Builds the table. Weights of zero are never drawn, unless all are zero: then all are alike.
    #[must_use]
    pub fn new(weights: &[u64]) -> Self {
        let count = weights.len() as u128;
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let mut slots: Vec<Slot> = (0..weights.len())
            .map(|index| Slot { threshold: u32::MAX, other: u32::try_from(index).unwrap_or(u32::MAX) })
            .collect();
        if total == 0 {
            return Self { slots: slots.into() };
        }
        // What is left of each weight, in units in which a full slot holds `total`.
        let mut left: Vec<u128> = weights.iter().map(|weight| u128::from(*weight) * count).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|index| left[*index] < total);
        while let (Some(poor), Some(rich)) = (small.pop(), large.pop()) {
            let threshold = (left[poor] << 32) / total;
            slots[poor] = Slot {
                threshold: u32::try_from(threshold).unwrap_or(u32::MAX),
                other: u32::try_from(rich).unwrap_or(u32::MAX),
            };
            left[rich] -= total - left[poor];
            if left[rich] < total { small.push(rich) } else { large.push(rich) }
        }
        Self { slots: slots.into() }
    }

    /// Picks a number from 64 random bits.
    #[inline]
    #[must_use]
    pub fn pick(&self, bits: u64) -> usize {
        let wide = u128::from(bits) * self.slots.len() as u128;
        let index = (wide >> 64) as usize;
        let fraction = ((wide as u64) >> 32) as u32;
        match self.slots.get(index) {
            // Nobody can foresee which it is, a processor neither: a branch here would cost more than all the rest.
            Some(slot) => select_unpredictable(fraction < slot.threshold, index, slot.other as usize),
            None => index,
        }
    }
}

/// A pool whose texts have weights.
#[derive(Debug, Clone)]
pub struct List {
    pub pool: Pool,
    pub alias: Alias,
}

impl List {
    /// Reads a list: an entry a line, behind a tab its weight where there is one (else 1).
    #[must_use]
    pub fn parse(data: &str) -> Self {
        Self::new(entries(data))
    }

    /// Packs entries and their weights.
    pub fn new<'a>(entries: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let (texts, weights): (Vec<&str>, Vec<u64>) = entries.into_iter().unzip();
        Self { pool: Pool::new(texts), alias: Alias::new(&weights) }
    }

    /// Draws an entry's number.
    #[inline]
    pub fn index(&self, draws: &mut Draws) -> usize {
        self.alias.pick(draws.bits())
    }

    /// Writes a drawn entry from a place on.
    #[inline]
    #[must_use]
    pub fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        self.pool.put(self.index(draws), out, at)
    }

    /// Appends a drawn entry.
    #[inline]
    pub fn append(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        self.pool.append(self.index(draws), out);
    }
}

/// Reads lines of an entry and, behind a tab, its weight.
pub fn entries(data: &str) -> impl Iterator<Item = (&str, u64)> {
    data.lines().filter(|line| !line.is_empty()).map(|line| match line.split_once('\t') {
        Some((text, weight)) => (text, weight.parse().unwrap_or(1)),
        None => (line, 1),
    })
}

/// Scales 64 random bits to a number below `limit`; 0 where `limit` is 0.
#[inline]
#[must_use]
pub const fn scale(bits: u64, limit: u64) -> usize {
    ((bits as u128 * limit as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let pool = Pool::new(["a", "", "ß€", "a"]);
        assert_eq!(pool.iter().collect::<Vec<_>>(), ["a", "", "ß€", "a"]);
        assert_eq!((pool.len(), pool.longest()), (4, 2));
        assert_eq!(pool.get(4), b"");
        assert_eq!(*pool.first_occurrences(), [0, 1, 2]);
        let long = "long ".repeat(10);
        let (pool, mut out) = (Pool::new([long.as_str(), "ab"]), Vec::new());
        pool.append(0, &mut out);
        pool.append_start(0, 4, &mut out);
        pool.append(1, &mut out);
        pool.append_start(1, 1, &mut out);
        pool.append(2, &mut out);
        assert_eq!(out, format!("{long}longaba").as_bytes());
    }

    #[test]
    fn weights_are_met() {
        let weights: Vec<u32> = (1..=200).map(|rank| 1_000_000 / rank).collect();
        let alias = Alias::new(&weights.iter().map(|weight| u64::from(*weight)).collect::<Vec<_>>());
        let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        let draws_made = 500_000u32;
        let mut draws = Draws::new(5);
        let mut seen = vec![0u32; weights.len()];
        for _ in 0..draws_made {
            seen[alias.pick(draws.bits())] += 1;
        }
        let chi: f64 = weights
            .iter()
            .zip(&seen)
            .map(|(weight, seen)| {
                let expected = f64::from(*weight) / total * f64::from(draws_made);
                (f64::from(*seen) - expected).powi(2) / expected
            })
            .sum();
        // 199 degrees of freedom: the mean is 199, three and a half standard deviations are 70.
        assert!(chi < 270.0, "{chi}");
    }

    #[test]
    fn zero_weights_are_never_drawn() {
        let alias = Alias::new(&[0, 3, 0, 1]);
        let mut draws = Draws::new(1);
        assert!((0..10_000).all(|_| matches!(alias.pick(draws.bits()), 1 | 3)));
        assert_eq!(Alias::new(&[]).pick(7), 0);
        assert!(Alias::new(&[0, 0]).pick(u64::MAX) == 1);
    }
}
