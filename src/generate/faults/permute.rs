//! Permutation: a shuffle of the numbers below n that can be asked anywhere, in both directions, without a table.
//!
//! A Feistel network over mixed radixes: a number is written as `a * high + low`, and each round adds a hash of one
//! half to the other. Numbers that leave the range are sent through again (cycle walking; Black and Rogaway 2002).

use crate::generate::random::Stream;

const ROUNDS: u64 = 6;

/// Shuffles the numbers below a limit.
#[derive(Debug, Clone, Copy)]
pub struct Permutation {
    stream: Stream,
    size: u64,
    /// Both sides of a rectangle that holds all numbers.
    low: u64,
    high: u64,
}

impl Permutation {
    /// Makes the shuffle of `0..size`; different streams give different ones.
    #[must_use]
    pub const fn new(stream: Stream, size: u64) -> Self {
        let root = size.isqrt();
        let low = if root * root < size { root + 1 } else { root };
        let low = if low == 0 { 1 } else { low };
        Self { stream, size, low, high: if size == 0 { 1 } else { size.div_ceil(low) } }
    }

    /// Gives the place of a number; numbers beyond the limit stay.
    #[must_use]
    pub const fn forward(&self, number: u64) -> u64 {
        if number >= self.size {
            return number;
        }
        let mut at = number;
        loop {
            at = self.walk(at);
            if at < self.size {
                return at;
            }
        }
    }

    /// Gives the number that stands at a place.
    #[must_use]
    pub const fn backward(&self, place: u64) -> u64 {
        if place >= self.size {
            return place;
        }
        let mut at = place;
        loop {
            at = self.walk_back(at);
            if at < self.size {
                return at;
            }
        }
    }

    const fn walk(&self, number: u64) -> u64 {
        let (mut low, mut high) = (number % self.low, number / self.low);
        let mut round = 0;
        while round < ROUNDS {
            if round % 2 == 0 {
                low = (low + self.hash(round, high) % self.low) % self.low;
            } else {
                high = (high + self.hash(round, low) % self.high) % self.high;
            }
            round += 1;
        }
        high * self.low + low
    }

    const fn walk_back(&self, number: u64) -> u64 {
        let (mut low, mut high) = (number % self.low, number / self.low);
        let mut round = ROUNDS;
        while round > 0 {
            round -= 1;
            if round.is_multiple_of(2) {
                low = (low + self.low - self.hash(round, high) % self.low) % self.low;
            } else {
                high = (high + self.high - self.hash(round, low) % self.high) % self.high;
            }
        }
        high * self.low + low
    }

    const fn hash(&self, round: u64, half: u64) -> u64 {
        self.stream.at(half.wrapping_mul(ROUNDS).wrapping_add(round))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_number_is_taken_once() {
        for size in [0, 1, 2, 3, 7, 93, 1000, 4097] {
            let shuffle = Permutation::new(Stream::new(3, "t"), size);
            let mut seen: Vec<u64> = (0..size).map(|number| shuffle.forward(number)).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..size), "{size}");
        }
    }

    proptest! {
        #[test]
        fn the_way_back_leads_home(seed in any::<u64>(), size in 1..u64::from(u32::MAX), number in any::<u64>()) {
            let shuffle = Permutation::new(Stream::new(seed, "t"), size);
            let number = number % size;
            prop_assert_eq!(shuffle.backward(shuffle.forward(number)), number);
        }
    }
}
