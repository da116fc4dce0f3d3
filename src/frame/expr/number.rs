//! Calculations. Exact numbers stay exact: 128 bits, 38 digits, or trouble.

use std::borrow::Cow;

use polars::prelude::Float64Chunked;
use polars::prelude::arity::{broadcast_binary_elementwise, unary_elementwise};

use crate::frame::expr::evaluate::Troubles;
use crate::frame::expr::value::{Exact, Outcome, Value};
use crate::frame::judge::number::nearest_float;
use crate::model::BinaryOp;
use crate::model::number::exact::{power, round_off};

/// The first number with 39 digits.
const LIMIT: u128 = 10_u128.pow(38);

/// Keeps a number of at most 38 digits.
pub(super) fn fits(value: i128) -> Option<i128> {
    (value.unsigned_abs() < LIMIT).then_some(value)
}

/// Writes numbers with more digits after the point; `None` where one does not fit 128 bits then.
pub(super) fn rescale(values: &Exact, from: u8, to: u8) -> Option<Cow<'_, Exact>> {
    if from == to {
        return Some(Cow::Borrowed(values));
    }
    let factor = power(to.checked_sub(from)?)?;
    let mut fit = true;
    let scaled: Exact = unary_elementwise(values, |cell: Option<i128>| {
        let scaled = cell?.checked_mul(factor);
        fit &= scaled.is_some();
        scaled
    });
    fit.then_some(Cow::Owned(scaled))
}

/// Adds, subtracts, multiplies, divides or takes the remainder.
///
/// # Errors
/// For values that are no numbers.
pub(super) fn calculate(a: Value, op: BinaryOp, b: Value, troubles: &mut Troubles) -> Outcome<Value> {
    match (a, b) {
        (Value::Exact(a, s), Value::Exact(b, t)) => Ok(exact((&a, s), op, (&b, t), troubles)),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(floats(&a, op, &b, troubles))),
        (a, b) => Err(format!("{} and {} cannot be calculated", a.what(), b.what())),
    }
}

fn exact((a, s): (&Exact, u8), op: BinaryOp, (b, t): (&Exact, u8), troubles: &mut Troubles) -> Value {
    let common = s.max(t);
    let lift = |value: i128, from: u8| value.checked_mul(power(common - from)?);
    match op {
        BinaryOp::Divide => Value::Float(pairwise(a, b, troubles, |a, b| divide(a, s, b, t))),
        BinaryOp::Multiply => {
            Value::Exact(pairwise(a, b, troubles, |a: i128, b| fits(a.checked_mul(b)?)), s.saturating_add(t))
        }
        _ => {
            let calculate = |a: i128, b: i128| {
                let (a, b) = (lift(a, s)?, lift(b, t)?);
                fits(match op {
                    BinaryOp::Add => a.checked_add(b)?,
                    BinaryOp::Subtract => a.checked_sub(b)?,
                    _ => a.checked_rem(b)?,
                })
            };
            Value::Exact(pairwise(a, b, troubles, calculate), common)
        }
    }
}

/// Divides two exact numbers, rounding once where they are not too large.
#[expect(clippy::cast_precision_loss, reason = "the quotient is a float by definition")]
fn divide(a: i128, s: u8, b: i128, t: u8) -> Option<f64> {
    if b == 0 {
        return None;
    }
    let common = s.max(t);
    let lift = |value: i128, from: u8| value.checked_mul(power(common - from)?);
    match (lift(a, s), lift(b, t)) {
        (Some(a), Some(b)) => Some(a as f64 / b as f64),
        _ => Some(nearest_float(a, s) / nearest_float(b, t)),
    }
}

fn floats(a: &Float64Chunked, op: BinaryOp, b: &Float64Chunked, troubles: &mut Troubles) -> Float64Chunked {
    pairwise(a, b, troubles, |a: f64, b: f64| match op {
        BinaryOp::Add => Some(a + b),
        BinaryOp::Subtract => Some(a - b),
        BinaryOp::Multiply => Some(a * b),
        BinaryOp::Divide => (b != 0.0).then(|| a / b),
        _ => (b != 0.0).then(|| a % b),
    })
}

/// Computes with two columns; NULL on a side is NULL, a result that is none is NULL and trouble.
fn pairwise<T, U>(
    a: &polars::prelude::ChunkedArray<T>,
    b: &polars::prelude::ChunkedArray<T>,
    troubles: &mut Troubles,
    calculate: impl Fn(T::Native, T::Native) -> Option<U::Native>,
) -> polars::prelude::ChunkedArray<U>
where
    T: polars::prelude::PolarsNumericType,
    U: polars::prelude::PolarsNumericType,
{
    let len = if a.len() == 1 { b.len() } else { a.len() };
    let mut row = 0;
    broadcast_binary_elementwise(a, b, |a: Option<T::Native>, b: Option<T::Native>| {
        let at = row;
        row += 1;
        let (a, b) = (a?, b?);
        let result = calculate(a, b);
        if result.is_none() {
            troubles.mark(at, len);
        }
        result
    })
}

/// Computes with one column, as [`pairwise`] does with two.
pub(super) fn each<T, U>(
    values: &polars::prelude::ChunkedArray<T>,
    troubles: &mut Troubles,
    calculate: impl Fn(T::Native) -> Option<U::Native>,
) -> polars::prelude::ChunkedArray<U>
where
    T: polars::prelude::PolarsNumericType,
    U: polars::prelude::PolarsNumericType,
{
    let len = values.len();
    let mut row = 0;
    unary_elementwise(values, |cell: Option<T::Native>| {
        let at = row;
        row += 1;
        let result = calculate(cell?);
        if result.is_none() {
            troubles.mark(at, len);
        }
        result
    })
}

/// Turns signs around.
///
/// # Errors
/// For values that are no numbers.
pub(super) fn negate(value: Value) -> Outcome<Value> {
    match value {
        // At most 39 digits were read, so that the opposite fits too.
        Value::Exact(values, scale) => Ok(Value::Exact(mapped(&values, i128::wrapping_neg), scale)),
        Value::Float(values) => Ok(Value::Float(floating(&values, |value| -value))),
        other => Err(format!("{} has no sign", other.what())),
    }
}

/// Drops signs.
///
/// # Errors
/// For values that are no numbers.
pub(super) fn absolute(value: Value) -> Outcome<Value> {
    match value {
        Value::Exact(values, scale) => Ok(Value::Exact(mapped(&values, i128::wrapping_abs), scale)),
        Value::Float(values) => Ok(Value::Float(floating(&values, f64::abs))),
        other => Err(format!("{} has no sign", other.what())),
    }
}

/// Gives the next whole number below, or above with `up`.
///
/// # Errors
/// For values that are no numbers.
pub(super) fn whole(value: Value, up: bool) -> Outcome<Value> {
    match value {
        Value::Exact(values, scale) => {
            let Some(unit) = power(scale) else { return Err(format!("{scale} digits after the point")) };
            let floor = move |value: i128| value.div_euclid(unit);
            let ceil = move |value: i128| value.div_euclid(unit) + i128::from(value.rem_euclid(unit) != 0);
            Ok(Value::Exact(if up { mapped(&values, ceil) } else { mapped(&values, floor) }, 0))
        }
        Value::Float(values) => Ok(Value::Float(floating(&values, if up { f64::ceil } else { f64::floor }))),
        other => Err(format!("{} cannot be rounded", other.what())),
    }
}

/// Rounds half away from zero, keeping digits after the point (before it, where negative).
///
/// # Errors
/// For values that are no numbers.
pub(super) fn round(value: Value, kept: i32, troubles: &mut Troubles) -> Outcome<Value> {
    match value {
        Value::Exact(values, scale) => {
            let Ok(dropped) = u8::try_from(i32::from(scale).saturating_sub(kept).max(0)) else {
                return Err("round to too many digits".to_owned());
            };
            let to = scale.min(u8::try_from(kept.max(0)).unwrap_or(u8::MAX));
            let rounded = |value: i128| {
                let short = round_off(value, dropped);
                // Digits dropped before the point come back as zeros.
                fits(short.checked_mul(power(u8::try_from(kept.min(0).unsigned_abs()).ok()?)?)?)
            };
            Ok(Value::Exact(each(&values, troubles, rounded), to))
        }
        Value::Float(values) => {
            let unit = 10_f64.powi(kept.abs());
            let rounded = |value: f64| {
                let moved = if kept < 0 { value / unit } else { value * unit };
                if !moved.is_finite() {
                    value
                } else if kept < 0 {
                    moved.round() * unit
                } else {
                    moved.round() / unit
                }
            };
            Ok(Value::Float(floating(&values, rounded)))
        }
        other => Err(format!("{} cannot be rounded", other.what())),
    }
}

fn mapped(values: &Exact, change: impl Fn(i128) -> i128) -> Exact {
    unary_elementwise(values, |cell: Option<i128>| cell.map(&change))
}

fn floating(values: &Float64Chunked, change: impl Fn(f64) -> f64) -> Float64Chunked {
    unary_elementwise(values, |cell: Option<f64>| cell.map(&change))
}
