//! Casts of single values. What does not fit is NULL.

use std::borrow::Cow;

use crate::generate::formula::value::{Value, float};
use crate::model::literal::{date_text, decimal_text, time_text, timestamp_text};
use crate::model::number::exact::{of_float, rescaled};
use crate::model::temporal::{DAY, Pattern};
use crate::model::{DataType, number};

/// Brings a value to a type; NULL where it does not fit.
pub(super) fn cast<'v>(value: Value<'v>, to: &DataType) -> Value<'v> {
    converted(value, to).unwrap_or(Value::Null)
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest float32 is what is asked")]
fn converted<'v>(value: Value<'v>, to: &DataType) -> Option<Value<'v>> {
    Some(match (value, to) {
        (value @ Value::Truth(_), DataType::Bool)
        | (value @ Value::Text(_), DataType::String)
        | (value @ Value::Bytes(_), DataType::Binary)
        | (value @ Value::Days(_), DataType::Date)
        | (value @ Value::Time(_), DataType::Time)
        | (value @ Value::Moment(_), DataType::Timestamp | DataType::TimestampTz)
        | (value @ Value::Float(_), DataType::Float64) => value,
        (value, DataType::String) => Value::Text(Cow::Owned(text(&value)?)),
        (Value::Text(text), to) => read(&text, to)?,
        (Value::Float(value), DataType::Float32) => {
            let single = value as f32;
            (single.is_finite() || !value.is_finite()).then(|| Value::Float(single.into()))?
        }
        (Value::Exact(value, scale), DataType::Float64) => Value::Float(float(value, scale)),
        (Value::Exact(value, scale), DataType::Float32) => {
            let single = decimal_text(value, scale).parse::<f32>().ok().filter(|value| value.is_finite())?;
            Value::Float(single.into())
        }
        (Value::Exact(value, from), to) => fitted(rescaled(value, from, scale_of(to)?)?, to)?,
        (Value::Float(value), to) => fitted(of_float(value, scale_of(to)?)?, to)?,
        (Value::Days(days), DataType::Timestamp | DataType::TimestampTz) => Value::Moment(days.checked_mul(DAY)?),
        (Value::Moment(moment), DataType::Date) => Value::Days(moment.div_euclid(DAY)),
        (Value::Moment(moment), DataType::Time) => Value::Time(moment.rem_euclid(DAY)),
        _ => return None,
    })
}

/// The digits after the point of an exact type.
const fn scale_of(to: &DataType) -> Option<u8> {
    match to {
        DataType::Decimal { scale, .. } => Some(*scale),
        to if to.is_integer() => Some(0),
        _ => None,
    }
}

/// Keeps a number that the type holds.
fn fitted<'v>(value: i128, to: &DataType) -> Option<Value<'v>> {
    let (least, most) = crate::generate::grid::Form::of(to)?.range();
    (least..=most).contains(&value).then_some(Value::Exact(value, scale_of(to)?))
}

fn text(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Truth(truth) => truth.to_string(),
        Value::Exact(value, scale) => decimal_text(*value, *scale),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.clone().into_owned(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        Value::Days(days) => date_text(i32::try_from(*days).unwrap_or(i32::MAX)),
        Value::Time(micros) => time_text(*micros),
        Value::Moment(micros) => timestamp_text(*micros),
    })
}

fn read<'v>(text: &str, to: &DataType) -> Option<Value<'v>> {
    let bytes = text.as_bytes();
    let days = Pattern::default_for(&DataType::Date);
    let pattern = Pattern::default_for(to);
    Some(match to {
        DataType::Bool => Value::Truth(match text.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => return None,
        }),
        DataType::Binary => Value::Bytes(Cow::Owned(bytes.to_vec())),
        DataType::Float64 => Value::Float(number::float(bytes, false).ok()?),
        DataType::Float32 => Value::Float(number::float32(bytes, false).ok()?.into()),
        DataType::Date => {
            let moments = Pattern::default_for(&DataType::Timestamp);
            let of_moment = || moments.timestamp(bytes).map(|moment| moment.div_euclid(DAY));
            Value::Days(days.date(bytes).map(i64::from).or_else(of_moment)?)
        }
        DataType::Time => Value::Time(pattern.time(bytes)?),
        DataType::Timestamp | DataType::TimestampTz => {
            Value::Moment(pattern.timestamp(bytes).or_else(|| days.timestamp(bytes))?)
        }
        integer if integer.is_integer() => fitted(number::integer(bytes).ok()?, to)?,
        to => {
            let (unscaled, digits) = number::any_decimal(bytes).ok()?;
            fitted(rescaled(unscaled, digits, scale_of(to)?)?, to)?
        }
    })
}
