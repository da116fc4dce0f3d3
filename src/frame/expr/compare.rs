//! Comparisons: exact for numbers of any mixture, false wherever a NaN or an infinity takes part.

use std::cmp::Ordering;

use arrow_buffer::i256;
use hashbrown::HashSet;
use polars::prelude::arity::broadcast_binary_elementwise;
use polars::prelude::{BooleanChunked, ChunkCompareEq, ChunkCompareIneq, Float64Chunked};

use crate::frame::expr::number::rescale;
use crate::frame::expr::value::{Exact, Outcome, Value};
use crate::frame::judge::number::nearest_float;
use crate::model::CompareOp;

/// Compares values of one form, or numbers.
///
/// # Errors
/// For other pairs.
pub(super) fn compare(a: &Value, op: CompareOp, b: &Value) -> Outcome<BooleanChunked> {
    Ok(match (a, b) {
        (Value::Truth(a), Value::Truth(b)) => by_kernel(a, op, b),
        (Value::Exact(a, s), Value::Exact(b, t)) => exact((a, *s), op, (b, *t)),
        (Value::Float(a), Value::Float(b)) => floats(a, op, b),
        (Value::Exact(a, scale), Value::Float(b)) => mixed((a, *scale), op, b),
        (Value::Float(a), Value::Exact(b, scale)) => mixed((b, *scale), turned(op), a),
        (Value::Text(a), Value::Text(b)) => by_kernel(a, op, b),
        (Value::Bytes(a), Value::Bytes(b)) => by_kernel(a, op, b),
        (Value::Days(a), Value::Days(b)) | (Value::Time(a), Value::Time(b)) | (Value::Moment(a), Value::Moment(b)) => {
            by_kernel(a, op, b)
        }
        _ => return Err(format!("{} cannot be compared with {}", a.what(), b.what())),
    })
}

/// Compares by Polars' own kernel.
fn by_kernel<'a, T>(a: &'a T, op: CompareOp, b: &'a T) -> BooleanChunked
where
    T: ChunkCompareEq<&'a T, Item = BooleanChunked> + ChunkCompareIneq<&'a T, Item = BooleanChunked>,
{
    match op {
        CompareOp::Eq => a.equal(b),
        CompareOp::NotEq => a.not_equal(b),
        CompareOp::Lt => a.lt(b),
        CompareOp::LtEq => a.lt_eq(b),
        CompareOp::Gt => a.gt(b),
        CompareOp::GtEq => a.gt_eq(b),
    }
}

fn exact((a, s): (&Exact, u8), op: CompareOp, (b, t): (&Exact, u8)) -> BooleanChunked {
    let common = s.max(t);
    if let (Some(a), Some(b)) = (rescale(a, s, common), rescale(b, t, common)) {
        return by_kernel(&*a, op, &*b);
    }
    // A value does not fit 128 bits at the common scale.
    broadcast_binary_elementwise(a, b, |a: Option<i128>, b: Option<i128>| Some(op.holds(order(a?, s, b?, t))))
}

fn order(a: i128, s: u8, b: i128, t: u8) -> Ordering {
    let common = s.max(t);
    let lift =
        |value: i128, by: u8| i256::from_i128(value).checked_mul(i256::from_i128(10).checked_pow(u32::from(by))?);
    match (lift(a, common - s), lift(b, common - t)) {
        (Some(a), Some(b)) => a.cmp(&b),
        // 128 bits times at most 10^38 fit 256.
        _ => Ordering::Equal,
    }
}

fn floats(a: &Float64Chunked, op: CompareOp, b: &Float64Chunked) -> BooleanChunked {
    broadcast_binary_elementwise(a, b, |a: Option<f64>, b: Option<f64>| {
        let (a, b) = (a?, b?);
        Some(a.is_finite() && b.is_finite() && a.partial_cmp(&b).is_some_and(|order| op.holds(order)))
    })
}

/// Compares exact numbers with floats: without rounding where they are whole, else as the floats nearest to them.
fn mixed((a, scale): (&Exact, u8), op: CompareOp, b: &Float64Chunked) -> BooleanChunked {
    broadcast_binary_elementwise(a, b, |a: Option<i128>, b: Option<f64>| {
        let (a, b) = (a?, b?);
        let order = if scale == 0 { Some(whole_order(a, b)) } else { nearest_float(a, scale).partial_cmp(&b) };
        Some(b.is_finite() && order.is_some_and(|order| op.holds(order)))
    })
}

/// Orders a whole number and a finite float.
#[expect(clippy::cast_possible_truncation, reason = "the float is whole and was found to be in range")]
fn whole_order(a: i128, b: f64) -> Ordering {
    // 2^127, exactly.
    const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if b >= LIMIT {
        return Ordering::Less;
    }
    if b < -LIMIT {
        return Ordering::Greater;
    }
    let floor = b.floor();
    let order = a.cmp(&(floor as i128));
    if order.is_eq() && floor < b { Ordering::Less } else { order }
}

/// The operator with its sides changed.
const fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::LtEq => CompareOp::GtEq,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::GtEq => CompareOp::LtEq,
        same => same,
    }
}

/// Looks values up in a long list of constants; `None` where the list is short or of another form.
pub(super) fn contains(value: &Value, items: &[Value]) -> Option<BooleanChunked> {
    const LONG: usize = 8;
    if items.len() < LONG {
        return None;
    }
    let mut has_null = false;
    match value {
        Value::Text(values) => {
            let mut known = HashSet::with_capacity(items.len());
            for item in items {
                match item {
                    Value::Text(item) if item.len() == 1 => match item.get(0) {
                        Some(item) => _ = known.insert(item),
                        None => has_null = true,
                    },
                    _ => return None,
                }
            }
            let found = |cell: Option<&str>| decide(known.contains(cell?), has_null);
            Some(values.iter().map(found).collect())
        }
        Value::Exact(values, scale) => {
            let mut known = HashSet::with_capacity(items.len());
            for item in items {
                match item {
                    Value::Exact(item, same) if item.len() == 1 && same == scale => match item.get(0) {
                        Some(item) => _ = known.insert(item),
                        None => has_null = true,
                    },
                    _ => return None,
                }
            }
            Some(values.iter().map(|cell| decide(known.contains(&cell?), has_null)).collect())
        }
        _ => None,
    }
}

const fn decide(found: bool, has_null: bool) -> Option<bool> {
    if found {
        Some(true)
    } else if has_null {
        None
    } else {
        Some(false)
    }
}
