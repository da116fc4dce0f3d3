//! Words for text that says nothing in particular: of any length, never with blanks at the ends; and codes, the unique
//! kind of such text.

use crate::generate::providers::Provider;
use crate::generate::random::Draws;

const CONSONANTS: &[u8; 16] = b"bcdfghklmnprstvw";
const VOWELS: &[u8; 4] = b"aeio";

/// Appends words of so many letters and blanks in all (inclusive).
pub fn write(draws: &mut Draws, (least, most): (usize, usize), out: &mut Vec<u8>) {
    let length = least + usize::try_from(draws.below((most.saturating_sub(least)) as u64 + 1)).unwrap_or(0);
    let end = out.len() + length;
    let (mut bits, mut drawn) = (0, 0);
    while out.len() < end {
        if drawn == 0 {
            (bits, drawn) = (draws.bits(), 8);
        }
        let left = end - out.len();
        // Two letters a step, and after some of them a blank that is never the last.
        let index = |shift: u32, mask: u64| usize::try_from(bits >> shift & mask).unwrap_or(0);
        out.push(CONSONANTS[index(0, 15)]);
        if left > 1 {
            out.push(VOWELS[index(4, 3)]);
        }
        if left > 4 && index(6, 3) == 0 {
            out.push(b' ');
        }
        bits >>= 8;
        drawn -= 1;
    }
}

/// Texts of one length in capital letters, each with a number.
#[derive(Debug)]
pub struct Codes {
    width: usize,
    /// Letters that change; the others are `A`.
    letters: u32,
}

impl Codes {
    /// Makes codes of so many letters.
    #[must_use]
    pub fn new(width: usize) -> Self {
        // 26^27 is the last power below 2^128.
        Self { width, letters: u32::try_from(width.min(27)).unwrap_or(27) }
    }
}

impl Provider for Codes {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let number = draws.wide_below(26u128.pow(self.letters));
        self.nth(number, out);
    }

    fn values(&self) -> Option<u128> {
        Some(26u128.pow(self.letters))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + self.width, b'A');
        let mut left = number;
        for letter in out[start..].iter_mut().rev() {
            if left == 0 {
                break;
            }
            *letter = b'A' + u8::try_from(left % 26).unwrap_or(0);
            left /= 26;
        }
    }

    fn longest(&self) -> usize {
        self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_length_asked_for() {
        for (cell, length) in (0..).zip(0..200) {
            let mut out = Vec::new();
            write(&mut Draws::new(cell), (length, length), &mut out);
            assert_eq!(out.len(), length);
            assert!(!out.starts_with(b" ") && !out.ends_with(b" "));
        }
    }

    #[test]
    fn codes_differ() {
        let codes = Codes::new(3);
        let text = |number| {
            let mut out = Vec::new();
            codes.nth(number, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!((text(0), text(27), text(26 * 26 * 26 - 1)), ("AAA".into(), "ABB".into(), "ZZZ".into()));
        assert_eq!(Codes::new(100).longest(), 100);
    }
}
