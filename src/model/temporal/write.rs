//! Moments to text: the inverse of reading, item by item.

use crate::model::literal::{civil_from_days, days_from_civil};
use crate::model::temporal::compile::{Field, Item};
use crate::model::temporal::{DAY, MONTHS, Pattern};

const SECOND: i64 = 1_000_000;

impl Pattern {
    /// Appends a moment, in microseconds since 1970-01-01T00:00:00 UTC, so that the pattern reads it back. A day is its
    /// midnight, a time of day one of 1970-01-01. What the pattern has no place for is cut off
    /// (see [`Pattern::step`]); offsets are written as `Z`, fractions of any length with six digits.
    pub fn write(&self, micros: i64, out: &mut Vec<u8>) {
        let days = i32::try_from(micros.div_euclid(DAY)).unwrap_or(i32::MAX);
        let (year, month, day) = civil_from_days(days);
        let counted = self.items.iter().any(|item| matches!(item, Item::Epoch { .. }));
        let clock = micros.rem_euclid(DAY);
        let parts = Parts { micros, days, year: year.unsigned_abs(), month, day, clock, counted };
        for item in &self.items {
            parts.push(*item, out);
        }
    }

    /// Gives the finest difference the pattern writes, in microseconds: values that are multiples of it read back
    /// as they were.
    #[must_use]
    pub fn step(&self) -> i64 {
        let step = |item: &Item| match item {
            Item::Fraction { digits: Some(digits @ 0..6), .. } => 10i64.pow(6 - u32::from(*digits)),
            Item::Fraction { .. } => 1,
            Item::Two(Field::Second) | Item::Short(Field::Second) | Item::Epoch { .. } => SECOND,
            Item::Two(Field::Minute) | Item::Short(Field::Minute) => 60 * SECOND,
            item if item.is_hour() => 3600 * SECOND,
            _ => DAY,
        };
        self.items.iter().map(step).min().unwrap_or(DAY)
    }
}

/// A moment taken apart.
struct Parts {
    micros: i64,
    days: i32,
    year: u32,
    month: u32,
    day: u32,
    /// Microseconds since midnight.
    clock: i64,
    /// Seconds since 1970 are written; behind a minus their fraction counts away from zero.
    counted: bool,
}

impl Parts {
    fn push(&self, item: Item, out: &mut Vec<u8>) {
        match item {
            Item::Byte(byte) => out.push(byte),
            Item::Separator => out.push(b'T'),
            Item::Year => push_digits(out, self.year, 4),
            Item::YearOfCentury => push_digits(out, self.year % 100, 2),
            Item::Two(field) => push_digits(out, self.field(field), 2),
            Item::Short(field) => push_digits(out, self.field(field), 1),
            Item::PaddedDay if self.day < 10 => {
                out.push(b' ');
                push_digits(out, self.day, 1);
            }
            Item::PaddedDay => push_digits(out, self.day, 2),
            Item::DayOfYear => {
                let first = days_from_civil(self.year.cast_signed(), 1, 1);
                push_digits(out, (self.days - first + 1).unsigned_abs(), 3);
            }
            Item::MonthName { full } => {
                let name = MONTHS.get(self.month.wrapping_sub(1) as usize).copied().unwrap_or_default();
                out.extend_from_slice(name.as_bytes().get(..if full { name.len() } else { 3 }).unwrap_or_default());
            }
            Item::Meridiem => out.extend_from_slice(if self.hour() < 12 { b"AM" } else { b"PM" }),
            Item::Fraction { point: true, digits: None } if self.fraction() == 0 => {}
            Item::Fraction { point, digits } => {
                if point {
                    out.push(b'.');
                }
                self.push_fraction(out, digits.unwrap_or(6));
            }
            Item::Offset => out.push(b'Z'),
            Item::Epoch { .. } => {
                if self.micros < 0 {
                    out.push(b'-');
                }
                push_digits64(out, self.micros.unsigned_abs() / SECOND.unsigned_abs(), 1);
            }
        }
    }

    fn push_fraction(&self, out: &mut Vec<u8>, digits: u8) {
        let fraction = self.fraction();
        let width = usize::from(digits);
        if digits < 6 {
            return push_digits(out, fraction / 10u32.pow(6 - u32::from(digits)), width);
        }
        push_digits(out, fraction, 6);
        out.extend(std::iter::repeat_n(b'0', width - 6));
    }

    fn fraction(&self) -> u32 {
        let fraction = if self.counted { self.micros.unsigned_abs() } else { self.clock.unsigned_abs() };
        u32::try_from(fraction % SECOND.unsigned_abs()).unwrap_or(0)
    }

    fn hour(&self) -> u32 {
        u32::try_from(self.clock / (3600 * SECOND)).unwrap_or(0)
    }

    fn field(&self, field: Field) -> u32 {
        let seconds = u32::try_from(self.clock / SECOND).unwrap_or(0);
        match field {
            Field::Month => self.month,
            Field::Day => self.day,
            Field::Hour => seconds / 3600,
            Field::Hour12 => (seconds / 3600 + 11) % 12 + 1,
            Field::Minute => seconds / 60 % 60,
            Field::Second => seconds % 60,
        }
    }
}

fn push_digits(out: &mut Vec<u8>, value: u32, width: usize) {
    push_digits64(out, value.into(), width);
}

/// Appends a number with leading zeros up to `width` digits.
fn push_digits64(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let start = out.len();
    while value > 0 || out.len() < start + width {
        out.push(b'0' + u8::try_from(value % 10).unwrap_or(0));
        value /= 10;
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::DataType;

    fn text(pattern: &str, micros: i64) -> String {
        let mut out = Vec::new();
        Pattern::new(pattern).unwrap().write(micros, &mut out);
        String::from_utf8(out).unwrap()
    }

    const MOMENT: i64 = 1_772_549_765_012_345; // 2026-03-03T14:56:05.012345Z

    #[test]
    fn every_letter_is_written() {
        for (pattern, want) in [
            ("%Y-%m-%d %H:%M:%S%.f", "2026-03-03 14:56:05.012345"),
            ("%d/%m/%y", "03/03/26"),
            ("%-d. %B %Y", "3. March 2026"),
            ("%e %b %Y %I:%M %p", " 3 Mar 2026 02:56 PM"),
            ("%Y%j", "2026062"),
            ("%F %T%.3f%z", "2026-03-03 14:56:05.012Z"),
            ("%T.%9f", "14:56:05.012345000"),
            ("%s%3f", "1772549765012"),
            ("%Y-%m-%d %R 100%%", "2026-03-03 14:56 100%"),
        ] {
            assert_eq!(text(pattern, MOMENT), want, "{pattern}");
        }
        assert_eq!(text("%T%.f", 3_600_000_000), "01:00:00");
        assert_eq!(text("%-I %p", 0), "12 AM");
    }

    #[test]
    fn steps_are_the_finest_difference() {
        for (pattern, step) in [
            ("%F", DAY),
            ("%H", 3_600_000_000),
            ("%R", 60_000_000),
            ("%T", 1_000_000),
            ("%T%.f", 1),
            ("%s%3f", 1000),
            ("%s", 1_000_000),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().step(), step, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(micros in -62_135_596_800_000_000i64..=253_402_300_799_999_999) {
            for pattern in ["%Y-%m-%dT%H:%M:%S%.f", "%d.%m.%Y %I:%M:%S %p", "%Y%j %H%M", "%b %e %Y", "%F %T%.3f%z"] {
                let pattern = Pattern::new(pattern).unwrap();
                let mut out = Vec::new();
                pattern.write(micros, &mut out);
                prop_assert_eq!(pattern.timestamp(&out), Some(micros - micros.rem_euclid(pattern.step())));
            }
            prop_assert_eq!(Pattern::new("%s%6f").unwrap().timestamp(text("%s%6f", micros).as_bytes()), Some(micros));
            let mut out = Vec::new();
            let pattern = Pattern::default_for(&DataType::TimestampTz);
            pattern.write(micros, &mut out);
            prop_assert_eq!(pattern.timestamp(&out), Some(micros));
        }
    }
}
