//! Lengths of values, in code points.

use serde::{Deserialize, Serialize};

use crate::model::profile::Lengths as Found;

/// Up to here each length is counted on its own.
const EXACT: usize = 256;

/// Counts lengths.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    /// By length.
    short: Vec<u64>,
    /// By power of two.
    long: Vec<u64>,
    sum: u64,
    count: u64,
    least: u64,
    most: u64,
}

impl Lengths {
    /// Takes a length that stands so often.
    #[inline]
    pub fn add(&mut self, length: usize, weight: u64) {
        let (counts, at) =
            if length < EXACT { (&mut self.short, length) } else { (&mut self.long, length.ilog2() as usize) };
        if at >= counts.len() {
            counts.resize(at + 1, 0);
        }
        counts[at] += weight;
        let long = length as u64;
        self.least = if self.count == 0 { long } else { self.least.min(long) };
        self.most = self.most.max(long);
        self.count += weight;
        self.sum = self.sum.saturating_add(long.saturating_mul(weight));
    }

    /// Takes the lengths of other rows.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        for (own, their) in [(&mut self.short, &other.short), (&mut self.long, &other.long)] {
            if own.len() < their.len() {
                own.resize(their.len(), 0);
            }
            own.iter_mut().zip(their).for_each(|(own, their)| *own += their);
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.most = self.most.max(other.most);
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// Gives what was found; nothing where there were no values.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn found(&self) -> Option<Found> {
        let short = self.short.iter().enumerate().map(|(length, count)| (length as u64, *count));
        let long = self.long.iter().enumerate().map(|(power, count)| (1_u64 << power, *count));
        let mut before = 0;
        let median = short.chain(long).find(|(_, count)| {
            before += count;
            before * 2 >= self.count
        });
        (self.count > 0).then(|| Found {
            minimum: self.least,
            maximum: self.most,
            mean: self.sum as f64 / self.count as f64,
            median: median.map_or(0, |(length, _)| length),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_merged() {
        let mut left = Lengths::default();
        left.add(3, 2);
        let mut right = Lengths::default();
        right.add(5, 1);
        right.add(1000, 1);
        let mut whole = left.clone();
        whole.merge(&right);
        right.merge(&left);
        assert_eq!(whole, right);
        assert_eq!(whole.found(), Some(Found { minimum: 3, maximum: 1000, mean: 252.75, median: 3 }));
        assert_eq!(Lengths::default().found(), None);
    }
}
