//! Template: text around a row's number: `C{n}`, `P{n:06}`.

use crate::frame::drawn::{Author, Letters};
use crate::frame::text;

/// A template made ready.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
    short: Option<Short>,
    letters: Letters,
}

/// Up to eight bytes, then a number, and nothing behind it: written in whole words.
#[derive(Debug, Clone, Copy)]
struct Short {
    text: u64,
    length: usize,
    /// Leading zeros that are left out at most, in bits.
    most: u32,
}

#[derive(Debug, Clone)]
enum Part {
    Text(Vec<u8>),
    /// The number, with zeros in front up to this width.
    Number(usize),
}

impl Template {
    /// Reads a template. `{{` and `}}` stand for braces.
    ///
    /// # Errors
    /// In words, where braces hold anything but `n` and a width of at most 40.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                plain.push(if next == '{' { b'{' } else { b'}' });
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (inside, after) = after.split_once('}').ok_or_else(|| format!("`{text}` lacks a closing brace"))?;
                let width =
                    match inside.strip_prefix("n:").or_else(|| inside.strip_prefix('n').filter(|tail| tail.is_empty()))
                    {
                        Some("") => Some(0),
                        Some(width) => width.parse().ok().filter(|width| *width <= 40),
                        None => None,
                    };
                let width = width.ok_or_else(|| format!("`{{{inside}}}` in `{text}`: write {{n}} or {{n:06}}"))?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Number(width));
                rest = after;
            } else {
                plain.extend_from_slice(&rest.as_bytes()[..next.len_utf8()]);
                rest = &rest[next.len_utf8()..];
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        let short = Short::of(&parts);
        let letters = letters(&parts);
        Ok(Self { parts, short, letters })
    }

    /// Says what its texts are made of.
    #[must_use]
    pub const fn made_of(&self) -> &Letters {
        &self.letters
    }

    /// Tells whether different numbers give different texts.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Number(_)))
    }

    /// Appends the text of a number.
    #[inline]
    pub fn write(&self, number: u64, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Number(width) => {
                    let mut buffer = itoa::Buffer::new();
                    let digits = buffer.format(number).as_bytes();
                    if digits.len() < *width {
                        const ZEROS: [u8; 40] = [b'0'; 40];
                        out.extend_from_slice(&ZEROS[..(*width - digits.len()).min(40)]);
                    }
                    out.extend_from_slice(digits);
                }
            }
        }
    }

    /// Appends the texts of the numbers after these one after the other and notes where each ends. Gives `false`, having
    /// written nothing, where the template or a number is not short enough for that.
    pub fn write_all(&self, before: &[u64], bytes: &mut Vec<u8>, ends: &mut Vec<i32>) -> bool {
        let Some(short) = self.short else { return false };
        if before.iter().fold(0, |most, number| *number.max(&most)) >= SHORT_LIMIT - 1 {
            return false;
        }
        let mut at = bytes.len();
        // Each write may spill over into the place of the next.
        bytes.resize(at + before.len() * (short.length + 8) + 16, 0);
        ends.extend(before.iter().map(|number| {
            let (shown, width) = short.digits(number + 1);
            if let Some(text) = bytes.get_mut(at..at + 8) {
                text.copy_from_slice(&short.text.to_le_bytes());
            }
            at += short.length;
            // The number is written last, over what the text's word spilled.
            if let Some(text) = bytes.get_mut(at..at + 8) {
                text.copy_from_slice(&shown.to_le_bytes());
            }
            at += width;
            i32::try_from(at).unwrap_or(-1)
        }));
        bytes.truncate(at);
        true
    }

    /// Guesses the bytes of a text.
    #[must_use]
    pub fn width(&self) -> usize {
        let width = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Number(width) => (*width).max(8),
        };
        self.parts.iter().map(width).sum()
    }
}

impl Author for Template {
    #[inline]
    fn put(&self, number: u64, out: &mut [u8], at: usize) -> usize {
        if let Some(short) = self.short
            && number < SHORT_LIMIT
            && let Some(slot) = text::slot::<16>(out, at)
        {
            let (shown, width) = short.digits(number);
            slot[..8].copy_from_slice(&short.text.to_le_bytes());
            // The number is written last, over what the text's word spilled.
            if let Some(slot) = slot.get_mut(short.length..short.length + 8) {
                slot.copy_from_slice(&shown.to_le_bytes());
            }
            return at + short.length + width;
        }
        self.put_parts(number, out, at)
    }

    fn letters(&self) -> Letters {
        self.letters
    }
}

impl Template {
    #[cold]
    fn put_parts(&self, number: u64, out: &mut [u8], at: usize) -> usize {
        self.parts.iter().fold(at, |at, part| match part {
            Part::Text(text) => text::put(out, at, text),
            Part::Number(width) => {
                let digits = number.checked_ilog10().map_or(1, |log| log as usize + 1);
                text::padded(out, at, number, digits.max(*width))
            }
        })
    }
}

/// Says what the texts of these parts are made of.
fn letters(parts: &[Part]) -> Letters {
    let least = parts.iter().map(|part| match part {
        Part::Text(text) => text.len(),
        Part::Number(width) => (*width).max(1),
    });
    parts.iter().fold(Letters::of(least.sum(), &[]), |letters, part| match part {
        Part::Text(text) => letters.and(Letters::of(0, &[text])),
        Part::Number(_) => letters.and(Letters::of(0, &[b"0123456789"])),
    })
}

/// Numbers below this have at most eight digits.
const SHORT_LIMIT: u64 = 100_000_000;

impl Short {
    fn of(parts: &[Part]) -> Option<Self> {
        let (text, width): (&[u8], usize) = match parts {
            [Part::Number(width)] => (&[], *width),
            [Part::Text(text), Part::Number(width)] => (text, *width),
            _ => return None,
        };
        if text.len() > 8 || width > 8 {
            return None;
        }
        let mut word = [0; 8];
        word[..text.len()].copy_from_slice(text);
        Some(Self {
            text: u64::from_le_bytes(word),
            length: text.len(),
            most: u32::try_from(8 * (8 - width.max(1))).unwrap_or(0),
        })
    }

    /// Gives the digits of a number below 10^8, the first in the lowest byte, and how many they are.
    #[inline]
    fn digits(self, number: u64) -> (u64, usize) {
        let digits = u64::from_le_bytes(text::eight_digits(u32::try_from(number).unwrap_or(0)));
        let zeros = ((digits & 0x0F0F_0F0F_0F0F_0F0F) | 1 << 56).trailing_zeros() & 0x38;
        let left_out = zeros.min(self.most);
        (digits >> left_out, 8 - (left_out / 8) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, number: u64) -> String {
        let mut out = Vec::new();
        Template::new(text).unwrap().write(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_stand_in_their_places() {
        assert_eq!(written("C{n}", 7), "C7");
        assert_eq!(written("é{n:06}-{n}", 123), "é000123-123");
        assert_eq!(written("P{n:02}", 12_345), "P12345");
        assert_eq!(written("{{{n}}}", 1), "{1}");
        assert!(!Template::new("x").unwrap().is_unique());
    }

    #[test]
    fn an_author_writes_the_same_texts() {
        let numbers = [0, 1, 9, 10, 12_345, 99_999_999, 100_000_000, u64::MAX];
        for text in ["C{n}", "{n:06}", "customer{n:08}", "customers{n}", "{n:40}", "é{n:06}-{n}", "x", "{{{n:3}"] {
            let template = Template::new(text).unwrap();
            for number in numbers {
                let mut bytes = Vec::new();
                text::append(&mut bytes, |out, at| template.put(number, out, at));
                assert_eq!(std::str::from_utf8(&bytes).unwrap(), written(text, number));
                let letters = template.letters();
                assert!(bytes.len() >= letters.least && bytes.iter().all(|byte| letters.has(*byte)));
            }
        }
    }

    #[test]
    fn many_are_written_like_each_alone() {
        let numbers = [0, 1, 8, 9, 98, 99, 12_345, 999_998, 999_999, 99_999_998, 54_321_678];
        for text in ["C{n}", "{n:06}", "customer{n:08}", "{n}", "ab{n:3}"] {
            let template = Template::new(text).unwrap();
            let (mut bytes, mut ends) = (Vec::new(), Vec::new());
            assert!(template.write_all(&numbers, &mut bytes, &mut ends));
            let mut start = 0;
            for (number, end) in numbers.iter().zip(ends) {
                let end = usize::try_from(end).unwrap();
                assert_eq!(std::str::from_utf8(&bytes[start..end]).unwrap(), written(text, *number + 1), "{text}");
                start = end;
            }
            assert_eq!(start, bytes.len());
        }
        let template = Template::new("C{n}").unwrap();
        assert!(!template.write_all(&[99_999_999], &mut Vec::new(), &mut Vec::new()));
        assert!(!Template::new("C{n}x").unwrap().write_all(&[1], &mut Vec::new(), &mut Vec::new()));
    }

    #[test]
    fn wrong_braces_are_refused() {
        for text in ["C{n", "C{m}", "C{n:x}", "C{n:999}", "{}"] {
            assert!(Template::new(text).is_err(), "{text}");
        }
    }
}
