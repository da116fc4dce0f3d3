//! Where the values of a JSON record stand. It walks bytes that a writer made; on anything else it gives nothing.

use std::ops::Range;

use crate::model::{Column, DataType, Step, Table};

/// What a JSON value is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}

/// A value found by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub span: Range<usize>,
    /// `basket[1].price`.
    pub path: String,
    /// `/basket/1/price`.
    pub pointer: String,
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// With its quotes.
    pub key: Range<usize>,
    pub value: Range<usize>,
}

/// Gives the first byte at or behind `at` that is no blank.
fn blanks(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Finds the end of the value that starts at `at`. Brackets are counted, not followed.
fn end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string_end(text, at),
        b'[' | b'{' => {
            let (mut depth, mut here) = (0u32, at);
            loop {
                match text.get(here)? {
                    b'"' => {
                        here = string_end(text, here)?;
                        continue;
                    }
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => depth -= 1,
                    _ => {}
                }
                here += 1;
                if depth == 0 {
                    return Some(here);
                }
            }
        }
        b',' | b']' | b'}' | b':' => None,
        _ => {
            let stops = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            let rest = text.get(at..)?;
            Some(at + rest.iter().position(stops).unwrap_or(rest.len()))
        }
    }
}

fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut here = at + 1;
    loop {
        match text.get(here)? {
            b'"' => return Some(here + 1),
            b'\\' => here += 2,
            _ => here += 1,
        }
    }
}

/// Says what the value at a place is.
#[must_use]
pub fn shape(text: &[u8], span: &Range<usize>) -> Shape {
    match text.get(span.start) {
        Some(b'"') => Shape::Text,
        Some(b'[') => Shape::List,
        Some(b'{') => Shape::Object,
        Some(b't' | b'f') => Shape::Bool,
        Some(b'n') => Shape::Null,
        _ => Shape::Number,
    }
}

/// Finds the object a record is, without the blanks around it.
#[must_use]
pub fn object(text: &[u8]) -> Option<Range<usize>> {
    let start = blanks(text, 0);
    if text.get(start) != Some(&b'{') {
        return None;
    }
    let end = end(text, start)?;
    (blanks(text, end) == text.len()).then_some(start..end)
}

/// Gives the members of an object.
#[must_use]
pub fn members(text: &[u8], object: &Range<usize>) -> Option<Vec<Member>> {
    let mut list = Vec::new();
    let mut at = blanks(text, object.start + 1);
    if text.get(at) == Some(&b'}') {
        return Some(list);
    }
    loop {
        let key = at..string_end(text, at).filter(|_| text.get(at) == Some(&b'"'))?;
        at = blanks(text, key.end);
        if text.get(at) != Some(&b':') {
            return None;
        }
        at = blanks(text, at + 1);
        let value = at..end(text, at)?;
        at = blanks(text, value.end);
        list.push(Member { key, value });
        match text.get(at)? {
            b',' => at = blanks(text, at + 1),
            b'}' => return Some(list),
            _ => return None,
        }
    }
}

/// Gives the elements of an array.
#[must_use]
pub fn elements(text: &[u8], list: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    let mut at = blanks(text, list.start + 1);
    if text.get(at) == Some(&b']') {
        return Some(found);
    }
    loop {
        let value = at..end(text, at)?;
        at = blanks(text, value.end);
        found.push(value);
        match text.get(at)? {
            b',' => at = blanks(text, at + 1),
            b']' => return Some(found),
            _ => return None,
        }
    }
}

/// Finds the value of a key; the first where it stands twice.
#[must_use]
pub fn member(text: &[u8], object: &Range<usize>, name: &str) -> Option<Range<usize>> {
    if shape(text, object) != Shape::Object {
        return None;
    }
    members(text, object)?.into_iter().find(|member| key(text, member) == name).map(|member| member.value)
}

/// Gives a member's key, escapes undone.
#[must_use]
pub fn key(text: &[u8], member: &Member) -> String {
    string(text, &member.key).unwrap_or_default()
}

/// Gives the content of a string, escapes undone.
#[must_use]
pub fn string(text: &[u8], span: &Range<usize>) -> Option<String> {
    serde_json::from_slice(text.get(span.clone())?).ok()
}

/// Gives a value as text: a string's content, anything else as it stands.
#[must_use]
pub fn content(text: &[u8], span: &Range<usize>) -> Vec<u8> {
    match shape(text, span) {
        Shape::Text => string(text, span).unwrap_or_default().into_bytes(),
        _ => text.get(span.clone()).unwrap_or_default().to_vec(),
    }
}

/// Tells whether text is written as JSON writes numbers.
#[must_use]
pub fn is_number(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'-' | b'0'..=b'9')) && serde_json::from_slice::<serde_json::Number>(text).is_ok()
}

/// Writes text as a JSON string.
#[must_use]
pub fn quote(text: &str) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 2);
    crate::frame::show::write_quoted(text, &mut out);
    out.into_bytes()
}

/// Follows a path to one value; `pick` chooses among so many elements of a list. A value that is there may be `null`;
/// nothing is found in an empty list, or inside `null`.
pub fn find(
    text: &[u8],
    table: &Table,
    column: usize,
    steps: &[Step],
    pick: &mut dyn FnMut(usize) -> usize,
) -> Option<Found> {
    let mut at = table.columns.get(column)?;
    let mut span = member(text, &object(text)?, &at.name)?;
    let (mut path, mut pointer) = (at.name.clone(), format!("/{}", token(&at.name)));
    for step in steps {
        match (step, &at.data_type) {
            (Step::Items, DataType::List(item)) if shape(text, &span) == Shape::List => {
                let all = elements(text, &span)?;
                let index = pick(all.len());
                span = all.into_iter().nth(index)?;
                path = format!("{path}[{index}]");
                pointer = format!("{pointer}/{index}");
                at = item;
            }
            (Step::Field(field), DataType::Struct(fields)) => {
                at = fields.get(*field)?;
                span = member(text, &span, &at.name)?;
                path = format!("{path}.{}", at.name);
                pointer = format!("{pointer}/{}", token(&at.name));
            }
            _ => return None,
        }
    }
    Some(Found { span, path, pointer })
}

/// Escapes a key for a JSON pointer (RFC 6901).
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Shows every value a path reaches to `visit`: its span, or `None` where it is missing while its parents are there.
pub fn each(
    text: &[u8],
    column: &Column,
    span: Option<Range<usize>>,
    steps: &[Step],
    visit: &mut dyn FnMut(Option<Range<usize>>),
) {
    let Some((step, rest)) = steps.split_first() else { return visit(span) };
    let Some(span) = span.filter(|span| shape(text, span) != Shape::Null) else { return };
    match (step, &column.data_type) {
        (Step::Items, DataType::List(item)) => {
            for element in elements(text, &span).unwrap_or_default() {
                each(text, item, Some(element), rest, visit);
            }
        }
        (Step::Field(field), DataType::Struct(fields)) => {
            let Some(column) = fields.get(*field) else { return };
            each(text, column, member(text, &span, &column.name), rest, visit);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_path() {
        let text = br#" {"a": "x\"y", "b":[{"p":1},{"p" : -2.5, "q":null}], "c":{}} "#;
        let record = object(text).unwrap();
        let names: Vec<String> = members(text, &record).unwrap().iter().map(|member| key(text, member)).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let list = member(text, &record, "b").unwrap();
        let second = elements(text, &list).unwrap()[1].clone();
        assert_eq!(content(text, &member(text, &second, "p").unwrap()), b"-2.5");
        assert_eq!(shape(text, &member(text, &second, "q").unwrap()), Shape::Null);
        assert_eq!(content(text, &member(text, &record, "a").unwrap()), b"x\"y");
    }

    #[test]
    fn what_is_broken_gives_nothing() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":[1,", "[1]", "{\"a\":1}}", "{\"a\":\"\\"] {
            let found = object(text.as_bytes()).and_then(|record| members(text.as_bytes(), &record));
            assert_eq!(found, None, "{text}");
        }
        assert!(is_number(b"-1.5e3") && !is_number(b"01") && !is_number(b"abc") && !is_number(b" 1"));
    }
}
