//! Numbers: sums, spread, signs, digits, ranks and both ends.
//!
//! Integers and decimals are added up exactly, scale by scale; mean and deviation are rounded once. Where a number has
//! more digits than fit, or an exponent, the rest is done in floats.

use arrow_buffer::i256;
use serde::{Deserialize, Serialize};

use crate::analyze::observed::{ratio, wide_decimal_text};
use crate::analyze::profile::ranks::{Ranks, key};

/// How many of the lowest and of the highest values are kept.
pub const ENDS: usize = 16;

/// One number as it was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    pub value: f64,
    /// The digits without the point, and how many of them stand behind it; absent where they do not fit.
    pub exact: Option<(i64, u8)>,
    /// Digits before the point, zeros in front left out.
    pub whole_digits: u8,
    pub scale: u8,
}

/// Gathers the numbers of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    pub count: u64,
    pub zeros: u64,
    pub negatives: u64,
    pub scale: u8,
    pub whole_digits: u8,
    sums: Vec<Sum>,
    /// Some number took no part in the exact sums.
    lost: bool,
    #[serde(deserialize_with = "or_nan")]
    mean: f64,
    #[serde(deserialize_with = "or_nan")]
    distances: f64,
    pub ranks: Ranks,
}

/// Exact sums of the numbers of one scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Sum {
    scale: u8,
    #[serde(with = "as_text")]
    units: i128,
    #[serde(with = "as_text")]
    squares: i128,
}

/// Reads a float that was too large to be written.
fn or_nan<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// Numbers beyond 53 bits are text in JSON.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Numbers {
    /// Takes a number that stands so often.
    #[inline]
    pub fn add(&mut self, number: &Number, weight: u64) {
        self.count += weight;
        if number.value == 0.0 {
            self.zeros += weight;
        } else if number.value < 0.0 {
            self.negatives += weight;
        }
        self.scale = self.scale.max(number.scale);
        self.whole_digits = self.whole_digits.max(number.whole_digits);
        match number.exact {
            Some((units, scale)) => self.add_exact(units, scale, weight),
            None => self.lost = true,
        }
        self.add_float(number.value, weight);
        self.ranks.add(number.value, weight);
    }

    #[inline]
    fn add_exact(&mut self, units: i64, scale: u8, weight: u64) {
        if self.lost {
            return;
        }
        let at = self.sums.partition_point(|sum| sum.scale < scale);
        if self.sums.get(at).is_none_or(|sum| sum.scale != scale) {
            self.sums.insert(at, Sum { scale, ..Sum::default() });
        }
        let (wide, weight) = (i128::from(units), i128::from(weight));
        let sum = &mut self.sums[at];
        let added = wide.checked_mul(weight).and_then(|part| sum.units.checked_add(part));
        let squared = (wide * wide).checked_mul(weight).and_then(|part| sum.squares.checked_add(part));
        match added.zip(squared) {
            Some((total, squares)) => (sum.units, sum.squares) = (total, squares),
            None => self.lost = true,
        }
    }

    /// Welford's recurrence with weights.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    fn add_float(&mut self, value: f64, weight: u64) {
        let distance = value - self.mean;
        let weight = weight as f64;
        self.mean += distance * weight / self.count as f64;
        self.distances += weight * distance * (value - self.mean);
    }

    /// Takes the numbers of other rows.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let distance = other.mean - self.mean;
        self.mean += distance * m / (n + m);
        self.distances += other.distances + distance * distance * n * m / (n + m);
        self.count += other.count;
        self.zeros += other.zeros;
        self.negatives += other.negatives;
        self.scale = self.scale.max(other.scale);
        self.whole_digits = self.whole_digits.max(other.whole_digits);
        self.lost |= other.lost;
        for theirs in &other.sums {
            match self.sums.iter_mut().find(|sum| sum.scale == theirs.scale) {
                Some(sum) => match sum.units.checked_add(theirs.units).zip(sum.squares.checked_add(theirs.squares)) {
                    Some((total, squares)) => (sum.units, sum.squares) = (total, squares),
                    None => self.lost = true,
                },
                None => self.sums.push(*theirs),
            }
        }
        self.sums.sort_by_key(|sum| sum.scale);
        self.ranks.merge(&other.ranks);
    }

    /// Gives the sums at one scale, as units and squares.
    fn exact(&self) -> Option<(i256, i256, u8)> {
        if self.lost {
            return None;
        }
        let scale = self.sums.iter().map(|sum| sum.scale).max()?;
        let ten = i256::from_i128(10);
        let (mut units, mut squares) = (i256::ZERO, i256::ZERO);
        for sum in &self.sums {
            let zeros = u32::from(scale - sum.scale);
            units = units.checked_add(i256::from_i128(sum.units).checked_mul(ten.checked_pow(zeros)?)?)?;
            squares = squares.checked_add(i256::from_i128(sum.squares).checked_mul(ten.checked_pow(2 * zeros)?)?)?;
        }
        Some((units, squares, scale))
    }

    /// Gives the exact sum as a decimal, where it is known.
    #[must_use]
    pub fn sum(&self) -> Option<String> {
        let (units, _, scale) = self.exact()?;
        Some(wide_decimal_text(units, scale))
    }

    /// Gives the mean; nothing where there are no numbers.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let exact = || self.exact().map(|(units, _, scale)| ratio(units, self.count, scale));
        (self.count > 0).then(|| exact().unwrap_or(self.mean)).filter(|mean| mean.is_finite())
    }

    /// Gives the sample standard deviation; nothing below two numbers.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn stddev(&self) -> Option<f64> {
        let exact = || {
            let (units, squares, scale) = self.exact()?;
            let n = i256::from_i128(i128::from(self.count));
            let numerator = squares.checked_mul(n)?.checked_sub(units.checked_mul(units)?)?;
            Some(ratio(numerator, self.count.checked_mul(self.count - 1)?, scale.checked_mul(2)?).sqrt())
        };
        let rough = || (self.distances / (self.count - 1) as f64).sqrt();
        (self.count > 1).then(|| exact().unwrap_or_else(rough)).filter(|found| found.is_finite())
    }
}

/// The lowest and highest different values of a batch, by their index.
#[derive(Debug, Clone, Default)]
pub struct Ends {
    /// Ascending.
    pub low: Vec<(i64, u32)>,
    /// Descending.
    pub high: Vec<(i64, u32)>,
}

impl Ends {
    /// Takes a value by its place among a batch's different ones. Values that are equal as numbers count once.
    #[inline]
    pub fn add(&mut self, value: f64, index: u32) {
        let key = key(value);
        if self.low.len() < ENDS || self.low.last().is_some_and(|(last, _)| key < *last) {
            let at = self.low.partition_point(|(other, _)| *other < key);
            if self.low.get(at).is_none_or(|(other, _)| *other != key) {
                self.low.insert(at, (key, index));
                self.low.truncate(ENDS);
            }
        }
        if self.high.len() < ENDS || self.high.last().is_some_and(|(last, _)| key > *last) {
            let at = self.high.partition_point(|(other, _)| *other > key);
            if self.high.get(at).is_none_or(|(other, _)| *other != key) {
                self.high.insert(at, (key, index));
                self.high.truncate(ENDS);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(units: i64, scale: u8) -> Number {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let value = units as f64 / 10_f64.powi(i32::from(scale));
        Number { value, exact: Some((units, scale)), whole_digits: 3, scale }
    }

    fn of(numbers: &[(i64, u8)]) -> Numbers {
        let mut all = Numbers::default();
        numbers.iter().for_each(|(units, scale)| all.add(&number(*units, *scale), 1));
        all
    }

    #[test]
    fn sums_are_exact_over_scales() {
        let numbers = of(&[(10, 1), (200, 2), (-5, 0)]);
        assert_eq!(numbers.sum().unwrap(), "-2.00");
        assert_eq!((numbers.zeros, numbers.negatives, numbers.scale), (0, 1, 2));
        assert_eq!(of(&[(1, 1); 10]).mean(), Some(0.1));
        assert_eq!((Numbers::default().mean(), of(&[(1, 0)]).stddev()), (None, None));
    }

    #[test]
    fn numbers_too_large_for_their_squares_are_saved() {
        let mut numbers = Numbers::default();
        let huge = |value| Number { value, exact: None, whole_digits: 0, scale: 0 };
        [1e308, -1e308, 1e308].into_iter().for_each(|value| numbers.add(&huge(value), 1));
        let back: Numbers = serde_json::from_str(&serde_json::to_string(&numbers).unwrap()).unwrap();
        assert_eq!((back.count, back.stddev()), (3, None));
    }

    proptest! {
        #[test]
        fn halves_make_the_whole(numbers in proptest::collection::vec((-10_000_i64..10_000, 0_u8..4), 2..80), cut in 0_usize..80) {
            let (left, right) = numbers.split_at(cut.min(numbers.len()));
            let whole = of(&numbers);
            let mut merged = of(left);
            merged.merge(&of(right));
            prop_assert_eq!(merged.sum(), whole.sum());
            prop_assert_eq!(merged.mean(), whole.mean());
            prop_assert_eq!(merged.stddev(), whole.stddev());
            let saved = serde_json::to_string(&whole).unwrap();
            prop_assert_eq!(serde_json::from_str::<Numbers>(&saved).unwrap().stddev(), whole.stddev());
            let floats: Vec<f64> = numbers.iter().map(|(units, scale)| number(*units, *scale).value).collect();
            let mean = floats.iter().sum::<f64>() / floats.len() as f64;
            let variance = floats.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (floats.len() - 1) as f64;
            prop_assert!((whole.mean().unwrap() - mean).abs() < 1e-6);
            prop_assert!((whole.stddev().unwrap() - variance.sqrt()).abs() < 1e-6);
            // The way of floats alone agrees.
            let mut lost = whole.clone();
            lost.lost = true;
            prop_assert!((lost.stddev().unwrap() - variance.sqrt()).abs() < 1e-6);
        }

        #[test]
        fn ends_are_the_lowest_and_highest(values in proptest::collection::vec(-50_i32..50, 1..100)) {
            let mut ends = Ends::default();
            values.iter().enumerate().for_each(|(index, value)| ends.add(f64::from(*value), index as u32));
            let mut sorted = values;
            sorted.sort_unstable();
            sorted.dedup();
            let low: Vec<i64> = sorted.iter().take(ENDS).map(|value| key(f64::from(*value))).collect();
            let high: Vec<i64> = sorted.iter().rev().take(ENDS).map(|value| key(f64::from(*value))).collect();
            prop_assert_eq!(ends.low.iter().map(|(key, _)| *key).collect::<Vec<_>>(), low);
            prop_assert_eq!(ends.high.iter().map(|(key, _)| *key).collect::<Vec<_>>(), high);
        }
    }
}
