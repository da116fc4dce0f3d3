//! Zipf's law for any exponent and any number of ranks, exact, in about ten nanoseconds a draw.
//!
//! The first ranks have a bucket each, all others share buckets that grow by a hundredth. A bucket is drawn by its
//! envelope (its first, heaviest weight times its length), a rank in it uniformly, and the rank is kept with the ratio
//! of its weight to the envelope (rejection, von Neumann 1951).

use crate::generate::alias::Alias;
use crate::generate::random::Draws;

/// Ranks from 1, each with the weight `rank^-exponent`.
#[derive(Debug, Clone)]
pub struct Zipf {
    exponent: f64,
    buckets: Alias,
    /// First rank of each bucket, its length, and a ratio below which any rank of it is kept unseen.
    spans: Vec<(u64, u64, f64)>,
}

/// Ranks with a bucket of their own.
const ALONE: u64 = 1024;

impl Zipf {
    /// Prepares `ranks` ranks (at least 1). `None` where the exponent is negative or not finite.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rank's weight needs no more than 53 bits of it")]
    pub fn new(ranks: u64, exponent: f64) -> Option<Self> {
        if !exponent.is_finite() || exponent < 0.0 {
            return None;
        }
        let ranks = ranks.max(1);
        let weight = |rank: u64| libm::pow(rank as f64, -exponent);
        let mut spans: Vec<(u64, u64, f64)> = (1..=ranks.min(ALONE)).map(|rank| (rank, 1, 1.0)).collect();
        let mut first = ALONE + 1;
        while first <= ranks {
            let length = (first / 100).max(1).min(ranks - first + 1);
            let least = libm::pow((first + length - 1) as f64 / first as f64, -exponent);
            spans.push((first, length, least));
            first += length;
        }
        let envelope: Vec<f64> = spans.iter().map(|(first, length, _)| weight(*first) * *length as f64).collect();
        Some(Self { exponent, buckets: Alias::new(&envelope)?, spans })
    }

    /// Draws a rank, from 1.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "as in `new`")]
    pub fn draw(&self, draws: &mut Draws) -> u64 {
        loop {
            let (first, length, least) = self.spans[self.buckets.pick(draws.bits())];
            if length == 1 {
                return first;
            }
            let rank = first + draws.below(length);
            let fraction = draws.fraction();
            if fraction < least || fraction < libm::pow(rank as f64 / first as f64, -self.exponent) {
                return rank;
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "test figures are small")]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_law_by_chi_square() {
        for exponent in [0.0, 0.5, 1.0, 1.1, 2.5] {
            let ranks = 5000;
            let zipf = Zipf::new(ranks, exponent).unwrap();
            let rows = 400_000;
            let mut counts = vec![0.0; usize::try_from(ranks).unwrap() + 1];
            let mut draws = Draws::new(42);
            for _ in 0..rows {
                counts[usize::try_from(zipf.draw(&mut draws)).unwrap()] += 1.0;
            }
            let total: f64 = (1..=ranks).map(|rank| (rank as f64).powf(-exponent)).sum();
            let (mut chi, mut cells, mut expected, mut seen) = (0.0, 0.0, 0.0, 0.0);
            for rank in 1..=ranks {
                expected += (rank as f64).powf(-exponent) / total * f64::from(rows);
                seen += counts[usize::try_from(rank).unwrap()];
                if expected >= 20.0 || rank == ranks {
                    chi += (seen - expected) * (seen - expected) / f64::max(expected, 1e-9);
                    (cells, expected, seen) = (cells + 1.0, 0.0, 0.0);
                }
            }
            let freedom: f64 = cells - 1.0;
            let limit = freedom + 4.0 * (2.0 * freedom).sqrt() + 10.0;
            assert!(chi < limit, "exponent {exponent}: {chi} of {freedom}");
        }
    }

    #[test]
    fn huge_numbers_of_ranks_are_fine() {
        let zipf = Zipf::new(1 << 60, 1.05).unwrap();
        let mut draws = Draws::new(3);
        assert!((0..1000).all(|_| (1..=1 << 60).contains(&zipf.draw(&mut draws))));
        assert!(Zipf::new(5, -1.0).is_none() && Zipf::new(5, f64::NAN).is_none());
        assert_eq!(Zipf::new(1, 1.0).unwrap().draw(&mut draws), 1);
    }
}
