//! Values of formulas, from arrays and back.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_schema::DataType as Arrow;

use crate::frame::judge::number::{Number, nearest_float};
use crate::model::temporal::DAY;
use crate::model::{Error, ErrorKind, Result};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'v> {
    Null,
    Truth(bool),
    /// `unscaled / 10^scale`; lengths of lists too.
    Exact(i128, u8),
    Float(f64),
    Text(Cow<'v, str>),
    Bytes(Cow<'v, [u8]>),
    Days(i64),
    Time(i64),
    Moment(i64),
}

impl Value<'_> {
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub const fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Copies it without copying text.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Bytes(bytes) => Value::Bytes(Cow::Borrowed(bytes)),
            Self::Null => Value::Null,
            Self::Truth(truth) => Value::Truth(*truth),
            Self::Exact(value, scale) => Value::Exact(*value, *scale),
            Self::Float(value) => Value::Float(*value),
            Self::Days(days) => Value::Days(*days),
            Self::Time(micros) => Value::Time(*micros),
            Self::Moment(micros) => Value::Moment(*micros),
        }
    }

    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Self::Null => Value::Null,
            Self::Truth(truth) => Value::Truth(truth),
            Self::Exact(value, scale) => Value::Exact(value, scale),
            Self::Float(value) => Value::Float(value),
            Self::Days(days) => Value::Days(days),
            Self::Time(micros) => Value::Time(micros),
            Self::Moment(micros) => Value::Moment(micros),
        }
    }
}

/// Keeps a number of at most 38 digits.
pub(super) fn fits(value: i128) -> Option<i128> {
    (value.unsigned_abs() < 10_u128.pow(38)).then_some(value)
}

/// Gives the float nearest to `unscaled / 10^scale`.
pub(super) fn float(unscaled: i128, scale: u8) -> f64 {
    nearest_float(unscaled, scale)
}

/// Orders two values of one form, or two numbers. `None` where NaN or infinity takes part, or the forms differ.
pub(super) fn order(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    let number = |value: &Value<'_>| match value {
        Value::Exact(unscaled, scale) => Some(Number::Exact { unscaled: *unscaled, scale: *scale }),
        Value::Float(value) if value.is_finite() => Some(Number::Float(*value)),
        _ => None,
    };
    match (left, right) {
        (Value::Truth(a), Value::Truth(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Days(a), Value::Days(b)) | (Value::Time(a), Value::Time(b)) | (Value::Moment(a), Value::Moment(b)) => {
            Some(a.cmp(b))
        }
        (Value::Days(a), Value::Moment(b)) => Some((a * DAY).cmp(b)),
        (Value::Moment(a), Value::Days(b)) => Some(a.cmp(&(b * DAY))),
        _ => number(left)?.order(number(right)?),
    }
}

/// Reads a column.
pub(super) fn read(array: &ArrayRef) -> Vec<Value<'_>> {
    match array.data_type() {
        Arrow::Boolean => each(array, |at| Value::Truth(array.as_boolean().value(at))),
        Arrow::Int8 => whole::<Int8Type>(array),
        Arrow::Int16 => whole::<Int16Type>(array),
        Arrow::Int32 => whole::<Int32Type>(array),
        Arrow::Int64 => whole::<Int64Type>(array),
        Arrow::UInt8 => whole::<UInt8Type>(array),
        Arrow::UInt16 => whole::<UInt16Type>(array),
        Arrow::UInt32 => whole::<UInt32Type>(array),
        Arrow::UInt64 => whole::<UInt64Type>(array),
        Arrow::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            each(array, |at| Value::Exact(values.value(at), scale.unsigned_abs()))
        }
        Arrow::Float32 => each(array, |at| Value::Float(array.as_primitive::<Float32Type>().value(at).into())),
        Arrow::Float64 => each(array, |at| Value::Float(array.as_primitive::<Float64Type>().value(at))),
        Arrow::Utf8 => each(array, |at| Value::Text(Cow::Borrowed(array.as_string::<i32>().value(at)))),
        Arrow::Binary => each(array, |at| Value::Bytes(Cow::Borrowed(array.as_binary::<i32>().value(at)))),
        Arrow::Date32 => each(array, |at| Value::Days(array.as_primitive::<Date32Type>().value(at).into())),
        Arrow::Time64(_) => each(array, |at| Value::Time(array.as_primitive::<Time64MicrosecondType>().value(at))),
        Arrow::Timestamp(..) => {
            each(array, |at| Value::Moment(array.as_primitive::<TimestampMicrosecondType>().value(at)))
        }
        Arrow::List(_) => each(array, |at| Value::Exact(array.as_list::<i32>().value_length(at).into(), 0)),
        _ => each(array, |_| Value::Exact(0, 0)),
    }
}

fn each<'v>(array: &'v ArrayRef, value: impl Fn(usize) -> Value<'v>) -> Vec<Value<'v>> {
    (0..array.len()).map(|at| if array.is_null(at) { Value::Null } else { value(at) }).collect()
}

fn whole<T: ArrowPrimitiveType>(array: &ArrayRef) -> Vec<Value<'_>>
where
    i128: From<T::Native>,
{
    let values = array.as_primitive::<T>();
    each(array, |at| Value::Exact(values.value(at).into(), 0))
}

/// Makes an array of values that were cast to its type.
///
/// # Errors
/// For types that no formula gives.
pub(super) fn array(values: &[Value<'static>], to: &Arrow, path: &str) -> Result<ArrayRef> {
    let units = |value: &Value<'_>| match value {
        Value::Exact(unit, _) => Some(*unit),
        Value::Days(unit) | Value::Time(unit) | Value::Moment(unit) => Some((*unit).into()),
        _ => None,
    };
    Ok(match to {
        Arrow::Boolean => Arc::new(values.iter().map(Value::truth).collect::<arrow_array::BooleanArray>()),
        Arrow::Int8 => primitive::<Int8Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::Int16 => primitive::<Int16Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::Int32 => primitive::<Int32Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::Int64 => primitive::<Int64Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::UInt8 => primitive::<UInt8Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::UInt16 => primitive::<UInt16Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::UInt32 => primitive::<UInt32Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::UInt64 => primitive::<UInt64Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::Decimal128(..) => primitive::<Decimal128Type>(values, units, to),
        Arrow::Float32 => primitive::<Float32Type>(values, single, to),
        Arrow::Float64 => primitive::<Float64Type>(values, real, to),
        Arrow::Date32 => primitive::<Date32Type>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::Time64(_) => primitive::<Time64MicrosecondType>(values, |value| units(value)?.try_into().ok(), to),
        Arrow::Timestamp(..) => {
            primitive::<TimestampMicrosecondType>(values, |value| units(value)?.try_into().ok(), to)
        }
        Arrow::Utf8 => {
            let mut texts = StringBuilder::with_capacity(values.len(), values.len() * 16);
            for value in values {
                texts.append_option(if let Value::Text(text) = value { Some(text.as_ref()) } else { None });
            }
            Arc::new(texts.finish())
        }
        Arrow::Binary => {
            let mut bytes = BinaryBuilder::with_capacity(values.len(), values.len() * 16);
            for value in values {
                bytes.append_option(if let Value::Bytes(bytes) = value { Some(bytes.as_ref()) } else { None });
            }
            Arc::new(bytes.finish())
        }
        _ => return Err(Error::new(ErrorKind::Contract, format!("`{path}`: no expression gives a {to}"))),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the value was cast to a float32 before")]
fn single(value: &Value<'_>) -> Option<f32> {
    real(value).map(|value| value as f32)
}

const fn real(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

fn primitive<T: ArrowPrimitiveType>(
    values: &[Value<'_>],
    native: impl Fn(&Value<'_>) -> Option<T::Native>,
    to: &Arrow,
) -> ArrayRef {
    let array: PrimitiveArray<T> = values.iter().map(native).collect();
    Arc::new(array.with_data_type(to.clone()))
}
