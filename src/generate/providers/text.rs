//! Prose of common words: single words, titles, sentences, and texts of several paragraphs.
//!
//! There is never a comma or a quote in it. A sentence has three to eight words and a paragraph one to four sentences;
//! a text has paragraphs, a line each, as long as they fit into 200 bytes: in English 63 of 100 have a line feed inside.

use crate::generate::providers::Provider;
use crate::generate::providers::lists::{self, PerLocale, fold};
use crate::generate::providers::pool::Pool;
use crate::generate::random::Draws;
use crate::model::Locale;

/// A text is shorter than this, in bytes.
const TEXT: usize = 200;

/// One locale's words.
#[derive(Debug)]
pub struct Words {
    plain: Pool,
    /// With a capital first letter.
    capital: Pool,
    /// As in addresses.
    pub folded: Pool,
    longest: usize,
}

impl Words {
    /// Gives the words of a locale.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        static WORDS: PerLocale<Words> = PerLocale::new();
        WORDS.of(locale, Self::new)
    }

    fn new(locale: Locale) -> Self {
        let words = lists::of(locale).words;
        let capital: Vec<String> = words
            .lines()
            .map(|word| {
                let mut chars = word.chars();
                chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
            })
            .collect();
        let mut folded: Vec<String> = words.lines().map(|word| fold(word, locale)).collect();
        folded.sort_unstable();
        folded.dedup();
        let plain = Pool::new(words.lines());
        Self {
            longest: plain.longest(),
            plain,
            capital: Pool::new(capital.iter().map(String::as_str)),
            folded: Pool::new(folded.iter().map(String::as_str)),
        }
    }
}

/// Sixteen random bits at a time.
#[derive(Debug)]
struct Slices<'a> {
    draws: &'a mut Draws,
    bits: u64,
    left: u32,
}

impl<'a> Slices<'a> {
    const fn new(draws: &'a mut Draws) -> Self {
        Self { draws, bits: 0, left: 0 }
    }

    /// Draws a number below `limit`; the bias is below `limit / 2^16`.
    #[inline]
    fn below(&mut self, limit: usize) -> usize {
        if self.left == 0 {
            (self.bits, self.left) = (self.draws.bits(), 4);
        }
        let slice = usize::from(self.bits as u16);
        (self.bits, self.left) = (self.bits >> 16, self.left - 1);
        (slice * limit) >> 16
    }

    /// Draws a number around another: from 60 to 140 of 100, rounded down.
    #[inline]
    fn around(&mut self, number: usize) -> usize {
        number * (60 + self.below(81)) / 100
    }
}

impl Words {
    /// Appends so many words, the first with a capital, and a full stop.
    #[inline]
    fn sentence(&self, slices: &mut Slices<'_>, out: &mut Vec<u8>) {
        let words = slices.around(6);
        self.capital.append(slices.below(self.capital.len()), out);
        for _ in 1..words {
            out.push(b' ');
            self.plain.append(slices.below(self.plain.len()), out);
        }
        out.push(b'.');
    }

    fn paragraph(&self, slices: &mut Slices<'_>, out: &mut Vec<u8>) {
        let sentences = slices.around(3).max(1);
        for number in 0..sentences {
            if number > 0 {
                out.push(b' ');
            }
            self.sentence(slices, out);
        }
    }

    const fn longest_sentence(&self) -> usize {
        8 * (self.longest + 1)
    }
}

/// `word`.
#[derive(Debug)]
pub struct Word(pub &'static Words);

impl Provider for Word {
    #[inline]
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        self.0.plain.append(self.0.plain.index(draws), out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.0.plain.len() as u128)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        self.0.plain.append(usize::try_from(number).unwrap_or(usize::MAX), out);
    }

    fn longest(&self) -> usize {
        self.0.longest
    }
}

/// `title`: two to five words, each with a capital.
#[derive(Debug)]
pub struct Title(pub &'static Words);

impl Provider for Title {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let mut slices = Slices::new(draws);
        for number in 0..2 + slices.below(4) {
            if number > 0 {
                out.push(b' ');
            }
            self.0.capital.append(slices.below(self.0.capital.len()), out);
        }
    }

    fn longest(&self) -> usize {
        5 * (self.0.longest + 1)
    }
}

/// `sentence`.
#[derive(Debug)]
pub struct Sentence(pub &'static Words);

impl Provider for Sentence {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        self.0.sentence(&mut Slices::new(draws), out);
    }

    fn longest(&self) -> usize {
        self.0.longest_sentence()
    }
}

/// `paragraph`: one to four sentences in one line.
#[derive(Debug)]
pub struct Paragraph(pub &'static Words);

impl Provider for Paragraph {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        self.0.paragraph(&mut Slices::new(draws), out);
    }

    fn longest(&self) -> usize {
        4 * (self.0.longest_sentence() + 1)
    }
}

/// `text`: paragraphs, a line each, of less than 200 bytes.
#[derive(Debug)]
pub struct Text(pub &'static Words);

impl Provider for Text {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let start = out.len();
        let mut slices = Slices::new(draws);
        // The first paragraph alone is too long in less than one of a hundred draws.
        for _ in 0..32 {
            let mut end = start;
            loop {
                if end > start {
                    out.push(b'\n');
                }
                self.0.paragraph(&mut slices, out);
                if out.len() - start >= TEXT {
                    break;
                }
                end = out.len();
            }
            out.truncate(end);
            if end > start {
                return;
            }
        }
        self.0.sentence(&mut slices, out);
    }

    fn longest(&self) -> usize {
        TEXT.max(self.0.longest_sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::generation::LOCALES;

    #[test]
    fn texts_have_lines_as_often_as_they_should() {
        let text = Text(Words::of(Locale::EnUs));
        let (mut with_lines, mut length) = (0, 0);
        for row in 0..20_000 {
            let mut out = Vec::new();
            text.write(&mut Draws::new(row), &mut out);
            assert!((10..TEXT).contains(&out.len()));
            assert!(!out.starts_with(b"\n") && out.ends_with(b"."));
            with_lines += usize::from(out.contains(&b'\n'));
            length += out.len();
        }
        assert!((12_000..=13_200).contains(&with_lines), "{with_lines} of 20,000");
        assert!((142..=151).contains(&(length / 20_000)), "{}", length / 20_000);
    }

    #[test]
    fn prose_holds_letters_and_stops_only() {
        for (name, locale) in LOCALES {
            let words = Words::of(*locale);
            let all: [Box<dyn Provider>; 5] = [
                Box::new(Word(words)),
                Box::new(Title(words)),
                Box::new(Sentence(words)),
                Box::new(Paragraph(words)),
                Box::new(Text(words)),
            ];
            for provider in all {
                for row in 0..2000 {
                    let mut out = Vec::new();
                    provider.write(&mut Draws::new(row), &mut out);
                    let text = String::from_utf8(out).unwrap();
                    assert!(text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '\n')), "{name} {text}");
                    assert!(text.chars().count() <= provider.longest(), "{name} {provider:?}");
                }
            }
        }
    }
}
