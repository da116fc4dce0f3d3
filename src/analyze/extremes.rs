//! Extremes: the lowest and the highest value, in the order of the column's type (text by bytes).

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType as Arrow;

use crate::analyze::{Metric, Observed};
use crate::frame::Mask;
use crate::frame::judge::number::order_literals;
use crate::frame::judge::units::{each_float, each_unit, scale_of};
use crate::model::{Context, Literal};

/// Keeps the lowest and the highest value that is neither NULL nor, for floats, NaN or infinite.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extremes {
    /// NaN and infinities.
    pub not_finite: u64,
    ends: Option<(Literal, Literal)>,
}

impl Extremes {
    /// Gives the lowest value; nothing where there are none, NaN where one was not finite.
    #[must_use]
    pub fn minimum(&self) -> Observed {
        self.end(|(low, _)| low)
    }

    /// Gives the highest value, as [`Extremes::minimum`].
    #[must_use]
    pub fn maximum(&self) -> Observed {
        self.end(|(_, high)| high)
    }

    fn end(&self, pick: impl Fn(&(Literal, Literal)) -> &Literal) -> Observed {
        if self.not_finite > 0 {
            return Observed::Value(Literal::Float(f64::NAN));
        }
        self.ends.as_ref().map_or(Observed::Nothing, |ends| Observed::Value(pick(ends).clone()))
    }

    fn take(&mut self, low: Literal, high: Literal) {
        // No literal taken from data depends on the day of the run.
        const NEVER: Context = Context { today: 0, now: 0 };
        let Some((lowest, highest)) = &mut self.ends else {
            self.ends = Some((low, high));
            return;
        };
        if order_literals(&low, lowest, &NEVER) == Some(Ordering::Less) {
            *lowest = low;
        }
        if order_literals(&high, highest, &NEVER) == Some(Ordering::Greater) {
            *highest = high;
        }
    }

    fn take_bytes<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>, literal: impl Fn(&[u8]) -> Literal) {
        let ends = values.fold(None, |ends: Option<(&[u8], &[u8])>, value| match ends {
            None => Some((value, value)),
            Some((low, high)) => Some((low.min(value), high.max(value))),
        });
        if let Some((low, high)) = ends {
            self.take(literal(low), literal(high));
        }
    }
}

/// Gives the literal that whole units stand for in an array; [`Literal::Int`] where its type is not known.
#[must_use]
pub fn unit_literal(array: &dyn Array, unit: i128) -> Literal {
    let micros = || i64::try_from(unit).unwrap_or(i64::MAX);
    match array.data_type() {
        Arrow::Decimal128(_, _) => Literal::Decimal { unscaled: unit, scale: scale_of(array) },
        Arrow::Date32 => Literal::Date(i32::try_from(unit).unwrap_or(i32::MAX)),
        Arrow::Time64(_) => Literal::Time(micros()),
        Arrow::Timestamp(_, _) => Literal::Timestamp(micros()),
        _ => Literal::Int(unit),
    }
}

impl Metric for Extremes {
    fn update(&mut self, array: &dyn Array, rows: &Mask) {
        let marked = || rows.rows().filter(|row| array.is_valid(*row));
        if let Some(texts) = array.as_string_opt::<i32>() {
            let literal = |bytes: &[u8]| Literal::String(String::from_utf8_lossy(bytes).into_owned());
            self.take_bytes(marked().map(|row| texts.value(row).as_bytes()), literal);
        } else if let Some(bytes) = array.as_binary_opt::<i32>() {
            self.take_bytes(marked().map(|row| bytes.value(row)), |bytes| Literal::Binary(bytes.to_vec()));
        } else if let Some(flags) = array.as_boolean_opt() {
            for row in marked() {
                self.take(Literal::Bool(flags.value(row)), Literal::Bool(flags.value(row)));
            }
        } else {
            let mut units: Option<(i128, i128)> = None;
            each_unit(array, rows, |_, unit| {
                let (low, high) = units.unwrap_or((unit, unit));
                units = Some((low.min(unit), high.max(unit)));
            });
            if let Some((low, high)) = units {
                self.take(unit_literal(array, low), unit_literal(array, high));
            }
            let mut floats: Option<(f64, f64)> = None;
            each_float(array, rows, |_, value| {
                if value.is_finite() {
                    let (low, high) = floats.unwrap_or((value, value));
                    floats = Some((low.min(value), high.max(value)));
                } else {
                    self.not_finite += 1;
                }
            });
            if let Some((low, high)) = floats {
                self.take(Literal::Float(low), Literal::Float(high));
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.not_finite += other.not_finite;
        if let Some((low, high)) = other.ends {
            self.take(low, high);
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::*;

    use super::*;
    use crate::analyze::fixture::three_ways;

    fn ends(array: &dyn Array) -> (String, String) {
        let [whole, single, merged] = three_ways(Extremes::default, array);
        assert_eq!((&whole, &whole), (&single, &merged));
        (whole.minimum().to_string(), whole.maximum().to_string())
    }

    fn pair(low: &str, high: &str) -> (String, String) {
        (low.to_owned(), high.to_owned())
    }

    #[test]
    fn every_type_has_its_order() {
        assert_eq!(ends(&Int64Array::from(vec![Some(5), None, Some(-5)])), pair("-5", "5"));
        let prices = Decimal128Array::from(vec![150, -1]).with_precision_and_scale(5, 2).unwrap();
        assert_eq!(ends(&prices), pair("-0.01", "1.50"));
        assert_eq!(ends(&Float64Array::from(vec![0.5, -0.5])), pair("-0.5", "0.5"));
        assert_eq!(ends(&StringArray::from(vec![Some("a"), Some("Z"), Some("é"), None])), pair("Z", "é"));
        assert_eq!(ends(&Date32Array::from(vec![1, 0])), pair("1970-01-01", "1970-01-02"));
        assert_eq!(ends(&BooleanArray::from(vec![true, false])), pair("false", "true"));
        assert_eq!(ends(&BinaryArray::from_vec(vec![b"\x02", b"\x01"])), pair("01", "02"));
        assert_eq!(ends(&Time64MicrosecondArray::from(vec![1, 0])), pair("00:00:00", "00:00:00.000001"));
    }

    #[test]
    fn nothing_and_nan() {
        assert_eq!(ends(&Int64Array::from(vec![None, None])), pair("no values", "no values"));
        assert_eq!(ends(&StringArray::from(Vec::<&str>::new())), pair("no values", "no values"));
        assert_eq!(ends(&Float64Array::from(vec![1.0, f64::NAN])), pair("NaN", "NaN"));
    }
}
