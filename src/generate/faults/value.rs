//! Value: one value of a record read by its column's type, and asked by the tests of the contract, one at a time.
//!
//! This is a second reading of what the checker does column by column; each is the other's witness.

use std::cmp::Ordering;

use crate::frame::judge::formats::Compiled;
use crate::frame::judge::number::{Number, moment};
use crate::frame::judge::pattern::Pattern;
use crate::generate::faults::json::Shape;
use crate::generate::faults::moment::Clock;
use crate::generate::faults::numbers::{self, Dec};
use crate::model::{CellTest, Column, CompareOp, Context, DataType, Literal, binary, number};

/// A value that reads as its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Number(Number),
    Text(String),
    Bool(bool),
    /// Microseconds: since midnight for times, else since 1970-01-01.
    Moment(i64),
    Bytes(Vec<u8>),
    /// A list of so many elements.
    List(u64),
    Struct,
}

/// Reads text (JSON: of this shape) as a column's type. `None` where it does not read.
#[must_use]
pub fn read(column: &Column, clock: Option<&Clock>, text: &[u8], shape: Option<Shape>) -> Option<Value> {
    let data_type = &column.data_type;
    let bare = match shape {
        None => false,
        Some(Shape::Text) => {
            let exact = matches!(data_type, DataType::Int64 | DataType::UInt64 | DataType::Decimal { .. });
            if data_type.is_nested() || !exact && (data_type.is_numeric() || *data_type == DataType::Bool) {
                return None;
            }
            false
        }
        Some(Shape::Number) if data_type.is_numeric() => true,
        Some(Shape::Bool) if *data_type == DataType::Bool => {
            return Some(Value::Bool(text == b"true"));
        }
        Some(_) => return None,
    };
    Some(match data_type {
        DataType::Bool => Value::Bool(boolean(text)?),
        DataType::Float32 => Value::Number(Number::Float(number::float32(text, column.allow_nan).ok()?.into())),
        DataType::Float64 => Value::Number(Number::Float(number::float(text, column.allow_nan).ok()?)),
        DataType::Decimal { precision, scale } => {
            let unscaled = number::decimal(text, *precision, *scale, bare).ok()?;
            Value::Number(Number::Exact { unscaled, scale: *scale })
        }
        DataType::String => Value::Text(String::from_utf8(text.to_vec()).ok()?),
        DataType::Binary => {
            let mut bytes = Vec::new();
            let hex = column.format.as_deref() == Some("hex");
            if hex {
                binary::hex(text, &mut bytes)?;
            } else {
                binary::base64(text, &mut bytes)?;
            }
            Value::Bytes(bytes)
        }
        DataType::List(_) | DataType::Struct(_) => return None,
        temporal if temporal.is_temporal() => Value::Moment(clock?.read(text)?),
        integer => {
            let unscaled = number::integer(text).ok()?;
            let (least, most) = numbers::range(integer)?;
            (least..=most).contains(&unscaled).then_some(Value::Number(Number::Exact { unscaled, scale: 0 }))?
        }
    })
}

fn boolean(text: &[u8]) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    if is(&["true", "t", "yes", "y", "1"]) {
        return Some(true);
    }
    is(&["false", "f", "no", "n", "0"]).then_some(false)
}

/// A test of single values, made ready.
#[derive(Debug)]
pub enum Test {
    Required,
    Bound(CompareOp, Literal),
    OneOf(Vec<Literal>, bool),
    Multiple(Dec),
    Pattern(Pattern),
    Format(Compiled),
    Length(u64, u64),
    Items(u64, u64),
}

impl Test {
    /// Makes a test ready; `None` where it cannot be compiled.
    #[must_use]
    pub fn new(test: &CellTest) -> Option<Self> {
        let span = |minimum: &Option<u64>, maximum: &Option<u64>| (minimum.unwrap_or(0), maximum.unwrap_or(u64::MAX));
        Some(match test {
            CellTest::Required => Self::Required,
            CellTest::Bound { op, bound } => Self::Bound(*op, bound.clone()),
            CellTest::OneOf { values, negated } => Self::OneOf(values.clone(), *negated),
            CellTest::MultipleOf(divisor) => Self::Multiple(Dec::of(divisor)?),
            CellTest::Pattern { pattern, search } => Self::Pattern(Pattern::new(pattern, *search).ok()?),
            CellTest::Format(format) => Self::Format(Compiled::new(format).ok()?),
            CellTest::Length { minimum, maximum } => {
                let (minimum, maximum) = span(minimum, maximum);
                Self::Length(minimum, maximum)
            }
            CellTest::Items { minimum, maximum } => {
                let (minimum, maximum) = span(minimum, maximum);
                Self::Items(minimum, maximum)
            }
        })
    }

    /// Tells whether a value surely breaks the test.
    #[must_use]
    pub fn is_broken_by(&self, value: &Value, null_fails: bool, context: &Context) -> bool {
        match (self, value) {
            (Self::Required, value) => *value == Value::Null,
            (Self::OneOf(values, negated), Value::Null) => null_fails && (*negated || !values.contains(&Literal::Null)),
            (_, Value::Null) => null_fails,
            (Self::Bound(op, bound), value) => {
                not_finite(value) || order(value, bound, context).is_some_and(|order| !op.holds(order))
            }
            (Self::OneOf(values, negated), value) => {
                let listed = values.iter().any(|listed| order(value, listed, context) == Some(Ordering::Equal));
                not_finite(value) || listed == *negated
            }
            (Self::Multiple(divisor), Value::Number(value)) => is_no_multiple(*value, *divisor),
            (Self::Pattern(pattern), Value::Text(text)) => !pattern.is_match(text),
            (Self::Format(format), Value::Text(text)) => !format.holds(text),
            (Self::Length(minimum, maximum), Value::Text(text)) => {
                !(*minimum..=*maximum).contains(&(text.chars().count() as u64))
            }
            (Self::Length(minimum, maximum), Value::Bytes(bytes)) => {
                !(*minimum..=*maximum).contains(&(bytes.len() as u64))
            }
            (Self::Items(minimum, maximum), Value::List(items)) => !(*minimum..=*maximum).contains(items),
            _ => false,
        }
    }
}

fn not_finite(value: &Value) -> bool {
    matches!(value, Value::Number(Number::Float(value)) if !value.is_finite())
}

fn is_no_multiple(value: Number, divisor: Dec) -> bool {
    let value = match value {
        Number::Exact { unscaled, scale } => Some(Dec { unscaled, scale }),
        Number::Float(value) if value.is_finite() => Dec::read(value.to_string().as_bytes()),
        Number::Float(_) => return true,
    };
    let Some(value) = value else { return false };
    let scale = value.scale.max(divisor.scale);
    match (value.with_scale(scale), divisor.with_scale(scale)) {
        (Some(value), Some(divisor)) if divisor.unscaled != 0 => value.unscaled % divisor.unscaled != 0,
        _ => false,
    }
}

/// Orders a value and a literal; `None` where they have no order.
fn order(value: &Value, literal: &Literal, context: &Context) -> Option<Ordering> {
    match (value, literal) {
        (Value::Number(value), literal) => value.order(Number::of(literal)?),
        (Value::Text(text), Literal::String(other)) => Some(text.as_bytes().cmp(other.as_bytes())),
        (Value::Bytes(bytes), Literal::Binary(other)) => Some(bytes.cmp(other)),
        (Value::Bool(flag), Literal::Bool(other)) => Some(flag.cmp(other)),
        (Value::Moment(micros), Literal::Time(other)) => Some(micros.cmp(other)),
        (Value::Moment(micros), literal) => Some(i128::from(*micros).cmp(&moment(literal, context)?)),
        _ => None,
    }
}
