//! Spread: sample standard deviation, from exact sums of squares where they fit, by Welford's recurrence otherwise.

use arrow_array::Array;
use arrow_buffer::i256;

use crate::analyze::observed::ratio;
use crate::analyze::{Metric, Observed};
use crate::frame::Mask;
use crate::frame::judge::number::nearest_float;
use crate::frame::judge::units::{each_float, each_unit, scale_of};
use crate::model::Literal;

/// Gathers count, mean and spread of the values that are not NULL.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// Values taken, those not finite included.
    pub count: u64,
    /// NaN and infinities.
    pub not_finite: u64,
    /// Of the finite values; 0 where there are none.
    mean: f64,
    /// Sum of the squared distances to the mean.
    distances: f64,
    exact: Exact,
}

/// Sums of whole units and of their squares.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Exact {
    sum: i256,
    squares: i256,
    scale: u8,
    /// The squares did not fit, or the values are floats.
    lost: bool,
}

impl Moments {
    /// Gives the sample standard deviation (n - 1); nothing below two values, NaN where one was not finite.
    #[must_use]
    pub fn stddev(&self) -> Observed {
        if self.count < 2 {
            return Observed::Nothing;
        }
        if self.not_finite > 0 {
            return Observed::Value(Literal::Float(f64::NAN));
        }
        let variance = self.exact.variance(self.count).unwrap_or_else(|| self.distances / float(self.count - 1));
        Observed::Value(Literal::Float(variance.sqrt()))
    }

    fn add(&mut self, value: f64) {
        let n = float(self.count - self.not_finite);
        let distance = value - self.mean;
        self.mean += distance / n;
        self.distances += distance * (value - self.mean);
    }
}

impl Exact {
    fn add(&mut self, unit: i128) {
        let wide = i256::from_i128(unit);
        self.sum = self.sum.wrapping_add(wide);
        match wide.checked_mul(wide).and_then(|square| self.squares.checked_add(square)) {
            Some(squares) => self.squares = squares,
            None => self.lost = true,
        }
    }

    /// `(n * squares - sum^2) / (n * (n - 1))`, rounded only at the end.
    fn variance(&self, count: u64) -> Option<f64> {
        if self.lost {
            return None;
        }
        let n = i256::from_i128(i128::from(count));
        let numerator = self.squares.checked_mul(n)?.checked_sub(self.sum.checked_mul(self.sum)?)?;
        let denominator = count.checked_mul(count - 1)?;
        Some(ratio(numerator, denominator, self.scale.checked_mul(2)?))
    }
}

impl Metric for Moments {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        let mut moments = *self;
        let scale = scale_of(array);
        let exact = each_unit(array, rows, |_, unit| {
            moments.count += 1;
            moments.exact.add(unit);
            moments.add(nearest_float(unit, scale));
        });
        if exact {
            moments.exact.scale = scale;
        } else {
            moments.exact.lost |= each_float(array, rows, |_, value| {
                moments.count += 1;
                if value.is_finite() {
                    moments.add(value);
                } else {
                    moments.not_finite += 1;
                }
            });
        }
        *self = moments;
    }

    fn merge(&mut self, other: Self) {
        let (n, m) = (float(self.count - self.not_finite), float(other.count - other.not_finite));
        if m > 0.0 {
            let distance = other.mean - self.mean;
            self.mean += distance * m / (n + m);
            self.distances += other.distances + distance * distance * n * m / (n + m);
        }
        self.count += other.count;
        self.not_finite += other.not_finite;
        self.exact.sum = self.exact.sum.wrapping_add(other.exact.sum);
        match self.exact.squares.checked_add(other.exact.squares) {
            Some(squares) => self.exact.squares = squares,
            None => self.exact.lost = true,
        }
        self.exact.scale = self.exact.scale.max(other.exact.scale);
        self.exact.lost |= other.exact.lost;
    }
}

#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use arrow_array::{Decimal128Array, Float64Array, Int64Array};
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::fixture::three_ways;

    #[test]
    fn the_sample_deviation_of_known_values() {
        let array =
            Int64Array::from(vec![Some(2), Some(4), None, Some(4), Some(4), Some(5), Some(5), Some(7), Some(9)]);
        for moments in three_ways(Moments::default, &array) {
            assert_eq!(moments.stddev(), Observed::Value(Literal::Float((32.0f64 / 7.0).sqrt())));
        }
        let cents = Decimal128Array::from(vec![100, 300]).with_precision_and_scale(5, 2).unwrap();
        for moments in three_ways(Moments::default, &cents) {
            assert_eq!(moments.stddev(), Observed::Value(Literal::Float(2f64.sqrt())));
        }
    }

    #[test]
    fn large_offsets_do_not_drown_the_spread() {
        let base = 1i64 << 62;
        for moments in three_ways(Moments::default, &Int64Array::from(vec![base, base + 1, base + 2])) {
            assert_eq!(moments.stddev(), Observed::Value(Literal::Float(1.0)));
        }
        let huge = i128::pow(10, 38) - 1;
        let signs = vec![huge, -huge, huge, -huge, huge, -huge, huge, -huge];
        let array = Decimal128Array::from(signs).with_precision_and_scale(38, 0).unwrap();
        for moments in three_ways(Moments::default, &array) {
            let Observed::Value(Literal::Float(found)) = moments.stddev() else { panic!() };
            assert!((found / 1.069_044_967_649_698e38 - 1.0).abs() < 1e-12, "{found}");
        }
    }

    #[test]
    fn too_few_values_have_no_spread() {
        for array in [Int64Array::from(vec![Some(1), None]), Int64Array::from(Vec::<i64>::new())] {
            assert_eq!(three_ways(Moments::default, &array).map(|m| m.stddev()), [const { Observed::Nothing }; 3]);
        }
        let nan = Float64Array::from(vec![1.0, f64::NAN]);
        assert_eq!(three_ways(Moments::default, &nan)[2].stddev().to_string(), "NaN");
    }

    proptest! {
        #[test]
        fn merged_floats_agree_with_the_whole(values in proptest::collection::vec(-1e6f64..1e6, 2..60)) {
            let [whole, single, merged] = three_ways(Moments::default, &Float64Array::from(values));
            prop_assert_eq!(whole, single);
            let (a, b) = (whole.stddev().to_f64().unwrap(), merged.stddev().to_f64().unwrap());
            prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0));
        }
    }
}
