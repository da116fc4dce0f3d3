//! Needles found eight bytes at a time, on any machine.

use crate::io::formats::csv::scan::{Finder, Masks, Needles};

const LOW: u64 = 0x0101_0101_0101_0101;
const SEVEN: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// Looks for needles in words of eight bytes.
#[derive(Debug, Clone, Copy)]
pub struct Swar {
    delimiter: u64,
    quote: Option<u64>,
}

impl Swar {
    pub fn new(needles: Needles) -> Self {
        let spread = |byte: u8| u64::from(byte) * LOW;
        Self { delimiter: spread(needles.delimiter), quote: needles.quote.map(spread) }
    }
}

impl Finder for Swar {
    #[inline]
    fn masks(self, chunk: &[u8; 64]) -> Masks {
        let mut masks = Masks { delimiter: 0, newline: 0, carriage: 0, quote: 0 };
        for (index, word) in chunk.chunks_exact(8).enumerate() {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            let shift = 8 * index;
            masks.delimiter |= equal(word, self.delimiter) << shift;
            masks.newline |= equal(word, u64::from(b'\n') * LOW) << shift;
            masks.carriage |= equal(word, u64::from(b'\r') * LOW) << shift;
            masks.quote |= self.quote.map_or(0, |quote| equal(word, quote)) << shift;
        }
        masks
    }
}

/// Gives one bit for each byte of two words: set where they are equal.
#[inline]
const fn equal(word: u64, other: u64) -> u64 {
    let differs = word ^ other;
    // The high bit of a byte is set exactly where it is zero: no carry leaves a byte.
    let zeros = !(((differs & SEVEN) + SEVEN) | differs | SEVEN);
    // The high bits are gathered to the top byte; their sums never overlap.
    (zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
