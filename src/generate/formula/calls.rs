//! Functions of formulas. Arguments are not NULL.

use std::borrow::Cow;

use crate::generate::formula::cast::cast;
use crate::generate::formula::value::{Value, fits};
use crate::model::literal::civil_from_days;
use crate::model::number::exact::{power, round_off};
use crate::model::temporal::DAY;
use crate::model::{DataType, Function};

/// Calls a function; `None` where it cannot be computed.
pub(super) fn call(function: Function, args: Vec<Value<'_>>) -> Option<Value<'_>> {
    let mut args = args.into_iter();
    let first = args.next()?;
    let (second, third) = (args.next(), args.next());
    Some(match (function, first) {
        (Function::Abs, Value::Exact(value, scale)) => Value::Exact(value.wrapping_abs(), scale),
        (Function::Abs, Value::Float(value)) => Value::Float(value.abs()),
        (Function::Floor, Value::Exact(value, scale)) => Value::Exact(value.div_euclid(power(scale)?), 0),
        (Function::Ceil, Value::Exact(value, scale)) => {
            let unit = power(scale)?;
            Value::Exact(value.div_euclid(unit) + i128::from(value.rem_euclid(unit) != 0), 0)
        }
        (Function::Floor, Value::Float(value)) => Value::Float(libm::floor(value)),
        (Function::Ceil, Value::Float(value)) => Value::Float(libm::ceil(value)),
        (Function::Round, value) => round(&value, second.as_ref())?,
        (Function::Length, Value::Text(text)) => Value::Exact(i128::try_from(text.chars().count()).ok()?, 0),
        (Function::Length, Value::Bytes(bytes)) => Value::Exact(i128::try_from(bytes.len()).ok()?, 0),
        (Function::Length, length @ Value::Exact(..)) => length,
        (Function::Lower, Value::Text(text)) => Value::Text(Cow::Owned(text.to_lowercase())),
        (Function::Upper, Value::Text(text)) => Value::Text(Cow::Owned(text.to_uppercase())),
        (Function::Trim, Value::Text(text)) => Value::Text(Cow::Owned(text.trim_matches(' ').to_owned())),
        (Function::StartsWith, Value::Text(text)) => Value::Truth(text.starts_with(plain(second.as_ref())?)),
        (Function::EndsWith, Value::Text(text)) => Value::Truth(text.ends_with(plain(second.as_ref())?)),
        (Function::Contains, Value::Text(text)) => Value::Truth(text.contains(plain(second.as_ref())?)),
        (Function::Substring, Value::Text(text)) => {
            let start = whole(second.as_ref())?;
            let end = match &third {
                Some(length) => start.saturating_add(whole(Some(length))?.max(0)),
                None => i128::MAX,
            };
            let skipped = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
            let taken = usize::try_from(end.saturating_sub(start.max(1)).max(0)).unwrap_or(usize::MAX);
            Value::Text(Cow::Owned(text.chars().skip(skipped).take(taken).collect()))
        }
        (Function::Date, value) => match cast(value, &DataType::Date) {
            Value::Null => return None,
            day => day,
        },
        (Function::Year | Function::Month | Function::Day, Value::Days(day)) => part_of_day(function, day),
        (Function::Year | Function::Month | Function::Day, Value::Moment(moment)) => {
            part_of_day(function, moment.div_euclid(DAY))
        }
        (Function::Hour | Function::Minute | Function::Second, Value::Time(micros) | Value::Moment(micros)) => {
            let seconds = micros.rem_euclid(DAY) / 1_000_000;
            let part = match function {
                Function::Hour => seconds / 3600,
                Function::Minute => seconds / 60 % 60,
                _ => seconds % 60,
            };
            Value::Exact(part.into(), 0)
        }
        _ => return None,
    })
}

fn plain<'a>(value: Option<&'a Value<'_>>) -> Option<&'a str> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

const fn whole(value: Option<&Value<'_>>) -> Option<i128> {
    match value {
        Some(Value::Exact(value, 0)) => Some(*value),
        _ => None,
    }
}

fn part_of_day<'v>(function: Function, day: i64) -> Value<'v> {
    let (year, month, day) = civil_from_days(i32::try_from(day).unwrap_or(i32::MAX));
    let part = match function {
        Function::Year => i128::from(year),
        Function::Month => month.into(),
        _ => day.into(),
    };
    Value::Exact(part, 0)
}

/// Rounds half away from zero, keeping digits after the point (before it, where negative).
fn round<'v>(value: &Value<'_>, kept: Option<&Value<'_>>) -> Option<Value<'v>> {
    let kept = match kept {
        None => 0,
        kept => i32::try_from(whole(kept)?).ok()?,
    };
    match value {
        Value::Exact(value, scale) => {
            let dropped = u8::try_from(i32::from(*scale).saturating_sub(kept).max(0)).ok()?;
            let to = (*scale).min(u8::try_from(kept.max(0)).unwrap_or(u8::MAX));
            let zeros = power(u8::try_from(kept.min(0).unsigned_abs()).ok()?)?;
            Some(Value::Exact(fits(round_off(*value, dropped).checked_mul(zeros)?)?, to))
        }
        Value::Float(value) => {
            let unit = (0..kept.unsigned_abs().min(400)).fold(1.0, |unit, _| unit * 10.0);
            let moved = if kept < 0 { value / unit } else { value * unit };
            Some(Value::Float(if !moved.is_finite() {
                *value
            } else if kept < 0 {
                libm::round(moved) * unit
            } else {
                libm::round(moved) / unit
            }))
        }
        _ => None,
    }
}

/// Matches SQL's LIKE on the whole text: `%` any text, `_` one character, backslash escapes.
pub(super) fn like(text: &str, pattern: &str, ignore_case: bool) -> bool {
    let fold = |text: &str| -> Vec<char> {
        if ignore_case { text.chars().flat_map(char::to_lowercase).collect() } else { text.chars().collect() }
    };
    // `None` is any text, `Some(None)` any character.
    let mut steps: Vec<Option<Option<char>>> = Vec::new();
    let folded = fold(pattern);
    let mut letters = folded.iter();
    while let Some(letter) = letters.next() {
        steps.push(match letter {
            '%' => None,
            '_' => Some(None),
            '\\' => Some(Some(*letters.next().unwrap_or(&'\\'))),
            other => Some(Some(*other)),
        });
    }
    let text = fold(text);
    let (mut at, mut step) = (0, 0);
    // Where to go on after the last `%` when what follows does not match.
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match steps.get(step) {
            Some(None) => {
                back = Some((step + 1, at));
                step += 1;
            }
            Some(Some(want)) if want.is_none_or(|want| want == text[at]) => {
                at += 1;
                step += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    (step, at) = (after, from + 1);
                    back = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    steps[step..].iter().all(Option::is_none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_is_that_of_sql() {
        for (text, pattern) in
            [("abc", "a%"), ("abc", "%c"), ("abc", "_b_"), ("", "%"), ("a%b", r"a\%b"), ("aXbXc", "a%b%c")]
        {
            assert!(like(text, pattern, false), "{text} {pattern}");
        }
        for (text, pattern) in [("abc", "a"), ("abc", "_"), ("axb", r"a\%b"), ("ABC", "abc"), ("ab", "a%c")] {
            assert!(!like(text, pattern, false), "{text} {pattern}");
        }
        assert!(like("ÄBC", "äb%", true));
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        let round = |value, kept: i128| round(&Value::Exact(value, 2), Some(&Value::Exact(kept, 0)));
        assert_eq!(round(-1250, 0), Some(Value::Exact(-13, 0)));
        assert_eq!(round(1249, 1), Some(Value::Exact(125, 1)));
        assert_eq!(round(155_000, -2), Some(Value::Exact(1600, 0)));
    }
}
