//! Rows as wholes: which columns are NULL together, and a sample of rows for correlations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analyze::profile::hash::mix;

/// Patterns kept of a table, and of a batch.
const PATTERNS: usize = 256;
/// Rows of the sample that correlations are computed from.
const PAIR_ROWS: usize = 2048;
/// Different rows that are told apart exactly; beyond, duplicates are estimated from as many.
pub const ROWS: usize = 1 << 18;
/// Of these, so many are saved.
pub const SAVED_ROWS: usize = 4096;

/// Counts patterns of missing values: which columns are NULL in a row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Patterns {
    /// Columns, ascending, and rows.
    #[serde(with = "pairs")]
    pub counts: BTreeMap<Vec<u32>, u64>,
    /// Rows of patterns that were left out.
    pub lost: u64,
}

/// JSON has no keys but texts.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(map: &BTreeMap<Vec<u32>, u64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Vec<u32>, u64>, D::Error> {
        Ok(Vec::<(Vec<u32>, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Patterns {
    /// Finds the patterns of a batch: for each column the rows without a value, ascending; and all the batch's rows.
    #[must_use]
    pub fn of(missing: &[(u32, Vec<u32>)], rows: u64, last_row: usize) -> Self {
        let mut patterns = Self::default();
        if missing.iter().all(|(_, rows)| rows.is_empty()) {
            if rows > 0 {
                patterns.counts.insert(Vec::new(), rows);
            }
            return patterns;
        }
        let mut keys = vec![0_u64; last_row];
        for (column, rows) in missing {
            for row in rows {
                if let Some(key) = keys.get_mut(*row as usize) {
                    *key ^= mix(u64::from(*column) + 1);
                }
            }
        }
        let mut found: BTreeMap<u64, (usize, u64)> = BTreeMap::new();
        let mut complete = rows;
        for (row, key) in keys.iter().enumerate().filter(|(_, key)| **key != 0) {
            found.entry(*key).or_insert((row, 0)).1 += 1;
            complete = complete.saturating_sub(1);
        }
        for (row, count) in found.into_values() {
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            let columns =
                missing.iter().filter(|(_, rows)| rows.binary_search(&row).is_ok()).map(|(column, _)| *column);
            *patterns.counts.entry(columns.collect()).or_default() += count;
        }
        if complete > 0 {
            patterns.counts.insert(Vec::new(), complete);
        }
        patterns.cut();
        patterns
    }

    /// Takes the patterns of other rows, whose columns have other numbers here; `also` are those that none of them has.
    pub fn merge(&mut self, other: &Self, number: impl Fn(u32) -> Option<u32>, also: &[u32]) {
        for (columns, rows) in &other.counts {
            let mut columns: Vec<u32> =
                columns.iter().filter_map(|column| number(*column)).chain(also.iter().copied()).collect();
            columns.sort_unstable();
            columns.dedup();
            *self.counts.entry(columns).or_default() += rows;
        }
        self.lost += other.lost;
        self.cut();
    }

    /// Adds a column that no row had so far.
    pub fn lacked(&mut self, column: u32) {
        let counts = std::mem::take(&mut self.counts);
        for (mut columns, rows) in counts {
            columns.push(column);
            columns.sort_unstable();
            columns.dedup();
            *self.counts.entry(columns).or_default() += rows;
        }
    }

    fn cut(&mut self) {
        if self.counts.len() <= PATTERNS {
            return;
        }
        let mut all: Vec<(Vec<u32>, u64)> = std::mem::take(&mut self.counts).into_iter().collect();
        all.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        self.lost += all.drain(PATTERNS..).map(|(_, rows)| rows).sum::<u64>();
        self.counts = all.into_iter().collect();
    }

    /// Gives the most frequent patterns.
    #[must_use]
    pub fn heaviest(&self, most: usize) -> Vec<(&[u32], u64)> {
        let mut all: Vec<(&[u32], u64)> =
            self.counts.iter().map(|(columns, rows)| (columns.as_slice(), *rows)).collect();
        all.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
        all.truncate(most);
        all
    }
}

/// Rows chosen by the hash of their number, so that any way of cutting a table gives the same ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    /// Hash and the numbers of the row, NaN where there is none; ascending.
    rows: Vec<(u64, Vec<f64>)>,
    limit: u64,
}

impl Default for Pairs {
    fn default() -> Self {
        Self { rows: Vec::new(), limit: u64::MAX }
    }
}

impl Pairs {
    /// Chooses rows of a batch: hash and index, ascending by hash.
    #[must_use]
    pub fn choose(first: u64, rows: usize, limit: u64, readable: impl Fn(usize) -> bool) -> Vec<(u64, usize)> {
        let hashed = (0..rows).map(|row| (mix(first + row as u64), row));
        let mut chosen: Vec<(u64, usize)> = hashed.filter(|(hash, row)| *hash < limit && readable(*row)).collect();
        // One too many tells the sample where its bound lies.
        if chosen.len() > PAIR_ROWS + 1 {
            chosen.select_nth_unstable(PAIR_ROWS + 1);
            chosen.truncate(PAIR_ROWS + 1);
        }
        chosen.sort_unstable();
        chosen
    }

    /// Gives the bound above which rows are of no interest any more.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Takes a row.
    pub fn add(&mut self, hash: u64, numbers: Vec<f64>) {
        if hash < self.limit {
            let at = self.rows.partition_point(|(other, _)| *other < hash);
            self.rows.insert(at, (hash, numbers));
            if self.rows.len() > PAIR_ROWS {
                self.limit = self.rows.pop().map_or(self.limit, |(hash, _)| hash);
            }
        }
    }

    /// Tells whether every row is in the sample.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.limit == u64::MAX
    }

    /// Gives the numbers of a column, one a row of the sample.
    pub fn column(&self, column: usize) -> Vec<f64> {
        self.rows.iter().map(|(_, numbers)| numbers.get(column).copied().unwrap_or(f64::NAN)).collect()
    }
}

/// Gives Pearson's and Spearman's coefficients and the rows that have both numbers; nothing below 10 of them or where
/// one is constant.
#[must_use]
pub fn correlate(left: &[f64], right: &[f64]) -> Option<(f64, f64, usize)> {
    let both: Vec<(f64, f64)> =
        left.iter().copied().zip(right.iter().copied()).filter(|(x, y)| !x.is_nan() && !y.is_nan()).collect();
    if both.len() < 10 {
        return None;
    }
    let (xs, ys): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    let pearson = pearson(&xs, &ys)?;
    let spearman = self::pearson(&ranked(&xs), &ranked(&ys))?;
    Some((pearson, spearman, both.len()))
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
fn pearson(xs: &[f64], ys: &[f64]) -> Option<f64> {
    let n = xs.len() as f64;
    let (mean_x, mean_y) = (xs.iter().sum::<f64>() / n, ys.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in xs.iter().zip(ys) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    let found = xy / (xx.sqrt() * yy.sqrt());
    found.is_finite().then(|| found.clamp(-1.0, 1.0))
}

/// Gives each value's rank; equal ones share theirs.
#[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
fn ranked(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|left, right| values[*left].total_cmp(&values[*right]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while let Some(first) = order.get(from) {
        let ties = order[from..].iter().take_while(|at| values[**at].total_cmp(&values[*first]).is_eq()).count();
        let rank = from as f64 + (ties as f64 - 1.0) / 2.0;
        order[from..from + ties].iter().for_each(|at| ranks[*at] = rank);
        from += ties;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_missing_together_are_counted() {
        let patterns = Patterns::of(&[(0, vec![1, 3]), (1, vec![3]), (2, vec![])], 5, 5);
        assert_eq!(patterns.heaviest(9), [(&[][..], 3), (&[0][..], 1), (&[0, 1][..], 1)]);
        let mut merged = patterns.clone();
        merged.merge(&patterns, |column| Some(column + 1), &[0]);
        assert_eq!(merged.counts[&vec![0, 1, 2]], 1);
        assert_eq!(merged.counts[&vec![0]], 4);
        merged.lacked(9);
        assert!(merged.counts.keys().all(|columns| columns.ends_with(&[9])));
    }

    #[test]
    fn coefficients_of_known_rows() {
        let xs: Vec<f64> = (0..50).map(f64::from).collect();
        let (pearson, spearman, rows) = correlate(&xs, &xs.iter().map(|x| x.powi(3)).collect::<Vec<_>>()).unwrap();
        assert!(rows == 50 && (0.9..0.95).contains(&pearson) && (spearman - 1.0).abs() < 1e-12, "{pearson} {spearman}");
        assert_eq!(correlate(&xs, &[1.0; 50]), None);
        assert_eq!(ranked(&[3.0, 1.0, 3.0]), [1.5, 0.0, 1.5]);
    }

    #[test]
    fn the_sample_of_rows_does_not_depend_on_cuts() {
        let of = |cuts: &[usize]| {
            let (mut pairs, mut first) = (Pairs::default(), 0);
            for rows in cuts {
                for (hash, row) in Pairs::choose(first as u64, *rows, pairs.limit(), |_| true) {
                    pairs.add(hash, vec![(first + row) as f64]);
                }
                first += rows;
            }
            pairs
        };
        assert_eq!(of(&[10_000]), of(&[1, 4999, 3000, 2000]));
        assert_eq!(of(&[100]).column(0).len(), 100);
    }
}
