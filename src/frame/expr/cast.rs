//! Casts. A value that does not fit is NULL and trouble.

use polars::prelude::StringChunked;

use crate::frame::expr::evaluate::Troubles;
use crate::frame::expr::moment::DAY;
use crate::frame::expr::number::each;
use crate::frame::expr::value::{Outcome, Value};
use crate::frame::judge::number::nearest_float;
use crate::model::literal::{date_text, decimal_text, time_text, timestamp_text};
use crate::model::number::exact::{of_float, power, rescaled};
use crate::model::temporal::Pattern;
use crate::model::{DataType, number};

/// Brings values to a type.
///
/// # Errors
/// For casts that types alone rule out.
pub(super) fn cast(value: Value, to: &DataType, troubles: &mut Troubles) -> Outcome<Value> {
    Ok(match (value, to) {
        (value @ Value::Truth(_), DataType::Bool)
        | (value @ Value::Text(_), DataType::String)
        | (value @ Value::Bytes(_), DataType::Binary)
        | (value @ Value::Days(_), DataType::Date)
        | (value @ Value::Time(_), DataType::Time)
        | (value @ Value::Moment(_), DataType::Timestamp | DataType::TimestampTz) => value,
        (value, DataType::String) => Value::Text(to_text(&value, troubles)?),
        (Value::Text(texts), to) => from_text(&texts, to, troubles)?,
        (Value::Float(values), DataType::Float64) => Value::Float(values),
        (Value::Float(values), DataType::Float32) => Value::Float(each(&values, troubles, single)),
        (Value::Exact(values, scale), DataType::Float64) => {
            Value::Float(each(&values, troubles, |value| Some(nearest_float(value, scale))))
        }
        (Value::Exact(values, scale), DataType::Float32) => Value::Float(each(&values, troubles, |value| {
            decimal_text(value, scale).parse::<f32>().ok().filter(|value| value.is_finite()).map(f64::from)
        })),
        (Value::Exact(values, from), to) => {
            let (scale, fits) = (scale_of(to)?, range_of(to)?);
            Value::Exact(
                each(&values, troubles, |value| rescaled(value, from, scale).filter(|v| fits.contains(v))),
                scale,
            )
        }
        (Value::Float(values), to) => {
            let (scale, fits) = (scale_of(to)?, range_of(to)?);
            Value::Exact(each(&values, troubles, |value| of_float(value, scale).filter(|v| fits.contains(v))), scale)
        }
        (Value::Days(days), DataType::Timestamp | DataType::TimestampTz) => {
            Value::Moment(each(&days, troubles, |day: i64| day.checked_mul(DAY)))
        }
        (Value::Moment(moments), DataType::Date) => {
            Value::Days(each(&moments, troubles, |moment: i64| Some(moment.div_euclid(DAY))))
        }
        (Value::Moment(moments), DataType::Time) => {
            Value::Time(each(&moments, troubles, |moment: i64| Some(moment.rem_euclid(DAY))))
        }
        (value, to) => return Err(format!("{} cannot be cast to {to}", value.what())),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest float32 is what is asked")]
fn single(value: f64) -> Option<f64> {
    let single = value as f32;
    (single.is_finite() || !value.is_finite()).then(|| f64::from(single))
}

/// The digits after the point of an exact type.
fn scale_of(to: &DataType) -> Outcome<u8> {
    match to {
        DataType::Decimal { scale, .. } => Ok(*scale),
        to if to.is_integer() => Ok(0),
        to => Err(format!("{to} is not an exact number")),
    }
}

/// The unscaled values an exact type holds.
fn range_of(to: &DataType) -> Outcome<std::ops::RangeInclusive<i128>> {
    Ok(match to {
        DataType::Int8 => i8::MIN.into()..=i8::MAX.into(),
        DataType::Int16 => i16::MIN.into()..=i16::MAX.into(),
        DataType::Int32 => i32::MIN.into()..=i32::MAX.into(),
        DataType::Int64 => i64::MIN.into()..=i64::MAX.into(),
        DataType::UInt8 => 0..=u8::MAX.into(),
        DataType::UInt16 => 0..=u16::MAX.into(),
        DataType::UInt32 => 0..=u32::MAX.into(),
        DataType::UInt64 => 0..=u64::MAX.into(),
        DataType::Decimal { precision, .. } => {
            let most = power(*precision).ok_or("more than 38 digits")? - 1;
            -most..=most
        }
        to => return Err(format!("{to} is not an exact number")),
    })
}

fn to_text(value: &Value, troubles: &mut Troubles) -> Outcome<StringChunked> {
    Ok(match value {
        Value::Truth(values) => values.iter().map(|cell| cell.map(|truth| truth.to_string())).collect(),
        Value::Exact(values, scale) => values.iter().map(|cell| cell.map(|v| decimal_text(v, *scale))).collect(),
        Value::Float(values) => values.iter().map(|cell| cell.map(|v: f64| v.to_string())).collect(),
        Value::Text(values) => values.clone(),
        Value::Bytes(values) => {
            let len = values.len();
            let mut texts = Vec::with_capacity(len);
            for (row, cell) in values.iter().enumerate() {
                let text = cell.map(std::str::from_utf8);
                if matches!(text, Some(Err(_))) {
                    troubles.mark(row, len);
                }
                texts.push(text.and_then(Result::ok));
            }
            texts.into_iter().collect()
        }
        Value::Days(values) => {
            values.iter().map(|cell| cell.map(|day| date_text(i32::try_from(day).unwrap_or(i32::MAX)))).collect()
        }
        Value::Time(values) => values.iter().map(|cell| cell.map(time_text)).collect(),
        Value::Moment(values) => values.iter().map(|cell| cell.map(timestamp_text)).collect(),
        Value::Nested(_) => return Err("a nested value cannot be cast to string".to_owned()),
    })
}

fn from_text(texts: &StringChunked, to: &DataType, troubles: &mut Troubles) -> Outcome<Value> {
    let days = Pattern::default_for(&DataType::Date);
    let pattern = Pattern::default_for(to);
    let midnight = |text: &str| days.date(text.as_bytes()).map(|day| i64::from(day) * DAY);
    Ok(match to {
        DataType::Bool => Value::Truth(read(texts, troubles, truth).collect()),
        DataType::Binary => Value::Bytes(texts.iter().map(|cell| cell.map(str::as_bytes)).collect()),
        DataType::Float64 => {
            Value::Float(read(texts, troubles, |text| number::float(text.as_bytes(), false).ok()).collect())
        }
        DataType::Float32 => {
            let single = |text: &str| number::float32(text.as_bytes(), false).ok().map(f64::from);
            Value::Float(read(texts, troubles, single).collect())
        }
        DataType::Date => {
            let moments = Pattern::default_for(&DataType::Timestamp);
            let of_moment = |text: &str| moments.timestamp(text.as_bytes()).map(|moment| moment.div_euclid(DAY));
            let day = |text: &str| days.date(text.as_bytes()).map(i64::from).or_else(|| of_moment(text));
            Value::Days(read(texts, troubles, day).collect())
        }
        DataType::Time => Value::Time(read(texts, troubles, |text| pattern.time(text.as_bytes())).collect()),
        DataType::Timestamp | DataType::TimestampTz => {
            let moment = |text: &str| pattern.timestamp(text.as_bytes()).or_else(|| midnight(text));
            Value::Moment(read(texts, troubles, moment).collect())
        }
        to => {
            let (scale, fits) = (scale_of(to)?, range_of(to)?);
            let whole = to.is_integer();
            let number = |text: &str| {
                let (unscaled, digits) = if whole {
                    (number::integer(text.as_bytes()).ok()?, 0)
                } else {
                    number::any_decimal(text.as_bytes()).ok()?
                };
                rescaled(unscaled, digits, scale).filter(|value| fits.contains(value))
            };
            Value::Exact(read(texts, troubles, number).collect(), scale)
        }
    })
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Reads each text; one that does not read is NULL and trouble.
fn read<'a, T: 'a>(
    texts: &'a StringChunked,
    troubles: &'a mut Troubles,
    reader: impl Fn(&str) -> Option<T> + 'a,
) -> impl Iterator<Item = Option<T>> + 'a {
    let len = texts.len();
    texts.iter().enumerate().map(move |(row, cell)| {
        let value = reader(cell?);
        if value.is_none() {
            troubles.mark(row, len);
        }
        value
    })
}
