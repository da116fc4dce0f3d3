//! Quantiles, exact: all values are kept. Between two ranks R's type 7 interpolates.

use arrow_array::Array;
use arrow_schema::DataType as Arrow;

use crate::analyze::extremes::unit_literal;
use crate::analyze::observed::ratio;
use crate::analyze::{Metric, Observed};
use crate::frame::Mask;
use crate::frame::judge::number::{DAY, lift};
use crate::frame::judge::units::{each_float, each_unit};
use crate::model::Literal;

/// Keeps all values that are neither NULL nor, for floats, NaN or infinite.
#[derive(Debug, Clone, Default)]
pub struct Quantiles {
    /// NaN and infinities.
    pub not_finite: u64,
    units: Vec<i128>,
    floats: Vec<f64>,
    /// A value of the column's type, to know it by.
    sample: Option<Literal>,
}

impl Quantiles {
    /// Gives the value below which the share `at` (0 to 1) of the values lies; nothing where there are none, NaN where
    /// one was not finite. Of integers, decimals and moments it is exact at a rank and half-way between two.
    #[must_use]
    pub fn quantile(&mut self, at: f64) -> Observed {
        if self.not_finite > 0 {
            return Observed::Value(Literal::Float(f64::NAN));
        }
        if let Some(sample) = self.sample.clone() {
            self.units.sort_unstable();
            return Place::new(self.units.len(), at).map_or(Observed::Nothing, |place| {
                let (low, high) = (self.units[place.low], self.units[place.high]);
                between(&sample, low, high, place.share)
            });
        }
        self.floats.sort_unstable_by(f64::total_cmp);
        Place::new(self.floats.len(), at).map_or(Observed::Nothing, |place| {
            let (low, high) = (self.floats[place.low], self.floats[place.high]);
            let value = if place.share == 0.0 { low } else { place.share.mul_add(high - low, low) };
            Observed::Value(Literal::Float(value))
        })
    }
}

/// Two neighbouring ranks and how far the quantile lies between them.
struct Place {
    low: usize,
    high: usize,
    share: f64,
}

impl Place {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank lies between 0 and the number of values, far below 2^53"
    )]
    fn new(count: usize, at: f64) -> Option<Self> {
        let last = count.checked_sub(1)?;
        let rank = last as f64 * at.clamp(0.0, 1.0);
        // 9 times 0.1 is to be rank 0.9, 10 times 0.1 rank 1, whatever the last bit says.
        let near = rank.round();
        let rank = if (rank - near).abs() <= 4.0 * f64::EPSILON * near.max(1.0) { near } else { rank };
        let low = (rank.floor() as usize).min(last);
        Some(Self { low, high: (low + 1).min(last), share: rank - low as f64 })
    }
}

/// Interpolates between two units of the sample's type. A quantile between two days is a moment.
#[expect(clippy::float_cmp, reason = "0 and a half are exact shares")]
fn between(sample: &Literal, low: i128, high: i128, share: f64) -> Observed {
    let scale = if let Literal::Decimal { scale, .. } = sample { *scale } else { 0 };
    if share == 0.0 || low == high {
        return Observed::Value(match sample {
            Literal::Decimal { .. } => Literal::Decimal { unscaled: low, scale },
            Literal::Date(_) => Literal::Date(i32::try_from(low).unwrap_or(i32::MAX)),
            Literal::Time(_) => Literal::Time(i64::try_from(low).unwrap_or(i64::MAX)),
            Literal::Timestamp(_) => Literal::Timestamp(i64::try_from(low).unwrap_or(i64::MAX)),
            _ => Literal::Int(low),
        });
    }
    let moment = |low: i128, high: i128| low + whole(to_float(high - low) * share);
    match sample {
        Literal::Date(_) => {
            let day = i128::from(DAY);
            Observed::Value(Literal::Timestamp(i64::try_from(moment(low * day, high * day)).unwrap_or(i64::MAX)))
        }
        Literal::Time(_) => Observed::Value(Literal::Time(i64::try_from(moment(low, high)).unwrap_or(i64::MAX))),
        Literal::Timestamp(_) => {
            Observed::Value(Literal::Timestamp(i64::try_from(moment(low, high)).unwrap_or(i64::MAX)))
        }
        _ if share == 0.5 => match (lift(low, 0), lift(high, 0)) {
            (Some(low), Some(high)) => Observed::Ratio { numerator: low.wrapping_add(high), denominator: 2, scale },
            _ => Observed::Nothing,
        },
        _ => {
            let ends = [low, high].map(|unit| lift(unit, 0).map_or(f64::NAN, |unit| ratio(unit, 1, scale)));
            Observed::Value(Literal::Float(share.mul_add(ends[1] - ends[0], ends[0])))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a part of a microsecond is lost on purpose")]
const fn to_float(value: i128) -> f64 {
    value as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a span of moments fits; parts of a microsecond are cut off")]
const fn whole(value: f64) -> i128 {
    value as i128
}

impl Metric for Quantiles {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        let exact = each_unit(array, rows, |_, unit| self.units.push(unit));
        if exact {
            self.sample.get_or_insert_with(|| unit_literal(array, 0));
        } else if matches!(array.data_type(), Arrow::Float32 | Arrow::Float64) {
            each_float(array, rows, |_, value| {
                if value.is_finite() {
                    self.floats.push(value);
                } else {
                    self.not_finite += 1;
                }
            });
        }
    }

    fn merge(&mut self, other: Self) {
        self.not_finite += other.not_finite;
        self.units.extend(other.units);
        self.floats.extend(other.floats);
        self.sample = self.sample.take().or(other.sample);
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::*;

    use super::*;
    use crate::analyze::fixture::three_ways;

    fn quantile(array: &dyn Array, at: f64) -> String {
        let found = three_ways(Quantiles::default, array).map(|mut quantiles| quantiles.quantile(at).to_string());
        assert!(found.iter().all(|text| *text == found[0]), "{found:?}");
        found[0].clone()
    }

    #[test]
    fn ranks_are_interpolated_as_in_r() {
        let array = Int64Array::from(vec![Some(4), Some(1), None, Some(3), Some(2)]);
        assert_eq!(quantile(&array, 0.0), "1");
        assert_eq!(quantile(&array, 0.25), "1.75");
        assert_eq!(quantile(&array, 0.5), "2.5");
        assert_eq!(quantile(&array, 1.0), "4");
        let eleven = Int64Array::from_iter_values(0..11);
        for tenth in 0..=10 {
            assert_eq!(quantile(&eleven, f64::from(tenth) / 10.0), tenth.to_string());
        }
        assert_eq!(quantile(&Float64Array::from(vec![1.0, 2.0]), 0.5), "1.5");
        assert_eq!(quantile(&Float64Array::from(vec![7.5]), 0.9), "7.5");
    }

    #[test]
    fn medians_are_exact() {
        let big = i64::MAX;
        let mut quantiles = Quantiles::default();
        quantiles.update(&Int64Array::from(vec![big, big - 1]), &Mask::full(2));
        let context = crate::model::Context { today: 0, now: 0 };
        let half = Literal::Decimal { unscaled: i128::from(big) * 10 - 5, scale: 1 };
        assert_eq!(quantiles.quantile(0.5).order(&half, &context), Some(std::cmp::Ordering::Equal));
        let cents = Decimal128Array::from(vec![100, 101]).with_precision_and_scale(5, 2).unwrap();
        assert_eq!(quantile(&cents, 0.5), "1.005");
        assert_eq!(quantile(&cents, 1.0), "1.01");
    }

    #[test]
    fn moments_have_quantiles_too() {
        let days = Date32Array::from(vec![0, 1]);
        assert_eq!(quantile(&days, 1.0), "1970-01-02");
        assert_eq!(quantile(&days, 0.5), "1970-01-01 12:00:00");
        assert_eq!(quantile(&Time64MicrosecondArray::from(vec![0, 2_000_000]), 0.5), "00:00:01");
    }

    #[test]
    fn nothing_and_nan() {
        assert_eq!(quantile(&Int64Array::from(vec![None, None]), 0.5), "no values");
        assert_eq!(quantile(&Float64Array::from(Vec::<f64>::new()), 0.5), "no values");
        assert_eq!(quantile(&Float64Array::from(vec![1.0, f64::NAN]), 0.5), "NaN");
    }
}
