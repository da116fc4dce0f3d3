//! Telephone numbers as people write them: `+49 30 123456`, `(030) 123-456`, `27-918-335-1736`; 7 to 15 digits (E.164),
//! in groups, or after a `+`. Digits without a mark are numbers, and what reads as a day is one.

use crate::analyze::semantic::Kind;

pub const PHONE: Kind =
    Kind { name: "phone", title: "telephone numbers", personal: true, format: None, length: (7, 24), least: 2, holds };

fn holds(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    let plus = rest.len() < text.len();
    let marks = rest.bytes().filter(|byte| !byte.is_ascii_digit()).count();
    (7..=15).contains(&digits)
        && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'))
        && (plus || marks > 0)
        && rest.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && rest.ends_with(|c: char| c.is_ascii_digit())
        && brackets(rest)
        && (plus || is_grouped(rest))
}

/// Brackets stand once around digits, or not at all.
fn brackets(text: &str) -> bool {
    let count = |mark| text.matches(mark).count();
    match (count('('), count(')')) {
        (0, 0) => true,
        (1, 1) => text.find('(') < text.find(')'),
        _ => false,
    }
}

/// Groups as in a number and not as in a day, a version, an amount or an address: with brackets, or the last one of at
/// least three digits behind one of at least two.
fn is_grouped(text: &str) -> bool {
    let groups: Vec<usize> =
        text.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|length| *length > 0).collect();
    let points = text.contains('.');
    let day = matches!(groups.as_slice(), [4, 1 | 2, 1 | 2, ..] | [1 | 2, 1 | 2, 2 | 4]);
    let mixed = text.contains('.') && text.contains(['-', '/']);
    match groups.as_slice() {
        _ if day || mixed => false,
        [_, last] if !points => text.contains('(') || *last >= 5 || groups.first() == Some(&3) && *last == 4,
        [first, .., last] if groups.len() >= 3 => {
            *first <= 4 && *last >= 2 && groups.iter().all(|length| *length <= 8) && (!points || *last == 4)
        }
        _ => false,
    }
}
