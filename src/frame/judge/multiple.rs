//! `multiple_of`: exact for integers and decimals; floats are taken as the decimal their shortest text stands for.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_schema::DataType as Arrow;

use crate::frame::judge::number::shortest_decimal;
use crate::frame::judge::units::{Unit, with_units};
use crate::frame::mask::Mask;
use crate::model::{DataType, Literal};

/// A divisor made ready for the type of its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Multiple {
    /// The units must be a multiple of this; `None` where it is beyond them, so that only 0 is.
    Units(Option<i128>),
    /// `unscaled / 10^scale`.
    Float { unscaled: i128, scale: u8 },
}

impl Multiple {
    /// Prepares a divisor for a column type.
    ///
    /// # Errors
    /// In words, where the divisor is 0 or no number, or the column holds none.
    pub fn new(divisor: &Literal, data_type: &DataType) -> Result<Self, String> {
        let (unscaled, scale) = match divisor {
            Literal::Int(value) => Some((*value, 0)),
            Literal::Decimal { unscaled, scale } => Some((*unscaled, *scale)),
            Literal::Float(value) => shortest_decimal(&value.to_string()),
            _ => None,
        }
        .ok_or_else(|| format!("the value {divisor} cannot be a divisor"))?;
        let unscaled = unscaled.checked_abs().unwrap_or(i128::MAX);
        if unscaled == 0 {
            return Err("nothing is a multiple of 0".to_owned());
        }
        match data_type {
            DataType::Decimal { scale: to, .. } => Ok(Self::Units(in_units(unscaled, scale, *to))),
            integer if integer.is_integer() => Ok(Self::Units(in_units(unscaled, scale, 0))),
            float if float.is_float() => Ok(Self::Float { unscaled, scale }),
            _ => Err(format!("values of the type {data_type} are multiples of nothing")),
        }
    }

    /// Marks the elements that are no multiple, whatever stands under NULL. `None` for an array of another type.
    #[must_use]
    pub fn failing(&self, array: &dyn Array) -> Option<Mask> {
        match self {
            Self::Units(divisor) => with_units!(array, values => Some(not_multiples(values, *divisor)), None),
            Self::Float { unscaled, scale } => match array.data_type() {
                Arrow::Float32 => {
                    let values = array.as_primitive::<Float32Type>().values();
                    Some(Mask::from_fn(values.len(), |at| !float_holds(&values[at].to_string(), *unscaled, *scale)))
                }
                Arrow::Float64 => {
                    let values = array.as_primitive::<Float64Type>().values();
                    Some(Mask::from_fn(values.len(), |at| !float_holds(&values[at].to_string(), *unscaled, *scale)))
                }
                _ => None,
            },
        }
    }
}

fn not_multiples<T: Unit>(values: &[T], divisor: Option<i128>) -> Mask {
    let zero: i128 = 0;
    match divisor {
        Some(divisor) => match i64::try_from(divisor) {
            // 128-bit division is slow; most values and divisors are small.
            Ok(small) => Mask::from_fn(values.len(), |at| {
                let value: i128 = values[at].into();
                i64::try_from(value).map_or_else(|_| value % divisor != 0, |value| value % small != 0)
            }),
            Err(_) => Mask::from_fn(values.len(), |at| values[at].into() % divisor != 0),
        },
        None => Mask::from_fn(values.len(), |at| values[at].into() != zero),
    }
}

/// Gives the number of units of `10^-to` of which each multiple that is a whole number of units is a multiple.
fn in_units(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    let power = 10i128.checked_pow(u32::from(from.abs_diff(to)))?;
    if to >= from {
        return unscaled.checked_mul(power);
    }
    // `v * power` is a multiple of `unscaled` exactly where `v` is one of `unscaled / gcd(unscaled, power)`.
    Some(unscaled / gcd(unscaled, power))
}

const fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn float_holds(text: &str, unscaled: i128, scale: u8) -> bool {
    let Some((value, value_scale)) = shortest_decimal(text) else {
        // More digits than can be counted, or not finite: binary arithmetic decides, and NaN is no multiple.
        let (Ok(value), Ok(divisor)) =
            (text.parse::<f64>(), crate::model::literal::decimal_text(unscaled, scale).parse::<f64>())
        else {
            return false;
        };
        return value % divisor == 0.0;
    };
    in_units(unscaled, scale, value_scale).map_or(value == 0, |divisor| value % divisor == 0)
}

#[cfg(test)]
mod tests {
    use arrow_array::*;
    use proptest::prelude::*;

    use super::*;

    fn failing(divisor: &Literal, data_type: &DataType, array: &dyn Array) -> Vec<usize> {
        Multiple::new(divisor, data_type).unwrap().failing(array).unwrap().rows().collect()
    }

    #[test]
    fn integers_and_decimals_are_exact() {
        let whole = Int32Array::from(vec![-10, 0, 5, 7]);
        assert_eq!(failing(&Literal::Int(5), &DataType::Int32, &whole), [3]);
        assert_eq!(failing(&Literal::Int(-5), &DataType::Int32, &whole), [3]);
        assert_eq!(failing(&Literal::Decimal { unscaled: 25, scale: 1 }, &DataType::Int32, &whole), [3]);
        assert_eq!(failing(&Literal::Int(i128::MAX), &DataType::Int32, &whole), [0, 2, 3]);
        let prices = Decimal128Array::from(vec![5, 10, 12, i128::pow(10, 37)]).with_precision_and_scale(38, 2).unwrap();
        let cents = DataType::Decimal { precision: 38, scale: 2 };
        assert_eq!(failing(&Literal::Decimal { unscaled: 5, scale: 2 }, &cents, &prices), [2]);
        assert_eq!(failing(&Literal::Float(0.05), &cents, &prices), [2]);
        assert_eq!(failing(&Literal::Int(1), &cents, &prices), [0, 1, 2]);
    }

    #[test]
    fn floats_are_what_they_are_written_as() {
        let values = Float64Array::from(vec![0.3, 0.35, f64::NAN, f64::INFINITY, 1e300, 0.0]);
        assert_eq!(failing(&Literal::Float(0.1), &DataType::Float64, &values)[..3], [1, 2, 3]);
        let single = Float32Array::from(vec![0.3f32, 0.35]);
        assert_eq!(failing(&Literal::Float(0.1), &DataType::Float32, &single), [1]);
    }

    #[test]
    fn zero_and_text_are_refused() {
        assert!(Multiple::new(&Literal::Int(0), &DataType::Int8).is_err());
        assert!(Multiple::new(&Literal::Int(2), &DataType::String).is_err());
        assert!(Multiple::new(&Literal::String("2".into()), &DataType::Int8).is_err());
    }

    proptest! {
        #[test]
        fn scales_meet_exactly(value in -100_000i128..100_000, divisor in 1i128..5000, from in 0u8..4, to in 0u8..4) {
            let wide = 10i128.pow(4);
            let left = value * wide / 10i128.pow(u32::from(to));
            let right = divisor * wide / 10i128.pow(u32::from(from));
            let units = in_units(divisor, from, to).unwrap();
            prop_assert_eq!(value % units == 0, left % right == 0);
        }
    }
}
