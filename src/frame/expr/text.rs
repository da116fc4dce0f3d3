//! Text: search, change, length.

use std::borrow::Cow;

use polars::prelude::{BooleanChunked, ChunkApply, StringChunked, StringNameSpaceImpl};
use regex::Regex;

use crate::frame::expr::value::{Exact, Outcome, Value};
use crate::model::Function;

/// Matches whole texts.
pub(super) fn like(texts: &StringChunked, pattern: &Regex) -> BooleanChunked {
    texts.iter().map(|cell| cell.map(|text| pattern.is_match(text))).collect()
}

/// Counts code points, bytes or elements.
///
/// # Errors
/// For values of another form.
pub(super) fn length(value: Value) -> Outcome<Value> {
    let lengths: Exact = match value {
        Value::Text(texts) => texts.iter().map(|cell| cell.map(|text| count(text.chars().count()))).collect(),
        Value::Bytes(values) => values.iter().map(|cell| cell.map(|bytes| count(bytes.len()))).collect(),
        Value::Nested(lengths) => lengths,
        other => return Err(format!("{} has no length", other.what())),
    };
    Ok(Value::Exact(lengths, 0))
}

/// A count is far below the limit.
fn count(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(i128::MAX)
}

/// Changes case, or takes blanks off both ends.
///
/// # Errors
/// For values that are no text.
pub(super) fn map(value: Value, function: Function) -> Outcome<Value> {
    let texts = value.text()?;
    Ok(Value::Text(match function {
        Function::Lower => texts.to_lowercase(),
        Function::Upper => texts.to_uppercase(),
        _ => texts.apply_values(|text| Cow::Borrowed(text.trim_matches(' '))),
    }))
}

/// Searches the second text in the first.
///
/// # Errors
/// For values that are no text.
pub(super) fn search(value: Value, function: Function, part: Value) -> Outcome<Value> {
    let (texts, parts) = (value.text()?, part.text()?);
    let len = longest(&[texts.len(), parts.len()]);
    let found = |row: usize| {
        let (text, part) = (at(&texts, row)?, at(&parts, row)?);
        Some(match function {
            Function::StartsWith => text.starts_with(part),
            Function::EndsWith => text.ends_with(part),
            _ => text.contains(part),
        })
    };
    Ok(Value::Truth((0..len).map(found).collect()))
}

/// Cuts text: the characters from a position (from 1) on, at most so many. As in SQL, positions before the text count
/// towards the length.
///
/// # Errors
/// For values of other forms.
pub(super) fn substring(value: Value, start: Value, characters: Option<Value>) -> Outcome<Value> {
    let texts = value.text()?;
    let Value::Exact(starts, 0) = start else { return Err(format!("{} as a position", start.what())) };
    let lengths = match characters {
        None => None,
        Some(Value::Exact(lengths, 0)) => Some(lengths),
        Some(other) => return Err(format!("{} as a length", other.what())),
    };
    let len = longest(&[texts.len(), starts.len(), lengths.as_ref().map_or(1, Exact::len)]);
    let cut = |row: usize| {
        let (text, start) = (at(&texts, row)?, number_at(&starts, row)?);
        let end = match &lengths {
            None => i128::MAX,
            Some(lengths) => start.saturating_add(number_at(lengths, row)?.max(0)),
        };
        Some(slice(text, start.max(1), end))
    };
    Ok(Value::Text((0..len).map(cut).collect()))
}

/// Gives the characters from one position up to another, which is left out; both from 1.
fn slice(text: &str, start: i128, end: i128) -> &str {
    let byte = |position: i128| match usize::try_from(position - 1) {
        Ok(characters) => text.char_indices().nth(characters).map_or(text.len(), |(byte, _)| byte),
        Err(_) => text.len(),
    };
    if end <= start { "" } else { &text[byte(start)..byte(end)] }
}

fn longest(lengths: &[usize]) -> usize {
    lengths.iter().copied().find(|len| *len != 1).unwrap_or(1)
}

fn at(texts: &StringChunked, row: usize) -> Option<&str> {
    texts.get(if texts.len() == 1 { 0 } else { row })
}

fn number_at(numbers: &Exact, row: usize) -> Option<i128> {
    numbers.get(if numbers.len() == 1 { 0 } else { row })
}
