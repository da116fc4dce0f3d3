//! Telephone numbers of the locale's country, with its code.

use crate::frame::drawn::{Author, Letters};
use crate::generate::providers::pattern::slots::Slots;
use crate::generate::providers::pattern::tree::Node;
use crate::generate::providers::pool::Alias;
use crate::generate::providers::radix::scatter;
use crate::generate::providers::{Provider, Quick, append};
use crate::generate::random::Draws;
use crate::model::Locale;

/// Shapes and their weights, as patterns; no two give the same number. Blanks and hyphens outside brackets fall away
/// in the form of E.164.
const fn shapes(locale: Locale) -> &'static [(&'static str, u64)] {
    match locale {
        // Neither area nor exchange begins with 0 or 1, nor has a 1 or 9 in the middle (N11 and N9X are reserved).
        Locale::EnUs => &[("\\+1-[2-9][02-8][0-9]-[2-9][02-8][0-9]-[0-9]{4}", 1)],
        Locale::EnGb => &[
            ("\\+44 7[1-57-9][0-9]{2} [0-9]{6}", 12),
            ("\\+44 20 [378][0-9]{3} [0-9]{4}", 4),
            ("\\+44 1[2-9][0-9]{2} [2-9][0-9]{5}", 4),
        ],
        Locale::DeDe => &[
            ("\\+49 1[567][0-9] [1-9][0-9]{6}", 12),
            ("\\+49 30 [2-9][0-9]{7}", 2),
            ("\\+49 40 [2-9][0-9]{7}", 1),
            ("\\+49 89 [2-9][0-9]{7}", 1),
            ("\\+49 [2-9][1-9]{2} [2-9][0-9]{5}", 4),
        ],
        Locale::FrFr => &[
            ("\\+33 [67] [0-9]{2} [0-9]{2} [0-9]{2} [0-9]{2}", 3),
            ("\\+33 [1-5] [0-9]{2} [0-9]{2} [0-9]{2} [0-9]{2}", 2),
        ],
        Locale::EsEs => &[("\\+34 [67][0-9]{2} [0-9]{3} [0-9]{3}", 3), ("\\+34 9[1-8][0-9] [0-9]{3} [0-9]{3}", 2)],
    }
}

/// `phone` and `phone_e164`.
#[derive(Debug)]
pub struct Phone {
    shapes: Vec<Slots>,
    alias: Alias,
}

impl Phone {
    /// Makes the numbers of a locale as people write them.
    #[must_use]
    pub fn spaced(locale: Locale) -> Self {
        Self::new(shapes(locale).iter().map(|(pattern, weight)| ((*pattern).to_owned(), *weight)))
    }

    /// Makes the numbers of a locale in the form of E.164.
    #[must_use]
    pub fn e164(locale: Locale) -> Self {
        Self::new(shapes(locale).iter().map(|(pattern, weight)| {
            let mut inside = false;
            let kept = pattern.chars().filter(|c| {
                inside = (inside || *c == '[') && *c != ']';
                inside || !matches!(c, ' ' | '-')
            });
            (kept.collect(), *weight)
        }))
    }

    fn new(shapes: impl Iterator<Item = (String, u64)>) -> Self {
        let compiled = |(pattern, weight): (String, u64)| Some((Slots::new(&Node::parse(&pattern).ok()?)?, weight));
        let (shapes, weights): (Vec<Slots>, Vec<u64>) = shapes.filter_map(compiled).unzip();
        Self { alias: Alias::new(&weights), shapes }
    }
}

impl Provider for Phone {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        append(self, draws, out);
    }

    fn values(&self) -> Option<u128> {
        self.shapes.iter().map(Provider::values).sum()
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        // Mobile numbers first, and scattered within each shape.
        let mut left = number;
        for shape in &self.shapes {
            let values = shape.values().unwrap_or(0);
            if left < values {
                // All shapes' counts are divisible by 1000.
                let high = u64::try_from(values / 1000).unwrap_or(1);
                let ([low, high], _) = scatter(left, [1000, high]);
                return shape.nth(u128::from(high) * 1000 + u128::from(low), out);
            }
            left -= values;
        }
    }

    fn longest(&self) -> usize {
        self.shapes.iter().map(Provider::longest).max().unwrap_or(0)
    }

    fn author(&self) -> Option<&dyn Author> {
        Some(self)
    }
}

impl Quick for Phone {
    #[inline]
    fn put(&self, draws: &mut Draws, out: &mut [u8], at: usize) -> usize {
        let shape = if self.shapes.len() == 1 { 0 } else { self.alias.pick(draws.bits()) };
        self.shapes.get(shape).map_or(at, |shape| Quick::put(shape, draws, out, at))
    }

    fn letters(&self) -> Letters {
        let least = self.shapes.iter().map(|shape| Quick::letters(shape).least).min();
        let none = Letters::of(least.unwrap_or(0), &[]);
        self.shapes.iter().fold(none, |letters, shape| letters.and(Quick::letters(shape)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::judge::formats::SHAPES;
    use crate::model::TextFormat;
    use crate::model::generation::LOCALES;

    #[test]
    fn numbers_are_valid_and_different() {
        let holds = SHAPES.iter().find(|(named, _)| *named == TextFormat::PhoneE164).unwrap().1;
        for (name, locale) in LOCALES {
            let (spaced, e164) = (Phone::spaced(*locale), Phone::e164(*locale));
            assert_eq!(spaced.shapes.len(), shapes(*locale).len());
            assert_eq!(spaced.values(), e164.values());
            assert!(e164.values().unwrap() > 100_000_000, "{name}");
            let step = e164.values().unwrap() / 20_000 - 1;
            let mut seen = std::collections::BTreeSet::new();
            for number in (0..20_000).chain((1..20_000).map(|n| 20_000 + n * step)) {
                let mut out = Vec::new();
                e164.nth(number, &mut out);
                let text = String::from_utf8(out).unwrap();
                assert!(holds(&text), "{name} {text}");
                seen.insert(text);
                let mut out = Vec::new();
                e164.write(&mut Draws::new(number as u64), &mut out);
                assert!(holds(std::str::from_utf8(&out).unwrap()), "{name}");
            }
            assert_eq!(seen.len(), 39_999, "{name}");
            assert!(spaced.shapes.iter().all(|shape| shape.values().unwrap().is_multiple_of(1000)), "{name}");
        }
    }
}
