//! Moments: dates and times in the usual ways of writing them, their range, grain and gaps.
//!
//! `03/04/2026` is 3 April and 4 March: such values are counted both ways, and the way that reads more of the column
//! counts in the end.

use serde::{Deserialize, Serialize};

use crate::analyze::profile::kinds::Kind;
use crate::analyze::profile::ranks::Ranks;
use crate::model::DataType;
use crate::model::literal::civil_from_days;
pub(crate) use crate::model::temporal::DAY;
use crate::model::temporal::Pattern;

/// Different days kept of a column: more than a hundred years.
const DAYS: usize = 40_000;

/// Which part of the day comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// No doubt about it.
    Plain,
    DayFirst,
    MonthFirst,
}

/// Ways of writing a day, told apart in a column.
pub const WAYS: usize = 3;

/// A pattern (as a contract's `format`; none for what the type reads without), its kind and its way.
const FORMATS: &[(Option<&str>, Kind, Way)] = &[
    (None, Kind::Date, Way::Plain),
    (None, Kind::Timestamp, Way::Plain),
    (None, Kind::TimestampTz, Way::Plain),
    (None, Kind::Time, Way::Plain),
    (Some("%H:%M"), Kind::Time, Way::Plain),
    (Some("%-I:%M %p"), Kind::Time, Way::Plain),
    (Some("%Y/%m/%d"), Kind::Date, Way::Plain),
    (Some("%Y.%m.%d"), Kind::Date, Way::Plain),
    (Some("%d/%m/%Y"), Kind::Date, Way::DayFirst),
    (Some("%m/%d/%Y"), Kind::Date, Way::MonthFirst),
    (Some("%-d/%-m/%Y"), Kind::Date, Way::DayFirst),
    (Some("%-m/%-d/%Y"), Kind::Date, Way::MonthFirst),
    (Some("%d.%m.%Y"), Kind::Date, Way::Plain),
    (Some("%-d.%-m.%Y"), Kind::Date, Way::Plain),
    (Some("%d-%m-%Y"), Kind::Date, Way::DayFirst),
    (Some("%m-%d-%Y"), Kind::Date, Way::MonthFirst),
    (Some("%d/%m/%y"), Kind::Date, Way::DayFirst),
    (Some("%m/%d/%y"), Kind::Date, Way::MonthFirst),
    (Some("%d.%m.%y"), Kind::Date, Way::Plain),
    (Some("%-d %b %Y"), Kind::Date, Way::Plain),
    (Some("%-d-%b-%Y"), Kind::Date, Way::Plain),
    (Some("%-d %B %Y"), Kind::Date, Way::Plain),
    (Some("%b %-d, %Y"), Kind::Date, Way::Plain),
    (Some("%B %-d, %Y"), Kind::Date, Way::Plain),
    (Some("%Y-%m-%d %H:%M"), Kind::Timestamp, Way::Plain),
    (Some("%Y-%m-%dT%H:%M"), Kind::Timestamp, Way::Plain),
    (Some("%Y/%m/%d %H:%M:%S"), Kind::Timestamp, Way::Plain),
    (Some("%d/%m/%Y %H:%M:%S"), Kind::Timestamp, Way::DayFirst),
    (Some("%m/%d/%Y %H:%M:%S"), Kind::Timestamp, Way::MonthFirst),
    (Some("%d/%m/%Y %H:%M"), Kind::Timestamp, Way::DayFirst),
    (Some("%m/%d/%Y %H:%M"), Kind::Timestamp, Way::MonthFirst),
    (Some("%-m/%-d/%Y %-I:%M:%S %p"), Kind::Timestamp, Way::MonthFirst),
    (Some("%-m/%-d/%Y %-I:%M %p"), Kind::Timestamp, Way::MonthFirst),
    (Some("%d.%m.%Y %H:%M:%S"), Kind::Timestamp, Way::Plain),
    (Some("%d.%m.%Y %H:%M"), Kind::Timestamp, Way::Plain),
    (Some("%Y-%m-%d %H:%M:%S%.f %z"), Kind::TimestampTz, Way::Plain),
];

/// One moment as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub kind: Kind,
    /// Microseconds since 1970, or since midnight; by way of writing, where that way reads it.
    pub micros: [Option<i64>; WAYS],
    /// Bits of the patterns that read it.
    pub formats: u64,
}

/// All patterns, made ready.
#[derive(Debug)]
pub struct Formats {
    patterns: Vec<Pattern>,
}

impl Default for Formats {
    fn default() -> Self {
        Self::new()
    }
}

impl Formats {
    /// Prepares the patterns.
    #[must_use]
    pub fn new() -> Self {
        let pattern = |(format, kind, _): &(Option<&str>, Kind, Way)| {
            let data_type = data_type(*kind);
            format.and_then(|format| Pattern::new(format).ok()).unwrap_or_else(|| Pattern::default_for(&data_type))
        };
        Self { patterns: FORMATS.iter().map(pattern).collect() }
    }

    /// Reads a moment in any of the ways.
    #[inline]
    #[must_use]
    pub fn read(&self, text: &[u8]) -> Option<Moment> {
        // The usual one, at once.
        if text.len() == 10 && text.get(4) == Some(&b'-') {
            let day = self.patterns.first()?.date(text)?;
            return Some(Moment { kind: Kind::Date, micros: [Some(i64::from(day) * DAY), None, None], formats: 1 });
        }
        if !(4..=35).contains(&text.len()) || !text.iter().any(|byte| matches!(byte, b'-' | b'/' | b'.' | b':' | b' '))
        {
            return None;
        }
        self.search(text)
    }

    fn search(&self, text: &[u8]) -> Option<Moment> {
        let mut found: Option<Moment> = None;
        for (at, ((_, kind, way), pattern)) in FORMATS.iter().zip(&self.patterns).enumerate() {
            let micros = match kind {
                Kind::Date => pattern.date(text).map(|day| i64::from(day) * DAY),
                Kind::Time => pattern.time(text),
                _ => pattern.timestamp(text),
            };
            let Some(micros) = micros else { continue };
            let moment = found.get_or_insert(Moment { kind: *kind, micros: [None; WAYS], formats: 0 });
            if moment.kind == *kind {
                moment.formats |= 1 << at;
                if moment.micros[*way as usize].is_none() {
                    moment.micros[*way as usize] = Some(micros);
                }
            }
            // Only days and months can be taken for each other.
            if *way == Way::Plain {
                break;
            }
        }
        found
    }
}

/// Gives the type of a kind of moment.
#[must_use]
pub const fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Date => DataType::Date,
        Kind::Time => DataType::Time,
        Kind::TimestampTz => DataType::TimestampTz,
        _ => DataType::Timestamp,
    }
}

/// Gives a pattern as a contract writes it, by its bit: that of the type where the contract needs none.
#[must_use]
pub fn format_name(at: usize) -> &'static str {
    match FORMATS.get(at) {
        Some((Some(format), ..)) => format,
        Some((None, Kind::Date, _)) => "%Y-%m-%d",
        Some((None, Kind::Time, _)) => "%H:%M:%S%.f",
        Some((None, Kind::TimestampTz, _)) => "%Y-%m-%dT%H:%M:%S%.f%z",
        _ => "%Y-%m-%d %H:%M:%S%.f",
    }
}

/// Tells whether a pattern is one that its type reads without a `format`.
#[must_use]
pub fn is_default(at: usize) -> bool {
    FORMATS.get(at).is_some_and(|(format, ..)| format.is_none())
}

/// Tells whether a pattern belongs to a way of writing days.
#[must_use]
pub fn is_of_way(at: usize, way: usize) -> bool {
    FORMATS.get(at).is_some_and(|(.., own)| *own as usize == way)
}

/// Gathers the moments of a column that were read one way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    pub count: u64,
    pub least: i64,
    pub most: i64,
    pub weekend: u64,
    pub sentinels: u64,
    /// Bits of [`Grain`] that some moment has.
    grain: u16,
    pub ranks: Ranks,
    /// Days since 1970, sorted up to `sorted`.
    days: Vec<i32>,
    /// There were too many days to keep.
    lost: bool,
    #[serde(skip)]
    sorted: usize,
}

const MICROS: u16 = 1;
const SECONDS: u16 = 1 << 1;
const MINUTES: u16 = 1 << 2;
const HOURS: u16 = 1 << 3;
const MONTH_DAYS: u16 = 1 << 4;
const MONTHS: u16 = 1 << 5;
/// From here on one bit a day of the week.
const WEEKDAYS: u32 = 6;

impl Moments {
    /// Takes a moment that stands so often.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "microseconds of nine thousand years, to a few hundred of them")]
    pub fn add(&mut self, kind: Kind, micros: i64, weight: u64) {
        (self.least, self.most) =
            if self.count == 0 { (micros, micros) } else { (self.least.min(micros), self.most.max(micros)) };
        self.count += weight;
        self.ranks.add(micros as f64, weight);
        let (day, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
        if time != 0 {
            self.grain |= match time {
                time if time % 1_000_000 != 0 => MICROS,
                time if time % 60_000_000 != 0 => SECONDS,
                time if time % 3_600_000_000 != 0 => MINUTES,
                _ => HOURS,
            };
        }
        if kind != Kind::Time {
            self.add_day(i32::try_from(day).unwrap_or(0), weight);
        }
    }

    #[inline]
    fn add_day(&mut self, day: i32, weight: u64) {
        let (year, month, of_month) = civil_from_days(day);
        // 1 January 1970 was a Thursday; 0 is Monday.
        let weekday = (day + 3).rem_euclid(7).unsigned_abs();
        self.weekend += if weekday >= 5 { weight } else { 0 };
        self.grain |= 1 << (WEEKDAYS + weekday);
        if of_month != 1 {
            self.grain |= MONTH_DAYS;
        }
        if month != 1 {
            self.grain |= MONTHS;
        }
        if is_sentinel(year, month, of_month) {
            self.sentinels += weight;
            return;
        }
        if !self.lost && self.days.last() != Some(&day) {
            self.days.push(day);
            if self.days.len() >= 2 * self.sorted + 16_384 {
                self.settle();
            }
        }
    }

    /// Sorts the days.
    pub fn settle(&mut self) {
        self.days.sort_unstable();
        self.days.dedup();
        if self.lost || self.days.len() > DAYS {
            (self.days, self.lost) = (Vec::new(), true);
        }
        self.sorted = self.days.len();
    }

    /// Takes the moments of other rows.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other.clone();
            return;
        }
        (self.least, self.most) = (self.least.min(other.least), self.most.max(other.most));
        self.count += other.count;
        self.weekend += other.weekend;
        self.sentinels += other.sentinels;
        self.grain |= other.grain;
        self.ranks.merge(&other.ranks);
        self.lost |= other.lost;
        // Mostly the same days again.
        let new = other.days.iter().copied().filter(|day| self.days.binary_search(day).is_err());
        let new: Vec<i32> = new.collect();
        if !new.is_empty() || self.lost {
            self.days.extend(new);
            self.settle();
        }
    }

    /// Gives the different days, ascending, where they are known.
    #[must_use]
    pub fn days(&self) -> Option<&[i32]> {
        (!self.lost).then_some(self.days.as_slice())
    }

    /// Names the coarsest unit that all moments keep.
    #[must_use]
    pub const fn granularity(&self, kind: Kind) -> &'static str {
        let grain = self.grain;
        if grain & MICROS != 0 {
            "microsecond"
        } else if grain & SECONDS != 0 {
            "second"
        } else if grain & MINUTES != 0 {
            "minute"
        } else if grain & HOURS != 0 || matches!(kind, Kind::Time) {
            "hour"
        } else if grain & MONTH_DAYS != 0 {
            if (grain >> WEEKDAYS).is_power_of_two() && self.least < self.most { "week" } else { "day" }
        } else if grain & MONTHS != 0 {
            "month"
        } else {
            "year"
        }
    }
}

const fn is_sentinel(year: i32, month: u32, day: u32) -> bool {
    matches!(
        (year, month, day),
        (9999 | 2999 | 2099, 12, 31) | (9999 | 1900 | 1970 | 1753 | 1, 1, 1) | (1899, 12, 30 | 31)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(days: &[i32]) -> Moments {
        let mut moments = Moments::default();
        days.iter().for_each(|day| moments.add(Kind::Date, i64::from(*day) * DAY, 1));
        moments.settle();
        moments
    }

    #[test]
    fn both_ways_are_kept_while_in_doubt() {
        let formats = Formats::new();
        let doubt = formats.read(b"03/04/2026").unwrap();
        assert!(doubt.micros[1].is_some() && doubt.micros[2].is_some());
        let sure = formats.read(b"13/04/2026").unwrap();
        assert!(sure.micros[1].is_some() && sure.micros[2].is_none());
        assert_eq!(formats.read(b"2026-02-30"), None);
        assert!(FORMATS.len() <= 64);
    }

    #[test]
    fn grains() {
        assert_eq!(of(&[20_000, 20_001]).granularity(Kind::Date), "day");
        assert_eq!(of(&[20_000, 20_007]).granularity(Kind::Date), "week");
        assert_eq!(of(&[19_997, 20_028]).granularity(Kind::Date), "month");
        assert_eq!(of(&[0, 365]).granularity(Kind::Date), "year");
    }

    #[test]
    fn halves_make_the_whole() {
        let days: Vec<i32> = (0..500).map(|n| 20_000 + n * 7 % 365).collect();
        for cut in [0, 1, 250, 500] {
            let mut merged = of(&days[..cut]);
            merged.merge(&of(&days[cut..]));
            let whole = of(&days);
            assert_eq!((merged.days(), merged.count, merged.weekend), (whole.days(), whole.count, whole.weekend));
        }
    }
}
