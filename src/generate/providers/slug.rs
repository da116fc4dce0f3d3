//! Slugs: a short text as it stands in addresses (`lay-raise-best-end`).

use crate::generate::providers::Provider;
use crate::generate::providers::pool::Pool;
use crate::generate::providers::radix::{plain, scatter, small};
use crate::generate::providers::text::Words;
use crate::generate::random::Draws;

/// A slug's words, their hyphens and a full stop stay within so many characters.
const LENGTH: usize = 20;
/// Numbers behind a slug by value number.
const REPEATS: u128 = 1_000;

/// `slug`: words drawn as long as they fit into 20 characters. By number: three words, and a number behind them once
/// these are used up.
#[derive(Debug)]
pub struct Slug {
    words: &'static Pool,
    /// Words of at most six letters: three of them fit.
    short: Box<[u32]>,
}

impl Slug {
    /// Makes slugs of a locale's words.
    #[must_use]
    pub fn new(words: &'static Words) -> Self {
        let words = &words.folded;
        let short = (0..words.len()).filter(|index| words.get(*index).len() <= 6).filter_map(|i| u32::try_from(i).ok());
        Self { words, short: short.collect() }
    }
}

impl Provider for Slug {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let start = out.len();
        loop {
            let word = self.words.index(draws);
            let hyphen = usize::from(out.len() > start);
            // A first word of twenty letters does not exist; a slug is never empty.
            if out.len() - start + hyphen + self.words.get(word).len() >= LENGTH && hyphen > 0 {
                return;
            }
            if hyphen > 0 {
                out.push(b'-');
            }
            self.words.append(word, out);
        }
    }

    fn values(&self) -> Option<u128> {
        Some((self.short.len() as u128).pow(3) * REPEATS)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let (digits, repeat) = scatter(number, [self.short.len() as u64; 3]);
        for (place, digit) in digits.into_iter().enumerate() {
            if place > 0 {
                out.push(b'-');
            }
            let word = usize::try_from(digit).ok().and_then(|digit| self.short.get(digit));
            self.words.append(word.map_or(usize::MAX, |word| *word as usize), out);
        }
        if repeat > 0 {
            out.push(b'-');
            plain(small(repeat) + 1, out);
        }
    }

    fn longest(&self) -> usize {
        LENGTH + 5
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::Locale;
    use crate::model::generation::LOCALES;

    #[test]
    fn slugs_have_one_to_five_words() {
        let slug = Slug::new(Words::of(Locale::EnUs));
        let mut words = [0u32; 8];
        for row in 0..100_000 {
            let mut out = Vec::new();
            slug.write(&mut Draws::new(row), &mut out);
            assert!((1..LENGTH).contains(&out.len()));
            words[out.split(|byte| *byte == b'-').count()] += 1;
        }
        // Measured on the list the shape comes from: 3 words 55.5 %, 2 words 36.3 %, 4 words 6.9 %, 1 word 1.3 %.
        assert!((53_500..=58_500).contains(&words[3]), "{words:?}");
        assert!((34_000..=38_500).contains(&words[2]), "{words:?}");
        assert!((5_500..=8_000).contains(&words[4]), "{words:?}");
    }

    #[test]
    fn numbers_give_different_slugs_a_hundred_million_times() {
        for (name, locale) in LOCALES {
            let slug = Slug::new(Words::of(*locale));
            assert!(slug.values().unwrap() > 1_000_000_000, "{name}");
            let mut seen = BTreeSet::new();
            for number in (0..20_000).chain((1..10_000).map(|n| 20_000 + n * 999_999)) {
                let mut out = Vec::new();
                slug.nth(number, &mut out);
                assert!(out.len() <= slug.longest());
                seen.insert(out);
            }
            assert_eq!(seen.len(), 29_999, "{name}");
        }
    }
}
