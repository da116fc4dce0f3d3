//! Days, times and timestamps.

use polars::prelude::Int64Chunked;
use polars::prelude::arity::{broadcast_binary_elementwise, unary_elementwise};

use crate::frame::expr::cast;
use crate::frame::expr::evaluate::Troubles;
use crate::frame::expr::value::{Exact, Outcome, Value};
use crate::model::literal::{civil_from_days, days_from_civil};
use crate::model::{BinaryOp, DataType, Function};

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// The first and the last day there is.
const DAYS: std::ops::RangeInclusive<i32> = days_from_civil(1, 1, 1)..=days_from_civil(9999, 12, 31);

/// Adds days to days, takes them off, or counts those between two.
///
/// # Errors
/// For values of other forms.
pub(super) fn shift(a: Value, op: BinaryOp, b: Value, troubles: &mut Troubles) -> Outcome<Value> {
    match (a, b) {
        (Value::Days(a), Value::Days(b)) if op == BinaryOp::Subtract => {
            let between: Exact = broadcast_binary_elementwise(&a, &b, |a: Option<i64>, b: Option<i64>| {
                Some(i128::from(a?) - i128::from(b?))
            });
            Ok(Value::Exact(between, 0))
        }
        (Value::Days(a), Value::Exact(b, 0)) => {
            let len = if a.len() == 1 { b.len() } else { a.len() };
            let mut row = 0;
            let moved = broadcast_binary_elementwise(&a, &b, |day: Option<i64>, by: Option<i128>| {
                let at = row;
                row += 1;
                let (day, by) = (i128::from(day?), by?);
                let moved = if op == BinaryOp::Add { day.checked_add(by) } else { day.checked_sub(by) };
                let moved = moved.and_then(|day| i32::try_from(day).ok()).filter(|day| DAYS.contains(day));
                if moved.is_none() {
                    troubles.mark(at, len);
                }
                moved.map(i64::from)
            });
            Ok(Value::Days(moved))
        }
        (a, b) => Err(format!("{} and {} cannot be calculated", a.what(), b.what())),
    }
}

/// Gives the day of a timestamp, or reads one from text.
///
/// # Errors
/// For values of other forms.
pub(super) fn date(value: Value, troubles: &mut Troubles) -> Outcome<Value> {
    cast::cast(value, &DataType::Date, troubles)
}

/// Gives a part of days, times or timestamps.
///
/// # Errors
/// For values of other forms.
pub(super) fn part(value: &Value, function: Function) -> Outcome<Value> {
    let parts = match value {
        Value::Days(days) => of_each(days, |day| of_day(day, function)),
        Value::Moment(moments) => of_each(moments, |moment| match function {
            Function::Year | Function::Month | Function::Day => of_day(moment.div_euclid(DAY), function),
            _ => of_time(moment.rem_euclid(DAY), function),
        }),
        Value::Time(times) => of_each(times, |time| of_time(time, function)),
        other => return Err(format!("{} has no parts", other.what())),
    };
    Ok(Value::Exact(parts, 0))
}

fn of_each(values: &Int64Chunked, part: impl Fn(i64) -> i64) -> Exact {
    unary_elementwise(values, |cell: Option<i64>| cell.map(|value| i128::from(part(value))))
}

fn of_day(day: i64, function: Function) -> i64 {
    let (year, month, day) = civil_from_days(i32::try_from(day).unwrap_or(i32::MAX));
    match function {
        Function::Year => i64::from(year),
        Function::Month => i64::from(month),
        _ => i64::from(day),
    }
}

const fn of_time(micros: i64, function: Function) -> i64 {
    let seconds = micros / 1_000_000;
    match function {
        Function::Hour => seconds / 3600,
        Function::Minute => seconds / 60 % 60,
        _ => seconds % 60,
    }
}
