//! Rules of one column against each other: bounds that leave no value, accepted values that another rule refuses.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use regex::Regex;

use crate::contract::rules::Draft;
use crate::contract::shape;
use crate::model::temporal::Pattern;
use crate::model::{CellTest, Check, CompareOp, Literal, TextFormat};
use crate::rule::node::Data;
use crate::rule::{Complaint, literal};

/// Complains about every contradiction among the rules of a table.
///
/// Rules with a `where` are left out: they may hold for different rows.
pub fn check(drafts: &[Draft<'_>], complaints: &mut Vec<Complaint>) {
    let mut columns: Vec<Tests<'_, '_>> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for draft in drafts.iter().filter(|draft| draft.rule.condition.is_none()) {
        let (Check::Cell(test), [path]) = (&draft.rule.check, draft.rule.columns.as_slice()) else { continue };
        let index = *known.entry(&path.text).or_insert(columns.len());
        match columns.get_mut(index) {
            Some(tests) => tests.push((draft, test)),
            None => columns.push(vec![(draft, test)]),
        }
    }
    for tests in columns {
        impossible(&tests, complaints);
        for (draft, test) in &tests {
            if let CellTest::OneOf { values, negated: false } = test {
                accepted(draft, values, &tests, complaints);
            }
        }
    }
}

/// The unconditional tests of one column, element or field.
type Tests<'d, 'n> = Vec<(&'d Draft<'n>, &'d CellTest)>;

/// One end of what a rule allows.
struct End<'d, 'n> {
    draft: &'d Draft<'n>,
    /// Bounds, lengths and item counts are not compared with each other.
    sort: Sort,
    low: bool,
    /// The bound itself is allowed.
    inclusive: bool,
    value: Literal,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Value,
    Length,
    Items,
}

fn ends<'d, 'n>(draft: &'d Draft<'n>, test: &CellTest) -> Vec<End<'d, 'n>> {
    let end = |sort, low, inclusive, value| End { draft, sort, low, inclusive, value };
    let counts = |sort, minimum: Option<u64>, maximum: Option<u64>| {
        let count = |low: bool, count: u64| end(sort, low, true, Literal::Int(i128::from(count)));
        minimum.map(|c| count(true, c)).into_iter().chain(maximum.map(|c| count(false, c))).collect()
    };
    match test {
        CellTest::Bound { op, bound } => match op {
            CompareOp::GtEq => vec![end(Sort::Value, true, true, bound.clone())],
            CompareOp::Gt => vec![end(Sort::Value, true, false, bound.clone())],
            CompareOp::LtEq => vec![end(Sort::Value, false, true, bound.clone())],
            CompareOp::Lt => vec![end(Sort::Value, false, false, bound.clone())],
            CompareOp::Eq | CompareOp::NotEq => Vec::new(),
        },
        CellTest::Length { minimum, maximum } => counts(Sort::Length, *minimum, *maximum),
        CellTest::Items { minimum, maximum } => counts(Sort::Items, *minimum, *maximum),
        _ => Vec::new(),
    }
}

fn impossible(tests: &[(&Draft<'_>, &CellTest)], complaints: &mut Vec<Complaint>) {
    let ends: Vec<End<'_, '_>> = tests.iter().flat_map(|(draft, test)| ends(draft, test)).collect();
    for low in ends.iter().filter(|end| end.low) {
        for high in ends.iter().filter(|end| !end.low && end.sort == low.sort) {
            let crossed = match literal::order(&low.value, &high.value) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => !(low.inclusive && high.inclusive),
                _ => false,
            };
            if !crossed {
                continue;
            }
            let (first, second) = if low.draft.span.start <= high.draft.span.start { (low, high) } else { (high, low) };
            let name = second.draft.rule.columns.first().map_or("", |path| path.text.as_str());
            let (kind, other) = (second.draft.rule.kind, first.draft.rule.kind);
            complaints.push(Complaint {
                code: "C908",
                span: second.draft.span.clone(),
                message: format!(
                    "no value of `{name}` can fit both `{other}: {}` and `{kind}: {}`",
                    first.value, second.value
                ),
                label: format!("against `{other}` in line {}", first.draft.rule.place.0),
                hint: Some("correct one of the two".to_owned()),
            });
        }
    }
}

fn accepted(draft: &Draft<'_>, values: &[Literal], tests: &[(&Draft<'_>, &CellTest)], complaints: &mut Vec<Complaint>) {
    for (other, test) in tests {
        if matches!(test, CellTest::OneOf { negated: false, .. }) {
            continue;
        }
        // Compiled once a rule, not once a value.
        let judge = judge(test);
        for (index, value) in values.iter().enumerate() {
            if judge(value) != Some(false) {
                continue;
            }
            let shown = shape::clip(&value.to_string());
            complaints.push(Complaint {
                code: "C912",
                span: item(draft, index, values.len()),
                message: format!("the accepted value `{shown}` can never pass: `{}` refuses it", other.rule.kind),
                label: format!("{} (line {})", other.rule.brief, other.rule.place.0),
                hint: Some("drop the value, or correct the other rule".to_owned()),
            });
        }
    }
}

fn item(draft: &Draft<'_>, index: usize, count: usize) -> Range<usize> {
    match draft.argument.map(|node| &node.data) {
        Some(Data::List(items)) if items.len() == count => {
            items.get(index).map_or_else(|| draft.span.clone(), |item| item.span.clone())
        }
        _ => draft.span.clone(),
    }
}

/// Gives the unconditional tests of one place that tell whether a written value can pass, each with its rule.
pub fn judges<'d, 'n>(drafts: &'d [Draft<'n>], path: &str) -> Vec<(&'d Draft<'n>, Judge<'d>)> {
    let here = |draft: &&Draft<'_>| {
        draft.rule.condition.is_none() && matches!(draft.rule.columns.as_slice(), [only] if only.text == path)
    };
    let tests = drafts.iter().filter(here).filter_map(|draft| match &draft.rule.check {
        Check::Cell(test) => Some((draft, judge(test))),
        _ => None,
    });
    tests.collect()
}

/// Says whether a value passes a test; `None` where that cannot be said here (`today`, NULL).
pub type Judge<'t> = Box<dyn Fn(&Literal) -> Option<bool> + 't>;

fn judge(test: &CellTest) -> Judge<'_> {
    match test {
        CellTest::Bound { op, bound } => {
            Box::new(move |value| literal::order(value, bound).map(|ordering| op.holds(ordering)))
        }
        CellTest::OneOf { values, negated } => Box::new(move |value| {
            Some(values.iter().any(|known| literal::order(known, value) == Some(Ordering::Equal)) != *negated)
        }),
        CellTest::Pattern { pattern, search } => {
            let whole = if *search { pattern.clone() } else { format!("^(?:{pattern})$") };
            let regex = Regex::new(&whole).ok();
            Box::new(move |value| match (value, &regex) {
                (Literal::String(text), Some(regex)) => Some(regex.is_match(text)),
                _ => None,
            })
        }
        CellTest::Format(format) => {
            let date = match format {
                TextFormat::DatePattern(pattern) => Pattern::new(pattern).ok(),
                _ => None,
            };
            Box::new(move |value| match (value, format, &date) {
                (Literal::String(text), TextFormat::DatePattern(_), Some(date)) => {
                    Some(date.timestamp(text.as_bytes()).is_some())
                }
                (Literal::String(text), format, _) => {
                    could_be(text, format).then_some(()).map_or(Some(false), |()| None)
                }
                _ => None,
            })
        }
        CellTest::Length { minimum, maximum } => Box::new(move |value| {
            let length = match value {
                Literal::String(text) => text.chars().count(),
                Literal::Binary(bytes) => bytes.len(),
                _ => return None,
            };
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            Some(minimum.is_none_or(|least| length >= least) && maximum.is_none_or(|most| length <= most))
        }),
        _ => Box::new(|_| None),
    }
}

/// Tells whether text has the outward look of a format: what has not is surely refused. The check of data is stricter.
fn could_be(text: &str, format: &TextFormat) -> bool {
    let all = |fits: fn(&u8) -> bool| text.as_bytes().iter().all(fits);
    let digits = |byte: &u8| byte.is_ascii_digit();
    match format {
        TextFormat::Email => text.contains('@'),
        TextFormat::Uuid => text.len() == 36 && all(|byte| byte.is_ascii_hexdigit() || *byte == b'-'),
        TextFormat::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
        TextFormat::Url | TextFormat::Ipv6 => text.contains(':'),
        TextFormat::IsoCountry => text.len() == 2 && all(u8::is_ascii_uppercase),
        TextFormat::IsoCurrency => text.len() == 3 && all(u8::is_ascii_uppercase),
        TextFormat::Iban => (5..=42).contains(&text.len()),
        TextFormat::Ean13 => text.len() == 13 && all(digits),
        TextFormat::PhoneE164 => text.starts_with('+'),
        TextFormat::DatePattern(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_refuse_what_cannot_be_theirs() {
        assert!(!could_be("XXX", &TextFormat::IsoCountry));
        assert!(could_be("GB", &TextFormat::IsoCountry));
        assert!(!could_be("a.example", &TextFormat::Email));
        assert!(!could_be("1.2.3", &TextFormat::Ipv4));
    }

    #[test]
    fn a_pattern_judges_the_whole_value() {
        let test = CellTest::Pattern { pattern: "a|ab".to_owned(), search: false };
        let text = |text: &str| Literal::String(text.to_owned());
        assert_eq!(judge(&test)(&text("ab")), Some(true));
        assert_eq!(judge(&test)(&text("abc")), Some(false));
        assert_eq!(judge(&test)(&Literal::Null), None);
    }
}
