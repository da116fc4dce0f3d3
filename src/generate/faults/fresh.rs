//! Fresh values: keys that no row of a table can have, yet look like one where that can be.

use crate::frame::judge::pattern::Pattern;
use crate::generate::faults::moment::Clock;
use crate::generate::faults::numbers::{self, Dec};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::{CellTest, DataType};

/// Digits a made-up number has at least: no table has as many rows.
const DIGITS: usize = 15;

/// Gives a value for a key that is taken by no row. Where it can, it keeps the rules of the column: numbers go far
/// beyond any count of rows, and the digits of a text grow in number. Else the text gets an ending that its pattern
/// refuses, so that no accepted row can have it.
#[must_use]
pub fn value(target: &Target, text: &[u8], draws: &mut Draws) -> Option<Vec<u8>> {
    let data_type = &target.column.data_type;
    if let Some((_, most)) = numbers::range(data_type) {
        // Narrow types may be used up to their end.
        let wide = most > i128::from(u16::MAX);
        let least = wide.then(|| most - i128::from(draws.below(1000)))?;
        return Some(least.to_string().into_bytes());
    }
    match data_type {
        DataType::Decimal { precision, scale } => {
            let most = 10i128.checked_pow(u32::from(*precision))? - 1 - i128::from(draws.below(9));
            Some(Dec { unscaled: most, scale: *scale }.text())
        }
        DataType::Date | DataType::Timestamp | DataType::TimestampTz => {
            let clock: &Clock = target.clock.as_ref()?;
            // 9000-01-01 and on.
            clock.write((2_567_758 + i64::try_from(draws.below(300_000)).ok()?) * 86_400_000_000, text)
        }
        DataType::String => string(target, std::str::from_utf8(text).ok()?, draws),
        _ => None,
    }
}

fn string(target: &Target, text: &str, draws: &mut Draws) -> Option<Vec<u8>> {
    let longest = target.longest().and_then(|longest| usize::try_from(longest).ok()).unwrap_or(usize::MAX);
    if is_uuid(text) {
        return Some(hex(text, draws).into_bytes());
    }
    let start = text.rfind(|letter: char| letter.is_ascii_digit()).map(|last| {
        let head = text.get(..=last).unwrap_or_default();
        (head.trim_end_matches(|letter: char| letter.is_ascii_digit()).len(), last + 1)
    });
    if let Some((from, to)) = start {
        let digits: String =
            (0..DIGITS.max(to - from + 1)).map(|at| digit(if at == 0 { 9 } else { draws.below(10) })).collect();
        let grown = format!("{}{digits}{}", text.get(..from)?, text.get(to..)?);
        if grown.chars().count() <= longest && agrees(target, &grown) {
            return Some(grown.into_bytes());
        }
    }
    // A last word that no generator writes; it breaks the pattern of a key that has one.
    let strange = format!("{text}~{}", digit(draws.below(10)));
    Some(strange.into_bytes())
}

fn digit(number: u64) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_digit(number % 10, 10)).unwrap_or('0')
}

fn agrees(target: &Target, text: &str) -> bool {
    target.tests().all(|test| match test {
        CellTest::Pattern { pattern, search } => {
            Pattern::new(pattern, *search).is_ok_and(|pattern| pattern.is_match(text))
        }
        CellTest::Format(_) => false,
        _ => true,
    })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Draws the digits of a UUID anew, but for its version and variant.
fn hex(text: &str, draws: &mut Draws) -> String {
    let anew = |(at, letter): (usize, char)| match (at, letter) {
        (14 | 19, letter) | (_, letter @ '-') => letter,
        _ => u32::try_from(draws.below(16)).ok().and_then(|digit| char::from_digit(digit, 16)).unwrap_or('0'),
    };
    text.chars().enumerate().map(anew).collect()
}
