//! Masks: the shapes that texts share.
//!
//! A text is cut into runs of upper-case letters, lower-case letters, digits and blanks; any other character is a run
//! of itself. Texts with the same runs have the same mask, whatever their lengths, which are kept as a range:
//! `AB-12` and `XYZ-7` give `A{2,3}-9{1,2}`.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::analyze::profile::hash::fold;

/// Runs that tell masks apart; what is behind them is cut.
const RUNS: usize = 16;
/// Masks kept of a column, and while a batch is looked at.
const KEPT: usize = 64;
const BATCH: usize = 256;
const SLOTS: usize = 1024;

/// Classes that stand for many characters. Others are the byte itself.
const UPPER: u8 = b'A';
const LOWER: u8 = b'a';
const DIGIT: u8 = b'9';
/// A character beyond ASCII.
const WIDE: u8 = 0x80;
/// More runs follow.
const CUT: u8 = 0xFF;

/// The class of each byte; 0 for bytes inside a character.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let own = byte as u8;
        classes[byte] = match own {
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'0'..=b'9' => DIGIT,
            0x80..=0xBF => 0,
            0xC0..=0xFF => WIDE,
            other => other,
        };
        byte += 1;
    }
    classes
};

/// Runs of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Runs {
    classes: [u8; RUNS],
    lengths: [u16; RUNS],
    count: usize,
}

impl Runs {
    /// Cuts a text into runs.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let mut runs = Self::default();
        let mut last = 0;
        for byte in text {
            let class = CLASSES[usize::from(*byte)];
            if class == last {
                runs.lengthen();
            } else if class != 0 {
                if runs.count == RUNS {
                    runs.classes[RUNS - 1] = CUT;
                    runs.lengths[RUNS - 1] = 1;
                    return runs;
                }
                runs.push(class, 1);
                last = class;
            }
        }
        runs
    }

    /// Appends a run.
    #[inline]
    fn push(&mut self, class: u8, length: u16) {
        if let (Some(own), Some(long)) = (self.classes.get_mut(self.count), self.lengths.get_mut(self.count)) {
            (*own, *long) = (class, length);
            self.count += 1;
        }
    }

    #[inline]
    fn lengthen(&mut self) {
        if let Some(length) = self.lengths.get_mut(self.count.wrapping_sub(1)) {
            *length = length.saturating_add(1);
        }
    }

    /// Makes the runs of a number of digits, a point perhaps among them, and a sign perhaps before them.
    #[inline]
    #[must_use]
    pub fn of_number(sign: Option<u8>, whole: usize, fraction: Option<usize>) -> Self {
        let mut runs = Self::default();
        let short = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        if let Some(sign) = sign {
            runs.push(sign, 1);
        }
        if whole > 0 {
            runs.push(DIGIT, short(whole));
        }
        if let Some(fraction) = fraction {
            runs.push(b'.', 1);
            if fraction > 0 {
                runs.push(DIGIT, short(fraction));
            }
        }
        runs
    }

    const fn key(&self) -> u128 {
        u128::from_le_bytes(self.classes)
    }
}

/// One mask, with the range of each run's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Shape {
    classes: [u8; RUNS],
    least: [u16; RUNS],
    most: [u16; RUNS],
    count: u64,
}

impl Shape {
    const fn key(&self) -> u128 {
        u128::from_le_bytes(self.classes)
    }

    fn widen(&mut self, least: &[u16; RUNS], most: &[u16; RUNS], count: u64) {
        self.count += count;
        for run in 0..RUNS {
            self.least[run] = self.least[run].min(least[run]);
            self.most[run] = self.most[run].max(most[run]);
        }
    }
}

/// Counts masks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Masks {
    shapes: Vec<Shape>,
    other: u64,
    /// Where shapes are found by their key; only while a batch is looked at.
    #[serde(skip)]
    slots: Vec<u16>,
    #[serde(skip)]
    last: usize,
}

impl Masks {
    /// Takes the runs of a text that stands so often.
    #[inline]
    pub fn add(&mut self, runs: &Runs, count: u64) {
        let key = runs.key();
        if let Some(shape) = self.shapes.get_mut(self.last)
            && shape.key() == key
        {
            shape.widen(&runs.lengths, &runs.lengths, count);
            return;
        }
        self.find(runs, key, count);
    }

    #[expect(clippy::cast_possible_truncation, reason = "slots are few")]
    fn find(&mut self, runs: &Runs, key: u128, count: u64) {
        if self.slots.is_empty() {
            self.slots = vec![0; SLOTS];
        }
        let mut slot =
            fold(key as u64 ^ 0x9E37_79B9_7F4A_7C15, (key >> 64) as u64 ^ 0xD6E8_FEB8_6659_FD93) as usize % SLOTS;
        loop {
            let found = usize::from(self.slots[slot]);
            if found == 0 {
                break;
            }
            if let Some(shape) = self.shapes.get_mut(found - 1)
                && shape.key() == key
            {
                shape.widen(&runs.lengths, &runs.lengths, count);
                self.last = found - 1;
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
        if self.shapes.len() >= BATCH {
            self.other += count;
            return;
        }
        self.last = self.shapes.len();
        self.shapes.push(Shape { classes: runs.classes, least: runs.lengths, most: runs.lengths, count });
        self.slots[slot] = self.shapes.len() as u16;
    }

    /// Keeps the most frequent; no more texts are taken then.
    pub fn settle(&mut self) {
        self.slots = Vec::new();
        self.last = usize::MAX;
        if self.shapes.len() > KEPT {
            self.shapes.sort_by(|left, right| right.count.cmp(&left.count).then(left.classes.cmp(&right.classes)));
            self.other += self.shapes.drain(KEPT..).map(|shape| shape.count).sum::<u64>();
        }
        self.shapes.sort_by_key(Shape::key);
    }

    /// Takes the masks of other rows; both settled.
    pub fn merge(&mut self, other: &Self) {
        self.other += other.other;
        for shape in &other.shapes {
            match self.shapes.binary_search_by_key(&shape.key(), Shape::key) {
                Ok(at) => self.shapes[at].widen(&shape.least, &shape.most, shape.count),
                Err(at) => self.shapes.insert(at, *shape),
            }
        }
        self.settle();
    }

    /// Counts the texts of masks that were left out.
    #[must_use]
    pub const fn other(&self) -> u64 {
        self.other
    }

    /// Gives the most frequent masks: text, count, and the same as a regular expression where nothing is cut.
    #[must_use]
    pub fn heaviest(&self, most: usize) -> Vec<(String, u64, Option<String>)> {
        let mut shapes: Vec<&Shape> = self.shapes.iter().collect();
        shapes.sort_by(|left, right| right.count.cmp(&left.count).then(left.classes.cmp(&right.classes)));
        shapes.iter().take(most).map(|shape| (text(shape), shape.count, pattern(shape))).collect()
    }
}

fn runs(shape: &Shape) -> impl Iterator<Item = (u8, u16, u16)> {
    let lengths = shape.least.iter().zip(&shape.most);
    shape
        .classes
        .iter()
        .zip(lengths)
        .take_while(|(class, _)| **class != 0)
        .map(|(class, (least, most))| (*class, *least, *most))
}

/// Writes a mask: short runs of one length as so many letters, others with their range.
fn text(shape: &Shape) -> String {
    let mut out = String::new();
    for (class, least, most) in runs(shape) {
        let shown = match class {
            CUT => {
                out.push('…');
                break;
            }
            WIDE => 'ª',
            b' ' => ' ',
            byte if byte.is_ascii_control() => '␀',
            byte => char::from(byte),
        };
        match (least, most) {
            (same, other) if same == other && same <= 4 => (0..same).for_each(|_| out.push(shown)),
            (same, other) if same == other => {
                let _ = write!(out, "{shown}{{{same}}}");
            }
            (least, most) => {
                let _ = write!(out, "{shown}{{{least},{most}}}");
            }
        }
    }
    out
}

fn pattern(shape: &Shape) -> Option<String> {
    let mut out = String::new();
    for (class, least, most) in runs(shape) {
        match class {
            CUT | WIDE => return None,
            UPPER => out.push_str("[A-Z]"),
            LOWER => out.push_str("[a-z]"),
            DIGIT => out.push_str("[0-9]"),
            byte if byte.is_ascii_control() => return None,
            byte if byte.is_ascii_alphanumeric() || byte == b' ' => out.push(char::from(byte)),
            byte => {
                if b"\\.+*?()|[]{}^$#&-~/".contains(&byte) {
                    out.push('\\');
                }
                out.push(char::from(byte));
            }
        }
        match (least, most) {
            (1, 1) => {}
            (same, other) if same == other => {
                let _ = write!(out, "{{{same}}}");
            }
            // A run this long was not counted to its end.
            (_, u16::MAX) => return None,
            (least, most) => {
                let _ = write!(out, "{{{least},{most}}}");
            }
        }
    }
    // A backslash before a slash is no escape that regular expressions know.
    Some(out.replace("\\/", "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Masks {
        let mut masks = Masks::default();
        texts.iter().for_each(|text| masks.add(&Runs::of(text.as_bytes()), 1));
        masks.settle();
        masks
    }

    #[test]
    fn runs_are_joined() {
        let masks = of(&["AB-12", "XYZ-7", "b@x.io"]);
        let found = masks.heaviest(9);
        assert_eq!(found[0], ("A{2,3}-9{1,2}".into(), 2, Some("[A-Z]{2,3}\\-[0-9]{1,2}".into())));
        assert_eq!(found[1].0, "a@a.aa");
        assert_eq!(of(&["2025-01-31", "2024-12-01"]).heaviest(1)[0].0, "9999-99-99");
        assert_eq!(of(&["Zoë"]).heaviest(1)[0].0, "Aaª");
        assert_eq!(of(&[""]).heaviest(1)[0].0, "");
    }

    #[test]
    fn long_texts_are_cut() {
        let (mask, _, pattern) = of(&["a b c d e f g h i j k l"]).heaviest(1).remove(0);
        assert_eq!((mask.as_str(), pattern), ("a a a a a a a a…", None));
    }

    #[test]
    fn numbers_have_the_runs_of_their_text() {
        assert_eq!(Runs::of_number(Some(b'-'), 3, Some(2)), Runs::of(b"-123.45"));
        assert_eq!(Runs::of_number(None, 1, None), Runs::of(b"7"));
        assert_eq!(Runs::of_number(None, 0, Some(1)), Runs::of(b".5"));
        assert_eq!(Runs::of_number(None, 2, Some(0)), Runs::of(b"12."));
    }

    #[test]
    fn halves_make_the_whole() {
        let texts: Vec<String> = (0..40).map(|n| "ab-".repeat(n % 5) + &n.to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut merged = of(&texts[..13]);
        merged.merge(&of(&texts[13..]));
        assert_eq!(merged, of(&texts));
    }

    #[test]
    fn patterns_match_what_they_come_from() {
        for text in ["a/b", "12:30", "x.y+z", "(1) [2] {3}", "#&~-", "a\\b$^|?*", "50%"] {
            let (_, _, pattern) = of(&[text]).heaviest(1).remove(0);
            let regex = regex::Regex::new(&format!("^(?:{})$", pattern.unwrap())).unwrap();
            assert!(regex.is_match(text), "{text}: {regex}");
        }
    }
}
