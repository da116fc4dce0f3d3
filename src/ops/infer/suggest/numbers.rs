//! Bounds of numbers: the ends of a closed scale as they are, other ends rounded outwards, and no upper end where values
//! run far out.

use crate::analyze::semantic::personal::words;
use crate::model::DataType;
use crate::model::draft::{ColumnDraft, Evidence, Value};
use crate::model::literal::decimal_text;
use crate::model::number;
use crate::model::profile::ColumnProfile;
use crate::model::words::thousands;
use crate::ops::infer::keys::is_key_name;
use crate::ops::infer::suggest::Style;

/// Values of a closed scale at most (`0` to `10`, a month, an hour).
const SCALE: u64 = 60;

/// Words of names whose values are above nothing.
const POSITIVE: &[&str] =
    &["price", "amount", "cost", "quantity", "qty", "weight", "height", "length", "width", "rate"];

/// A number as digits and scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exact {
    unscaled: i128,
    scale: u8,
}

/// Suggests bounds.
pub fn suggest(draft: &mut ColumnDraft, profile: &ColumnProfile, kind: &DataType, style: Style) {
    let (Some(low), Some(high)) = (read(profile.minimum.as_deref()), read(profile.maximum.as_deref())) else { return };
    let seen = profile.values();
    let evidence = |what: &str, value: Exact| Evidence::counted(format!("{what} {}", shown(value)), seen, seen);
    if style == Style::Strict {
        bound(draft, "minimum", low, evidence("lowest", low));
        bound(draft, "maximum", high, evidence("highest", high));
        return;
    }
    let identifies = kind.is_integer() && is_key_name(&profile.name);
    if kind.is_integer() && !identifies && is_closed(profile, low, high) {
        let words = |what: &str, value: Exact| {
            let counts = format!("{what} {}, {} different whole numbers", shown(value), profile.distinct.value);
            Evidence::counted(counts, seen, seen)
        };
        bound(draft, "minimum", low, words("lowest", low));
        bound(draft, "maximum", high, words("highest", high));
        return;
    }
    let zero = Exact { unscaled: 0, scale: 0 };
    let one = Exact { unscaled: 1, scale: 0 };
    let name = format!(" {} ", words(&profile.name));
    if low.unscaled > 0 && POSITIVE.iter().any(|word| name.contains(&format!(" {word} "))) {
        bound(draft, "exclusive_minimum", zero, evidence("lowest", low));
    } else if low.unscaled >= 0 {
        let first = kind.is_integer() && low == one;
        bound(draft, "minimum", if first { one } else { zero }, evidence("lowest", low));
    } else if profile.outliers.as_ref().is_none_or(|outliers| outliers.count == 0) {
        bound(draft, "minimum", outwards(low), evidence("lowest", low));
    }
    let spread = profile.outliers.as_ref().is_some_and(|outliers| outliers.count > 0);
    let many = seen >= 100 && !identifies && !is_nearly_unique_integer(profile, kind);
    if many && !spread && high.unscaled > 0 {
        let words = format!("highest {}, none far from the others", shown(high));
        bound(draft, "maximum", outwards(high), Evidence::counted(words, seen, seen));
    }
}

fn bound(draft: &mut ColumnDraft, key: &'static str, value: Exact, evidence: Evidence) {
    draft.set(key, Value::Plain(shown(value)), evidence);
}

/// Keys and counters grow.
fn is_nearly_unique_integer(profile: &ColumnProfile, kind: &DataType) -> bool {
    kind.is_integer() && profile.distinct.value * 10 >= profile.values() * 9
}

/// A scale is closed where nearly every whole number between its ends occurs, and often.
fn is_closed(profile: &ColumnProfile, low: Exact, high: Exact) -> bool {
    let width = high.unscaled.saturating_sub(low.unscaled).saturating_add(1);
    let distinct = profile.distinct.value;
    profile.distinct.is_exact()
        && distinct > 1
        && distinct <= SCALE
        && i128::from(distinct) * 4 >= width.saturating_mul(3)
        && profile.values() >= distinct * 5
}

/// Rounds away from zero to one digit, or two where the first is a 1: 9999.72 is 10000, 1829 is 1900.
fn outwards(value: Exact) -> Exact {
    let (negative, mut digits, mut scale) = (value.unscaled < 0, value.unscaled.unsigned_abs(), i32::from(value.scale));
    let mut rest = false;
    while digits >= 20 {
        rest |= digits % 10 != 0;
        digits /= 10;
        scale -= 1;
    }
    digits += u128::from(rest);
    while scale < 0 {
        digits = digits.saturating_mul(10);
        scale += 1;
    }
    let unscaled = i128::try_from(digits).unwrap_or(i128::MAX);
    Exact { unscaled: if negative { -unscaled } else { unscaled }, scale: u8::try_from(scale).unwrap_or(0) }
}

fn read(text: Option<&str>) -> Option<Exact> {
    let text = text?;
    let (unscaled, scale) = if let Ok(found) = number::any_decimal(text.as_bytes()) {
        found
    } else {
        // Floats with an exponent: to six places, which bounds can do with.
        let value: f64 = text.parse().ok()?;
        let plain = format!("{value:.6}");
        if !value.is_finite() || plain.len() > 30 {
            return None;
        }
        number::any_decimal(plain.as_bytes()).ok()?
    };
    let (mut unscaled, mut scale) = (unscaled, scale);
    while scale > 0 && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    Some(Exact { unscaled, scale })
}

fn shown(value: Exact) -> String {
    decimal_text(value.unscaled, value.scale)
}

/// Writes how many different values there are.
#[must_use]
pub fn distinct(profile: &ColumnProfile) -> String {
    let sign = if profile.distinct.is_exact() { "" } else { "about " };
    format!("{sign}{} different", thousands(profile.distinct.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_rounded_outwards() {
        for (value, want) in [
            ("9999.72", "10000"),
            ("-998.22", "-1000"),
            ("1829", "1900"),
            ("1999", "2000"),
            ("10", "10"),
            ("7", "7"),
            ("0.05", "0.05"),
            ("0.0345", "0.04"),
            ("5959", "6000"),
            ("0", "0"),
            ("100", "100"),
            ("15.5", "16"),
        ] {
            assert_eq!(shown(outwards(read(Some(value)).unwrap())), want, "{value}");
        }
    }
}
