//! Drift: how far the values of one column are apart in two states, by their sketches alone.

use crate::analyze::profile::column::{Column, shown};
use crate::analyze::profile::finish::resolve::{Sort, ordered, resolve};

/// Steps that numbers are compared in.
const STEPS: usize = 10;
/// A share of nothing would be infinitely far from any other.
const LEAST: f64 = 1e-4;
/// Values named.
const NAMED: usize = 10;

/// How far two columns are apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distance {
    /// Population stability index.
    pub psi: Option<f64>,
    /// Largest distance of the distribution functions.
    pub ks: Option<f64>,
    /// Values of the second that the first has not, most frequent first; only where all of the first's are known.
    pub new: Vec<(String, u64)>,
    /// Values of the first that the second has not.
    pub lost: Vec<(String, u64)>,
}

/// Compares two columns.
#[must_use]
pub fn distance(before: &Column, after: &Column) -> Distance {
    let (one, other) = (resolve(before), resolve(after));
    let numeric = |sort: Sort| matches!(sort, Sort::Number | Sort::Moment(_) | Sort::List);
    let mut found = Distance::default();
    if numeric(one.sort) && numeric(other.sort) {
        let (left, right) = (ordered(before, &one).sample, ordered(after, &other).sample);
        found.ks = ks(&left, &right);
        found.psi = psi_of_numbers(&left, &right);
    }
    let (few, all) = (
        before.frequent.is_exact() && after.frequent.is_exact(),
        before.count > before.nulls && after.count > after.nulls,
    );
    let categories = before.frequent.values().count().max(after.frequent.values().count());
    if few && all && categories <= 1000 && one.sort != Sort::Number {
        if found.psi.is_none() {
            found.psi = Some(psi_of_categories(before, after));
        }
        found.new = only(after, before);
        found.lost = only(before, after);
    }
    found
}

/// Values of one column that the other has not.
fn only(of: &Column, not: &Column) -> Vec<(String, u64)> {
    let there: std::collections::BTreeSet<&[u8]> = not.frequent.values().map(|(text, _)| text).collect();
    let all = of.frequent.heaviest(usize::MAX);
    let missing = all.into_iter().filter(|(text, _)| !there.contains(text));
    missing.take(NAMED).map(|(text, count)| (shown(text), count)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn psi_of_categories(before: &Column, after: &Column) -> f64 {
    let mut shares: std::collections::BTreeMap<&[u8], (u64, u64)> = std::collections::BTreeMap::new();
    before.frequent.values().for_each(|(text, count)| shares.entry(text).or_default().0 += count);
    after.frequent.values().for_each(|(text, count)| shares.entry(text).or_default().1 += count);
    let (all, others) = shares.values().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let parts: Vec<(f64, f64)> = shares
        .values()
        .map(|(count, other)| (*count as f64 / all.max(1) as f64, *other as f64 / others.max(1) as f64))
        .collect();
    psi(&parts)
}

/// Compares over steps that hold a tenth of the first each.
fn psi_of_numbers(left: &[(f64, u64)], right: &[(f64, u64)]) -> Option<f64> {
    if left.is_empty() || right.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "ten steps")]
    let edge = |step: usize| crate::analyze::profile::ranks::quantile(left, step as f64 / STEPS as f64);
    let mut edges: Vec<f64> = (1..STEPS).filter_map(edge).collect();
    edges.dedup_by(|one, other| one.total_cmp(other).is_eq());
    let one = shares(left, &edges);
    let other = shares(right, &edges);
    Some(psi(&one.into_iter().zip(other).collect::<Vec<_>>()))
}

/// Gives the part of the values up to each edge, and beyond the last.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn shares(sample: &[(f64, u64)], edges: &[f64]) -> Vec<f64> {
    let mut counts = vec![0_u64; edges.len() + 1];
    for (value, weight) in sample {
        counts[edges.partition_point(|edge| edge < value)] += weight;
    }
    let total: u64 = counts.iter().sum();
    counts.into_iter().map(|count| count as f64 / total.max(1) as f64).collect()
}

fn psi(parts: &[(f64, f64)]) -> f64 {
    let term = |(one, other): &(f64, f64)| {
        let (one, other) = (one.max(LEAST), other.max(LEAST));
        (other - one) * (other / one).ln()
    };
    parts.iter().map(term).sum()
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn ks(left: &[(f64, u64)], right: &[(f64, u64)]) -> Option<f64> {
    let total = |sample: &[(f64, u64)]| sample.iter().map(|(_, weight)| weight).sum::<u64>() as f64;
    let (all, others) = (total(left), total(right));
    if all <= 0.0 || others <= 0.0 {
        return None;
    }
    let (mut one, mut other, mut worst) = (0.0, 0.0, 0.0_f64);
    let (mut lefts, mut rights) = (left.iter().peekable(), right.iter().peekable());
    while let Some(next) =
        [lefts.peek(), rights.peek()].into_iter().flatten().map(|(value, _)| *value).min_by(f64::total_cmp)
    {
        while let Some((_, weight)) = lefts.next_if(|(value, _)| *value <= next) {
            one += *weight as f64 / all;
        }
        while let Some((_, weight)) = rights.next_if(|(value, _)| *value <= next) {
            other += *weight as f64 / others;
        }
        worst = worst.max((one - other).abs());
    }
    Some(worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: impl Iterator<Item = u32>) -> Vec<(f64, u64)> {
        values.map(|value| (f64::from(value), 1)).collect()
    }

    #[test]
    fn distances_of_known_samples() {
        let (left, right) = (sample(0..1000), sample(500..1500));
        assert_eq!(ks(&left, &left), Some(0.0));
        assert!((ks(&left, &right).unwrap() - 0.5).abs() < 1e-9);
        assert!(psi_of_numbers(&left, &left).unwrap().abs() < 1e-9);
        assert!(psi_of_numbers(&left, &right).unwrap() > 1.0);
        assert_eq!(ks(&left, &[]), None);
        // By hand: (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5)
        assert!((psi(&[(0.5, 0.6), (0.5, 0.4)]) - 0.040_546_5).abs() < 1e-6);
    }
}
