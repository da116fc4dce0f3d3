//! The exact order of numbers of different types, and of literals.

use std::cmp::Ordering;

use arrow_buffer::i256;

use crate::model::literal::decimal_text;
use crate::model::{Context, Literal};

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

/// A number as it stands in an array or a contract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// `unscaled / 10^scale`.
    Exact {
        unscaled: i128,
        scale: u8,
    },
    Float(f64),
}

impl Number {
    /// Gives the number a literal is; `None` for literals that are none.
    #[must_use]
    pub const fn of(literal: &Literal) -> Option<Self> {
        match literal {
            Literal::Int(value) => Some(Self::Exact { unscaled: *value, scale: 0 }),
            Literal::Decimal { unscaled, scale } => Some(Self::Exact { unscaled: *unscaled, scale: *scale }),
            Literal::Float(value) => Some(Self::Float(*value)),
            _ => None,
        }
    }

    /// Orders two numbers without rounding, but for one case: a decimal with a fraction beside a float is taken as
    /// the float nearest to it, as the same text read as a float would be. `None` where one is NaN.
    #[must_use]
    pub fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Exact { unscaled: a, scale: s }, Self::Exact { unscaled: b, scale: t }) => Some(exact(a, s, b, t)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Exact { unscaled, scale: 0 }, Self::Float(b)) => whole_to_float(unscaled, b),
            (Self::Exact { unscaled, scale }, Self::Float(b)) => nearest_float(unscaled, scale).partial_cmp(&b),
            (Self::Float(_), Self::Exact { .. }) => other.order(self).map(Ordering::reverse),
        }
    }

    /// Gives the nearest float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Exact { unscaled, scale } => nearest_float(unscaled, scale),
            Self::Float(value) => value,
        }
    }
}

fn exact(a: i128, a_scale: u8, b: i128, b_scale: u8) -> Ordering {
    if a_scale == b_scale {
        return a.cmp(&b);
    }
    let common = a_scale.max(b_scale);
    match (lift(a, common - a_scale), lift(b, common - b_scale)) {
        (Some(a), Some(b)) => a.cmp(&b),
        // Scales beyond 38 digits are never written; floats decide well enough.
        _ => nearest_float(a, a_scale).total_cmp(&nearest_float(b, b_scale)),
    }
}

/// Multiplies by a power of ten in 256 bits.
#[must_use]
pub fn lift(value: i128, zeros: u8) -> Option<i256> {
    i256::from_i128(value).checked_mul(i256::from_i128(10).checked_pow(u32::from(zeros))?)
}

/// Orders an integer and a float without rounding either.
#[expect(clippy::cast_possible_truncation, reason = "the float is whole and inside the range of i128")]
fn whole_to_float(whole: i128, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let floor = float.floor();
    let order = whole.cmp(&(floor as i128));
    Some(if order.is_eq() && floor < float { Ordering::Less } else { order })
}

/// Gives the float nearest to `unscaled / 10^scale`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "the cast rounds to nearest, which is what is asked")]
pub fn nearest_float(unscaled: i128, scale: u8) -> f64 {
    const EXACT: u128 = 1 << 53;
    if scale == 0 {
        return unscaled as f64;
    }
    // Both sides of this division are exact, so that it rounds once.
    if unscaled.unsigned_abs() <= EXACT && scale <= 22 {
        return unscaled as f64 / 10f64.powi(i32::from(scale));
    }
    decimal_text(unscaled, scale).parse().unwrap_or(f64::NAN)
}

/// Gives the decimal a float's shortest text stands for (`0.1` is one tenth); `None` where it has too many digits.
#[must_use]
pub fn shortest_decimal(text: &str) -> Option<(i128, u8)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = u8::try_from(fraction.len()).ok()?;
    Some((format!("{whole}{fraction}").parse().ok()?, scale))
}

/// Gives the moment a literal names, as microseconds since the epoch; a day is its midnight.
#[must_use]
pub fn moment(literal: &Literal, context: &Context) -> Option<i128> {
    match literal {
        Literal::Date(days) => Some(i128::from(*days) * i128::from(DAY)),
        Literal::Today => Some(i128::from(context.today) * i128::from(DAY)),
        Literal::Timestamp(micros) => Some(i128::from(*micros)),
        Literal::Now => Some(i128::from(context.now)),
        _ => None,
    }
}

/// Orders two literals of one sort: numbers, moments, times, texts (by bytes), booleans or bytes. `None` for
/// literals of different sorts, for NULL and for NaN.
#[must_use]
pub fn order_literals(left: &Literal, right: &Literal, context: &Context) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (Number::of(left), Number::of(right)) {
        return a.order(b);
    }
    if let (Some(a), Some(b)) = (moment(left, context), moment(right, context)) {
        return Some(a.cmp(&b));
    }
    match (left, right) {
        (Literal::String(a), Literal::String(b)) => Some(a.cmp(b)),
        (Literal::Binary(a), Literal::Binary(b)) => Some(a.cmp(b)),
        (Literal::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Literal::Time(a), Literal::Time(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exactly(unscaled: i128, scale: u8) -> Number {
        Number::Exact { unscaled, scale }
    }

    #[test]
    fn numbers_beyond_floats_keep_their_order() {
        let big = 9_007_199_254_740_993;
        assert_eq!(exactly(big, 0).order(Number::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(exactly(i128::MAX, 0).order(exactly(i128::MAX - 1, 0)), Some(Ordering::Greater));
        assert_eq!(exactly(i128::MAX, 38).order(exactly(1, 0)), Some(Ordering::Greater));
        assert_eq!(exactly(150, 2).order(exactly(15, 1)), Some(Ordering::Equal));
        assert_eq!(exactly(1, 1).order(Number::Float(0.1)), Some(Ordering::Equal));
        assert_eq!(exactly(-1, 0).order(Number::Float(-0.5)), Some(Ordering::Less));
        assert_eq!(exactly(0, 0).order(Number::Float(f64::NAN)), None);
        assert_eq!(exactly(0, 0).order(Number::Float(f64::INFINITY)), Some(Ordering::Less));
        assert_eq!(Number::Float(f64::NEG_INFINITY).order(exactly(0, 0)), Some(Ordering::Less));
    }

    #[test]
    fn moments_of_different_types_are_ordered() {
        let context = Context { today: 10, now: 10 * DAY + 5 };
        let order = |a: &Literal, b: &Literal| order_literals(a, b, &context);
        assert_eq!(order(&Literal::Today, &Literal::Date(10)), Some(Ordering::Equal));
        assert_eq!(order(&Literal::Today, &Literal::Now), Some(Ordering::Less));
        assert_eq!(order(&Literal::Timestamp(10 * DAY), &Literal::Today), Some(Ordering::Equal));
        assert_eq!(order(&Literal::Int(1), &Literal::String("1".into())), None);
    }

    proptest! {
        #[test]
        fn scales_do_not_change_the_order(a in -1_000_000i128..1_000_000, b in -1_000_000i128..1_000_000, s in 0u8..20) {
            let lifted = exactly(b * 10i128.pow(u32::from(s)), s);
            prop_assert_eq!(exactly(a, 0).order(lifted), Some(a.cmp(&b)));
        }

        #[test]
        fn nearest_float_is_what_text_gives(unscaled in any::<i128>(), scale in 0u8..39) {
            let text: f64 = decimal_text(unscaled, scale).parse().unwrap();
            prop_assert_eq!(nearest_float(unscaled, scale).to_bits(), text.to_bits());
        }
    }
}
