//! Sum and mean: exact for integers and decimals, compensated (Neumaier) for floats.

use arrow_array::Array;
use arrow_buffer::i256;

use crate::analyze::{Metric, Observed};
use crate::frame::Mask;
use crate::frame::judge::units::{each_float, each_unit, scale_of};
use crate::model::Literal;

/// Adds up the values that are not NULL.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    /// Values added, those not finite included.
    pub count: u64,
    /// NaN and infinities.
    pub not_finite: u64,
    exact: i256,
    scale: u8,
    float: f64,
    /// What the float sum lost to rounding.
    lost: f64,
    is_float: bool,
}

impl Sum {
    /// Gives the sum; nothing where there were no values, NaN where one was not finite.
    #[must_use]
    pub fn sum(&self) -> Observed {
        self.divided(1)
    }

    /// Gives the mean, as [`Sum::sum`].
    #[must_use]
    pub fn mean(&self) -> Observed {
        self.divided(self.count)
    }

    #[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    fn divided(&self, denominator: u64) -> Observed {
        if self.count == 0 {
            Observed::Nothing
        } else if self.not_finite > 0 {
            Observed::Value(Literal::Float(f64::NAN))
        } else if self.is_float {
            Observed::Value(Literal::Float((self.float + self.lost) / denominator as f64))
        } else {
            Observed::Ratio { numerator: self.exact, denominator, scale: self.scale }
        }
    }

    fn add_float(&mut self, value: f64) {
        let total = self.float + value;
        self.lost +=
            if self.float.abs() >= value.abs() { (self.float - total) + value } else { (value - total) + self.float };
        self.float = total;
    }
}

impl Metric for Sum {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        let mut sum = *self;
        // 2^63 values of 38 digits still fit 256 bits.
        let exact = each_unit(array, rows, |_, value| {
            sum.count += 1;
            sum.exact = sum.exact.wrapping_add(i256::from_i128(value));
        });
        if exact {
            sum.scale = scale_of(array);
        } else {
            sum.is_float |= each_float(array, rows, |_, value| {
                sum.count += 1;
                if value.is_finite() {
                    sum.add_float(value);
                } else {
                    sum.not_finite += 1;
                }
            });
        }
        *self = sum;
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.not_finite += other.not_finite;
        self.exact = self.exact.wrapping_add(other.exact);
        self.scale = self.scale.max(other.scale);
        self.add_float(other.float);
        self.lost += other.lost;
        self.is_float |= other.is_float;
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Decimal128Array, Float64Array, Int64Array, UInt64Array};
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::fixture::three_ways;

    #[test]
    fn sums_beyond_their_type_are_exact() {
        let array = UInt64Array::from(vec![Some(u64::MAX), None, Some(u64::MAX)]);
        for sum in three_ways(Sum::default, &array) {
            assert_eq!(sum.sum().to_string(), "36893488147419103230");
            assert_eq!(sum.mean().to_string(), "1.8446744073709552e19");
        }
        let big = i128::pow(10, 38) - 1;
        let array = Decimal128Array::from(vec![big; 5]).with_precision_and_scale(38, 2).unwrap();
        for sum in three_ways(Sum::default, &array) {
            assert_eq!(sum.sum().to_string(), "4999999999999999999999999999999999999.95");
        }
    }

    #[test]
    fn floats_are_compensated_and_refuse_nan() {
        let array = Float64Array::from(vec![1.0, 1e100, 1.0, -1e100]);
        for sum in three_ways(Sum::default, &array) {
            assert_eq!(sum.sum().to_string(), "2");
        }
        for sum in three_ways(Sum::default, &Float64Array::from(vec![1.0, f64::INFINITY])) {
            assert_eq!((sum.sum().to_string().as_str(), sum.not_finite), ("NaN", 1));
        }
    }

    #[test]
    fn no_values_have_no_sum() {
        for array in [Int64Array::from(vec![None, None]), Int64Array::from(Vec::<i64>::new())] {
            for sum in three_ways(Sum::default, &array) {
                assert_eq!((sum.sum(), sum.mean()), (Observed::Nothing, Observed::Nothing));
            }
        }
    }

    proptest! {
        #[test]
        fn float_sums_do_not_depend_on_batches(values in proptest::collection::vec(-1e12f64..1e12, 1..50)) {
            let [whole, single, _] = three_ways(Sum::default, &Float64Array::from(values));
            prop_assert_eq!(whole, single);
        }
    }
}
