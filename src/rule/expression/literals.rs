//! Values written in an expression.

use sqlparser::ast::Value;

use crate::model::temporal::Pattern;
use crate::model::{DataType, Expr, Function, Literal, number};
use crate::rule::expression::resolve::Typed;
use crate::rule::expression::types::{decimal, digits};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Reads a value; `None` for sorts of values that mean nothing here.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(value: &Value) -> Result<Option<Typed>, String> {
    Ok(Some(match value {
        Value::Null => Typed::null(),
        Value::Boolean(value) => Typed::new(Expr::Literal(Literal::Bool(*value)), DataType::Bool),
        Value::SingleQuotedString(text) => Typed::new(Expr::Literal(Literal::String(text.clone())), DataType::String),
        Value::HexStringLiteral(text) => match hex(text) {
            Some(bytes) => Typed::new(Expr::Literal(Literal::Binary(bytes)), DataType::Binary),
            None => return Err(format!("`{text}` is not pairs of hexadecimal digits")),
        },
        Value::Number(text, _) => number(text)?,
        _ => return Ok(None),
    }))
}

/// Reads a number exactly; with an exponent that makes it neither whole nor a decimal it is a float.
fn number(text: &str) -> Result<Typed, String> {
    if let Ok(value) = number::integer(text.as_bytes()) {
        return whole(value).ok_or_else(|| format!("{text} has over 38 digits"));
    }
    if let Ok((unscaled, scale)) = number::any_decimal(text.as_bytes()) {
        return Ok(fraction(unscaled, scale));
    }
    match text.parse::<f64>() {
        Ok(_) if !text.contains(['e', 'E']) => Err(format!("{text} has over 38 digits")),
        Ok(value) if value.is_finite() => Ok(Typed::new(Expr::Literal(Literal::Float(value)), DataType::Float64)),
        _ => Err(format!("{text} is not a number karat can hold")),
    }
}

fn whole(value: i128) -> Option<Typed> {
    let data_type = if i64::try_from(value).is_ok() {
        DataType::Int64
    } else if u64::try_from(value).is_ok() {
        DataType::UInt64
    } else {
        let digits = u8::try_from(value.unsigned_abs().to_string().len()).ok().filter(|digits| *digits <= 38)?;
        decimal(digits, 0)
    };
    Some(Typed::new(Expr::Literal(Literal::Int(value)), data_type))
}

fn fraction(unscaled: i128, scale: u8) -> Typed {
    let len = u8::try_from(unscaled.unsigned_abs().to_string().len()).unwrap_or(u8::MAX);
    Typed::new(Expr::Literal(Literal::Decimal { unscaled, scale }), decimal(len.saturating_sub(scale), scale))
}

/// Turns the sign of a number around; `None` for what is not a number written down.
pub(super) fn negated(expr: &Expr) -> Option<Typed> {
    match expr {
        Expr::Literal(Literal::Int(value)) => whole(value.checked_neg()?),
        Expr::Literal(Literal::Decimal { unscaled, scale }) => Some(fraction(unscaled.checked_neg()?, *scale)),
        Expr::Literal(Literal::Float(value)) => {
            Some(Typed::new(Expr::Literal(Literal::Float(-value)), DataType::Float64))
        }
        _ => None,
    }
}

/// Reads a value in the type it stands beside: text as a moment, a number as a float, NULL as anything.
///
/// # Errors
/// The message and the hint, where text does not read as the type.
pub(super) fn adapt(typed: Typed, beside: &DataType) -> Result<Typed, (String, String)> {
    let expr = match (&typed.expr, beside) {
        (Expr::Literal(Literal::Null), _) | (Expr::Call { function: Function::Now, .. }, DataType::Timestamp) => {
            cast(typed.expr, beside)
        }
        (Expr::Literal(Literal::String(text)), beside) if beside.is_temporal() => moment(text, beside)?,
        (
            Expr::Literal(literal @ (Literal::Int(_) | Literal::Decimal { .. })),
            DataType::Float32 | DataType::Float64,
        ) => float(literal, beside),
        (Expr::Literal(Literal::Float(value)), DataType::Float32) => Expr::Literal(Literal::Float(single(*value))),
        _ => return Ok(typed),
    };
    Ok(Typed::new(expr, beside.clone()))
}

/// Reads text as a date, time or timestamp.
///
/// # Errors
/// The message and the hint.
pub(super) fn moment(text: &str, data_type: &DataType) -> Result<Expr, (String, String)> {
    let bytes = text.as_bytes();
    let pattern = Pattern::default_for(data_type);
    let midnight = || Pattern::default_for(&DataType::Date).date(bytes).map(|days| i64::from(days) * DAY);
    let literal = match data_type {
        DataType::Date => pattern.date(bytes).map(Literal::Date),
        DataType::Time => pattern.time(bytes).map(Literal::Time),
        _ => pattern.timestamp(bytes).or_else(midnight).map(Literal::Timestamp),
    };
    let example = match data_type {
        DataType::Date => "2026-01-31",
        DataType::Time => "23:59:59",
        DataType::Timestamp => "2026-01-31 23:59:59",
        _ => "2026-01-31T23:59:59Z",
    };
    literal
        .map(Expr::Literal)
        .ok_or_else(|| (format!("`{text}` does not read as {data_type}"), format!("write it as '{example}'")))
}

fn float(literal: &Literal, beside: &DataType) -> Expr {
    // The shortest way to the nearest float, rounded once.
    let text = literal.to_string();
    let value = if *beside == DataType::Float32 {
        text.parse::<f32>().map_or(f64::NAN, f64::from)
    } else {
        text.parse().unwrap_or(f64::NAN)
    };
    Expr::Literal(Literal::Float(value))
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the column's type is what is asked")]
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// Writes an exact number with as many digits after the point as a decimal has; `None` where it would change.
fn rescaled(literal: &Literal, to: &DataType) -> Option<Literal> {
    let DataType::Decimal { precision, scale } = to else { return None };
    let (value, from) = match literal {
        Literal::Int(value) => (*value, 0),
        Literal::Decimal { unscaled, scale } => (*unscaled, *scale),
        _ => return None,
    };
    let unscaled = value.checked_mul(10_i128.checked_pow(u32::from(scale.checked_sub(from)?))?)?;
    let (whole, fraction) = digits(to)?;
    let fits = unscaled.unsigned_abs() < 10_u128.checked_pow(u32::from(whole + fraction))?;
    (fits && *precision > 0).then_some(Literal::Decimal { unscaled, scale: *scale })
}

/// Brings a value to a type it is known to fit.
pub(super) fn coerce(typed: Typed, to: &DataType) -> Expr {
    if typed.data_type.as_ref() == Some(to) {
        return typed.expr;
    }
    if let Expr::Literal(literal) = &typed.expr
        && let Some(literal) = rescaled(literal, to)
    {
        return Expr::Literal(literal);
    }
    cast(typed.expr, to)
}

/// Writes a number written down with the digits of a decimal, where it has no more; the same number all the same.
pub(super) fn lifted(expr: Expr, beside: &DataType) -> Expr {
    match &expr {
        Expr::Literal(literal) => rescaled(literal, beside).map_or(expr, Expr::Literal),
        _ => expr,
    }
}

/// Wraps an expression in a cast.
pub(super) fn cast(expr: Expr, to: &DataType) -> Expr {
    Expr::Cast { expr: Box::new(expr), to: to.clone(), lenient: false }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
