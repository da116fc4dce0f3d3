//! Observed: what a measure found, compared with bounds without rounding.

use std::cmp::Ordering;
use std::fmt;

use arrow_buffer::i256;

use crate::frame::judge::number::{Number, order_literals};
use crate::frame::show::float_text;
use crate::model::{Bounds, Context, Literal};

/// What a measure found.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// There was no value to measure; SQL says NULL.
    Nothing,
    /// `numerator / (denominator * 10^scale)`, exact.
    Ratio {
        numerator: i256,
        denominator: u64,
        scale: u8,
    },
    Value(Literal),
}

/// A bound, the orders against it that are allowed, and what to say of any other.
type Limit<'a> = (&'a Option<Literal>, fn(Ordering) -> bool, &'static str);

impl Observed {
    /// Makes a count.
    #[must_use]
    pub fn count(count: u64) -> Self {
        Self::Value(Literal::Int(i128::from(count)))
    }

    /// Says which bound it breaks, in words; `None` where it breaks none, and for [`Observed::Nothing`].
    #[must_use]
    pub fn breach(&self, bounds: &Bounds, context: &Context) -> Option<String> {
        if *self == Self::Nothing {
            return None;
        }
        let limits: [Limit<'_>; 4] = [
            (&bounds.minimum, Ordering::is_ge, "is below the minimum"),
            (&bounds.exclusive_minimum, Ordering::is_gt, "is not above the exclusive minimum"),
            (&bounds.maximum, Ordering::is_le, "is above the maximum"),
            (&bounds.exclusive_maximum, Ordering::is_lt, "is not below the exclusive maximum"),
        ];
        limits.into_iter().find_map(|(bound, holds, words)| {
            let bound = bound.as_ref()?;
            match self.order(bound, context) {
                Some(order) if holds(order) => None,
                Some(_) => Some(format!("{self} {words} {bound}")),
                None => Some(format!("{self} cannot be compared with {bound}")),
            }
        })
    }

    /// Orders it against a bound; `None` where the two cannot be compared.
    #[must_use]
    pub fn order(&self, bound: &Literal, context: &Context) -> Option<Ordering> {
        match self {
            Self::Nothing => None,
            Self::Value(value) => order_literals(value, bound, context),
            Self::Ratio { numerator, denominator, scale } => {
                let (unscaled, bound_scale) = match Number::of(bound)? {
                    Number::Exact { unscaled, scale } => (unscaled, scale),
                    // A bound of 0.1 means one tenth.
                    Number::Float(value) => match crate::frame::judge::number::shortest_decimal(&value.to_string()) {
                        Some(decimal) => decimal,
                        None => return self.to_f64()?.partial_cmp(&value),
                    },
                };
                let left = power(bound_scale).and_then(|power| numerator.checked_mul(power));
                let right = power(*scale)
                    .and_then(|power| power.checked_mul(i256::from_i128(unscaled)))
                    .and_then(|right| right.checked_mul(i256::from_i128(i128::from(*denominator))));
                match (left, right) {
                    (Some(left), Some(right)) => Some(left.cmp(&right)),
                    // Beyond 76 digits.
                    _ => self.to_f64()?.partial_cmp(&Number::of(bound)?.to_f64()),
                }
            }
        }
    }

    /// Gives the nearest float of a number.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        match self {
            Self::Nothing => None,
            Self::Value(value) => Number::of(value).map(Number::to_f64),
            Self::Ratio { numerator, denominator, scale } => Some(ratio(*numerator, *denominator, *scale)),
        }
    }
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no values"),
            Self::Value(Literal::Float(value)) => f.write_str(&float_text(*value)),
            Self::Value(value) => write!(f, "{value}"),
            Self::Ratio { numerator, denominator: 1, scale } => f.write_str(&wide_decimal_text(*numerator, *scale)),
            Self::Ratio { numerator, denominator, scale } => {
                f.write_str(&float_text(ratio(*numerator, *denominator, *scale)))
            }
        }
    }
}

/// Gives `numerator / (denominator * 10^scale)` as a float, rounded twice at most.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
pub fn ratio(numerator: i256, denominator: u64, scale: u8) -> f64 {
    // Text is rounded to nearest once, whatever its length.
    let value: f64 = wide_decimal_text(numerator, scale).parse().unwrap_or(f64::NAN);
    value / denominator as f64
}

fn power(zeros: u8) -> Option<i256> {
    i256::from_i128(10).checked_pow(u32::from(zeros))
}

/// Writes a number of units with a point before the last `scale` digits.
pub(crate) fn wide_decimal_text(unscaled: i256, scale: u8) -> String {
    let text = unscaled.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let scale = usize::from(scale);
    if scale == 0 {
        return text;
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context = Context { today: 3, now: 0 };

    fn third() -> Observed {
        Observed::Ratio { numerator: i256::from(1i64), denominator: 3, scale: 0 }
    }

    fn decimal(unscaled: i128, scale: u8) -> Literal {
        Literal::Decimal { unscaled, scale }
    }

    #[test]
    fn ratios_are_compared_exactly() {
        let near = 333_333_333_333_333_333_333_333;
        assert_eq!(third().order(&decimal(near, 24), &CONTEXT), Some(Ordering::Greater));
        assert_eq!(third().order(&decimal(near + 1, 24), &CONTEXT), Some(Ordering::Less));
        let tenth = Observed::Ratio { numerator: i256::from(1i64), denominator: 10, scale: 0 };
        assert_eq!(tenth.order(&Literal::Float(0.1), &CONTEXT), Some(Ordering::Equal));
        let wide = Observed::Ratio { numerator: i256::MAX, denominator: 1, scale: 0 };
        assert_eq!(wide.order(&decimal(i128::MAX, 38), &CONTEXT), Some(Ordering::Greater));
        assert_eq!(tenth.to_string(), "0.1");
        let sum = Observed::Ratio { numerator: i256::from(-1250i64), denominator: 1, scale: 2 };
        assert_eq!(sum.to_string(), "-12.50");
    }

    #[test]
    fn breaches_are_put_in_words() {
        let bounds = Bounds { minimum: Some(Literal::Int(1)), maximum: Some(Literal::Int(5)), ..Bounds::default() };
        assert_eq!(Observed::count(3).breach(&bounds, &CONTEXT), None);
        assert_eq!(Observed::count(1).breach(&bounds, &CONTEXT), None);
        assert_eq!(Observed::count(0).breach(&bounds, &CONTEXT).unwrap(), "0 is below the minimum 1");
        assert_eq!(Observed::count(6).breach(&bounds, &CONTEXT).unwrap(), "6 is above the maximum 5");
        assert_eq!(Observed::Nothing.breach(&bounds, &CONTEXT), None);
        let nan = Observed::Value(Literal::Float(f64::NAN));
        assert!(nan.breach(&bounds, &CONTEXT).unwrap().contains("cannot be compared"));
        let open = Bounds { exclusive_maximum: Some(Literal::Today), ..Bounds::default() };
        assert!(Observed::Value(Literal::Date(3)).breach(&open, &CONTEXT).is_some());
        assert!(Observed::Value(Literal::Date(2)).breach(&open, &CONTEXT).is_none());
    }
}
