//! Permutation: the numbers below a limit in shuffled order, each computed on its own and back again.
//!
//! A Feistel network of mixed radix (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002): a number is two
//! digits, to each of which a hash of the other is added in turn. Numbers beyond the limit are mapped again.

use crate::generate::random::{below, mix};

/// A bijection of `0..len`.
#[derive(Debug, Clone, Copy)]
pub struct Permutation {
    len: u64,
    /// The digits are below these; their product is `len` or a little more.
    high: u64,
    low: u64,
    key: u64,
}

/// How often a digit is changed.
const ROUNDS: u64 = 6;

impl Permutation {
    /// Makes the permutation of a key. `len` is at most 2^62.
    #[must_use]
    pub fn new(len: u64, key: u64) -> Self {
        let len = len.clamp(1, 1 << 62);
        let root = len.isqrt();
        let low = if root * root == len { root } else { root + 1 };
        Self { len, high: len.div_ceil(low), low, key }
    }

    /// Gives the number at a place; places beyond the end are taken from the start again.
    #[must_use]
    #[inline]
    pub const fn at(&self, place: u64) -> u64 {
        let mut number = if place < self.len { place } else { place % self.len };
        loop {
            number = self.step(number);
            if number < self.len {
                return number;
            }
        }
    }

    /// Gives the place of a number: the inverse of [`Permutation::at`].
    #[must_use]
    pub const fn place(&self, number: u64) -> u64 {
        let mut place = if number < self.len { number } else { number % self.len };
        loop {
            place = self.back(place);
            if place < self.len {
                return place;
            }
        }
    }

    #[inline]
    const fn step(&self, number: u64) -> u64 {
        let (mut a, mut b) = (number / self.low, number % self.low);
        let mut round = 0;
        while round < ROUNDS {
            a += self.hash(round, b, self.high);
            if a >= self.high {
                a -= self.high;
            }
            b += self.hash(round + 1, a, self.low);
            if b >= self.low {
                b -= self.low;
            }
            round += 2;
        }
        a * self.low + b
    }

    const fn back(&self, number: u64) -> u64 {
        let (mut a, mut b) = (number / self.low, number % self.low);
        let mut round = ROUNDS;
        while round > 0 {
            round -= 2;
            let hash = self.hash(round + 1, a, self.low);
            b = if b >= hash { b - hash } else { b + self.low - hash };
            let hash = self.hash(round, b, self.high);
            a = if a >= hash { a - hash } else { a + self.high - hash };
        }
        a * self.low + b
    }

    #[inline]
    const fn hash(&self, round: u64, digit: u64, limit: u64) -> u64 {
        below(mix(self.key.wrapping_add(round << 32) ^ digit.wrapping_mul(0x9e37_79b9_7f4a_7c15)), limit)
    }
}

/// An injection of `0..len` into a space at least as large: each number gets a stretch of the space and a place in it.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    order: Option<Permutation>,
    stretch: u128,
    key: u64,
}

impl Spread {
    /// Spreads `len` numbers over `space`; in shuffled order, or else ascending. `None` where the space is too small.
    #[must_use]
    pub fn new(len: u64, space: u128, shuffled: bool, key: u64) -> Option<Self> {
        let stretch = space / u128::from(len.max(1));
        (stretch > 0).then(|| Self { order: shuffled.then(|| Permutation::new(len, mix(key))), stretch, key })
    }

    /// Gives the place of a number.
    #[must_use]
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the stretch was found to fit")]
    pub const fn at(&self, number: u64) -> u128 {
        let place = match &self.order {
            Some(order) => order.at(number),
            None => number,
        };
        if self.stretch == 1 {
            return place as u128;
        }
        let mut draws = crate::generate::random::Draws::new(self.key ^ mix(number));
        let offset = if self.stretch <= u64::MAX as u128 {
            draws.below(self.stretch as u64) as u128
        } else {
            draws.wide_below(self.stretch)
        };
        place as u128 * self.stretch + offset
    }

    /// Gives how many places belong to each number.
    #[must_use]
    pub const fn stretch(&self) -> u128 {
        self.stretch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_place() {
        for len in [1, 2, 3, 7, 16, 93, 1000, 65_537] {
            let order = Permutation::new(len, 99);
            let mut seen = vec![false; usize::try_from(len).unwrap()];
            for place in 0..len {
                let number = order.at(place);
                assert!(!std::mem::replace(&mut seen[usize::try_from(number).unwrap()], true), "{number} of {len}");
                assert_eq!(order.place(number), place);
            }
        }
    }

    #[test]
    fn a_million_numbers_are_shuffled_without_loss() {
        let len = 1_000_003;
        let order = Permutation::new(len, 5);
        let mut seen = vec![0u64; usize::try_from(len).unwrap().div_ceil(64)];
        let mut fixed = 0;
        for place in 0..len {
            let number = order.at(place);
            seen[usize::try_from(number / 64).unwrap()] |= 1 << (number % 64);
            fixed += u64::from(number == place);
        }
        assert_eq!(seen.iter().map(|word| u64::from(word.count_ones())).sum::<u64>(), len);
        assert!(fixed < 12, "{fixed} numbers stayed where they were");
    }

    #[test]
    fn spread_numbers_never_meet() {
        for (len, space) in [(10, 10), (10, 19), (100, 12_345), (1000, u128::MAX)] {
            let spread = Spread::new(len, space, true, 3).unwrap();
            let mut places: Vec<u128> = (0..len).map(|number| spread.at(number)).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len() as u64, len);
            assert!(places.iter().all(|place| *place < space));
        }
        assert!(Spread::new(11, 10, true, 3).is_none());
    }
}
