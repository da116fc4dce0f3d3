//! Product names in English: `Compact Steel Lamp`.

use crate::generate::providers::Provider;
use crate::generate::providers::lists::{PRODUCT_ADJECTIVES, PRODUCT_MATERIALS, PRODUCT_THINGS};
use crate::generate::providers::pool::Pool;
use crate::generate::providers::radix::{plain, scatter, small};
use crate::generate::random::Draws;

/// Model numbers by value number.
const MODELS: u128 = 100_000;

/// `product_name`; by number with a model's number behind it where all names are used up.
#[derive(Debug)]
pub struct ProductName {
    adjectives: Pool,
    materials: Pool,
    things: Pool,
}

impl ProductName {
    /// Reads the words.
    #[must_use]
    pub fn new() -> Self {
        Self {
            adjectives: Pool::new(PRODUCT_ADJECTIVES.lines()),
            materials: Pool::new(PRODUCT_MATERIALS.lines()),
            things: Pool::new(PRODUCT_THINGS.lines()),
        }
    }

    fn radices(&self) -> [u64; 3] {
        [self.adjectives.len() as u64, self.materials.len() as u64, self.things.len() as u64]
    }

    fn join(&self, digits: [u64; 3], out: &mut Vec<u8>) {
        let at = |digit: u64| usize::try_from(digit).unwrap_or(usize::MAX);
        self.adjectives.append(at(digits[0]), out);
        out.push(b' ');
        self.materials.append(at(digits[1]), out);
        out.push(b' ');
        self.things.append(at(digits[2]), out);
    }
}

impl Default for ProductName {
    fn default() -> Self {
        Self::new()
    }
}

impl Provider for ProductName {
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let digits = self.radices().map(|radix| draws.below(radix));
        self.join(digits, out);
    }

    fn values(&self) -> Option<u128> {
        Some(self.radices().iter().map(|radix| u128::from(*radix)).product::<u128>() * MODELS)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let (digits, model) = scatter(number, self.radices());
        self.join(digits, out);
        if model > 0 {
            out.push(b' ');
            plain(small(model) + 1, out);
        }
    }

    fn longest(&self) -> usize {
        self.adjectives.longest() + self.materials.longest() + self.things.longest() + 2 + 7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_run_into_models() {
        let products = ProductName::new();
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..200_000 {
            let mut out = Vec::new();
            products.nth(number, &mut out);
            assert!(out.len() <= products.longest());
            seen.insert(out);
        }
        assert_eq!(seen.len(), 200_000);
    }
}
