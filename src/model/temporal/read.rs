//! Text to moments: step by step, or at once where the shape is ISO 8601.

use crate::model::temporal::compile::{Field, Item};
use crate::model::temporal::{DAY, MONTHS};

/// The top bit of each byte of a word.
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The first and the last microsecond of the years 1 to 9999.
const MOMENTS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// What a text said, each part within its own limits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moment {
    year: u32,
    month: u32,
    day: u32,
    day_of_year: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    afternoon: Option<bool>,
    offset_seconds: i32,
    /// Seconds since 1970, and whether a minus stood before them.
    epoch: Option<(i64, bool)>,
}

impl Moment {
    /// Gives the day, as written.
    pub(super) fn date(&self) -> Option<i32> {
        if self.epoch.is_some() {
            return i32::try_from(self.timestamp()?.div_euclid(DAY)).ok();
        }
        if self.day_of_year == 0 {
            return civil(self.year, self.month, self.day);
        }
        let days = if is_leap(self.year) { 366 } else { 365 };
        let first = civil(self.year, 1, 1)?;
        (self.day_of_year <= days).then(|| first + self.day_of_year.cast_signed() - 1)
    }

    /// Gives the time of day, as written.
    pub(super) fn time(&self) -> i64 {
        if let Some((seconds, _)) = self.epoch {
            return self.epoch_micros(seconds).unwrap_or(0).rem_euclid(DAY);
        }
        let hour = match self.afternoon {
            Some(afternoon) => self.hour % 12 + if afternoon { 12 } else { 0 },
            None => self.hour,
        };
        clock(hour, self.minute, self.second) + i64::from(self.micros)
    }

    /// Gives the moment, in UTC by its offset.
    pub(super) fn timestamp(&self) -> Option<i64> {
        let micros = match self.epoch {
            Some((seconds, _)) => self.epoch_micros(seconds)?,
            None => i64::from(self.date()?) * DAY + self.time() - i64::from(self.offset_seconds) * 1_000_000,
        };
        MOMENTS.contains(&micros).then_some(micros)
    }

    fn epoch_micros(&self, seconds: i64) -> Option<i64> {
        let negative = self.epoch.is_some_and(|(_, negative)| negative);
        let fraction = i64::from(self.micros);
        seconds.checked_mul(1_000_000)?.checked_add(if negative { -fraction } else { fraction })
    }

    /// Takes a number of two digits; `None` where it is out of its limits.
    fn take(&mut self, field: Field, value: u32) -> Option<()> {
        let (place, limits) = match field {
            Field::Month => (&mut self.month, 1..=12),
            Field::Day => (&mut self.day, 1..=31),
            Field::Hour => (&mut self.hour, 0..=23),
            Field::Hour12 => (&mut self.hour, 1..=12),
            Field::Minute => (&mut self.minute, 0..=59),
            Field::Second => (&mut self.second, 0..=59),
        };
        *place = value;
        limits.contains(&value).then_some(())
    }
}

/// Reads a text step by step. `None` where a step does not match, or text is left.
pub(super) fn moment(items: &[Item], text: &[u8]) -> Option<Moment> {
    let mut moment = Moment::default();
    let mut rest = text;
    for item in items {
        rest = step(*item, rest, &mut moment)?;
    }
    rest.is_empty().then_some(moment)
}

fn step<'a>(item: Item, text: &'a [u8], moment: &mut Moment) -> Option<&'a [u8]> {
    match item {
        Item::Byte(byte) => text.strip_prefix(&[byte]),
        Item::Separator => text.strip_prefix(b"T").or_else(|| text.strip_prefix(b" ")),
        Item::Year => {
            let (year, rest) = digits(text, 4)?;
            moment.year = year;
            Some(rest)
        }
        Item::YearOfCentury => {
            let (year, rest) = digits(text, 2)?;
            moment.year = year + if year < 69 { 2000 } else { 1900 };
            Some(rest)
        }
        Item::Two(field) => {
            let (value, rest) = digits(text, 2)?;
            moment.take(field, value)?;
            Some(rest)
        }
        Item::Short(field) => {
            let (value, rest) = digits(text, 2).or_else(|| digits(text, 1))?;
            moment.take(field, value)?;
            Some(rest)
        }
        Item::PaddedDay => {
            let (value, rest) = match text.strip_prefix(b" ") {
                Some(text) => digits(text, 1)?,
                None => digits(text, 2)?,
            };
            moment.take(Field::Day, value)?;
            Some(rest)
        }
        Item::DayOfYear => {
            let (value, rest) = digits(text, 3)?;
            moment.day_of_year = value;
            (value > 0).then_some(rest)
        }
        Item::MonthName { full } => month_name(text, full, moment),
        Item::Meridiem => {
            let (word, rest) = text.split_at_checked(2)?;
            moment.afternoon = Some(word.eq_ignore_ascii_case(b"pm"));
            (word.eq_ignore_ascii_case(b"pm") || word.eq_ignore_ascii_case(b"am")).then_some(rest)
        }
        Item::Fraction { point, digits } => {
            let (micros, rest) = fraction(text, point, digits)?;
            moment.micros = micros;
            Some(rest)
        }
        Item::Offset => {
            let (seconds, rest) = offset(text)?;
            moment.offset_seconds = seconds;
            Some(rest)
        }
        Item::Epoch { tail } => epoch(text, usize::from(tail), moment),
    }
}

fn month_name<'a>(text: &'a [u8], full: bool, moment: &mut Moment) -> Option<&'a [u8]> {
    for (month, name) in (1..).zip(MONTHS) {
        let name = if full { name.as_bytes() } else { &name.as_bytes()[..3] };
        if let Some((head, rest)) = text.split_at_checked(name.len())
            && head.eq_ignore_ascii_case(name)
        {
            moment.month = month;
            return Some(rest);
        }
    }
    None
}

fn epoch<'a>(text: &'a [u8], tail: usize, moment: &mut Moment) -> Option<&'a [u8]> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let run = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, rest) = text.split_at_checked(run.checked_sub(tail)?)?;
    // Twelve digits reach past the year 9999.
    if head.is_empty() || head.len() > 12 {
        return None;
    }
    let seconds = head.iter().fold(0i64, |value, byte| value * 10 + i64::from(byte - b'0'));
    moment.epoch = Some((if negative { -seconds } else { seconds }, negative));
    Some(rest)
}

/// Reads exactly `count` digits.
fn digits(text: &[u8], count: usize) -> Option<(u32, &[u8])> {
    let (head, rest) = text.split_at_checked(count)?;
    let mut value = 0;
    for byte in head {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some((value, rest))
}

/// Reads a fraction as microseconds.
fn fraction(text: &[u8], point: bool, count: Option<u8>) -> Option<(u32, &[u8])> {
    let text = match (point, text.strip_prefix(b".")) {
        (false, _) => text,
        (true, Some(rest)) => rest,
        (true, None) => return count.is_none().then_some((0, text)),
    };
    let run = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let count = match count {
        Some(count) => usize::from(count),
        None => run,
    };
    if count == 0 || count > 9 || count > run {
        return None;
    }
    let (head, rest) = text.split_at(count);
    let mut micros = 0;
    for at in 0..6 {
        micros = micros * 10 + head.get(at).map_or(0, |byte| u32::from(byte - b'0'));
    }
    head.iter().skip(6).all(|byte| *byte == b'0').then_some((micros, rest))
}

/// Reads an offset from UTC as seconds: `Z`, `±HH:MM`, `±HHMM` or `±HH`.
fn offset(text: &[u8]) -> Option<(i32, &[u8])> {
    let (first, rest) = text.split_first()?;
    let sign = match first {
        b'Z' => return Some((0, rest)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = match rest {
        [b':', rest @ ..] => digits(rest, 2)?,
        [b'0'..=b'9', ..] => digits(rest, 2)?,
        _ => (0, rest),
    };
    (hours < 24 && minutes < 60).then(|| (sign * (hours * 3600 + minutes * 60).cast_signed(), rest))
}

/// Reads `YYYY-MM-DD` as days since 1970.
#[inline]
pub(super) fn iso_date(text: &[u8]) -> Option<i32> {
    const SHAPE: u64 = u64::from_le_bytes(*b"0000-00-");
    let (head, day) = text.split_first_chunk::<8>()?;
    let day: &[u8; 2] = day.try_into().ok()?;
    // Digits become their values and dashes 0, all at once; anything else leaves a byte above 9, or a dash above 0.
    let digits = u64::from_le_bytes(*head) ^ SHAPE;
    let last = u64::from(u16::from_le_bytes(*day) ^ 0x3030);
    let wrong = |digits: u64, limit: u64| (digits | digits.wrapping_add(limit)) & 0x8080_8080_8080_8080;
    if wrong(digits, 0x7F76_767F_7676_7676) | wrong(last, 0x7676) != 0 {
        return None;
    }
    // Each digit times ten is joined to the one behind it: century, year, month, day.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let pair = |shift: u32| (pairs >> shift & 0xFF) as u32;
    let day = (last & 0xFF) as u32 * 10 + (last >> 8 & 0xFF) as u32;
    civil(pair(0) * 100 + pair(16), pair(40), day)
}

/// Reads `HH:MM:SS`, a fraction and an offset where they are asked for: microseconds since midnight as written,
/// and the offset in seconds.
pub(super) fn iso_time(text: &[u8], with_fraction: bool, with_offset: bool) -> Option<(i64, i32)> {
    const SHAPE: u64 = u64::from_le_bytes(*b"00:00:00");
    let (head, rest) = text.split_first_chunk::<8>()?;
    // Digits become their values and colons 0; anything else leaves a byte above 9, or a colon above 0.
    let digits = u64::from_le_bytes(*head) ^ SHAPE;
    if (digits | digits.wrapping_add(0x7676_7F76_767F_7676)) & HIGHS != 0 {
        return None;
    }
    // Each digit times ten is joined to the one behind it.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let pair = |shift: u32| (pairs >> shift & 0xFF) as u32;
    let (hour, minute, second) = (pair(0), pair(24), pair(48));
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let micros = clock(hour, minute, second);
    if rest.is_empty() && !with_offset {
        return Some((micros, 0));
    }
    if with_fraction
        && !with_offset
        && let Some(part) = six_digits(rest, text)
    {
        return Some((micros + i64::from(part), 0));
    }
    let (part, rest) = if with_fraction { fraction(rest, true, None)? } else { (0, rest) };
    let (seconds, rest) = if with_offset { offset(rest)? } else { (0, rest) };
    rest.is_empty().then(|| (micros + i64::from(part), seconds))
}

/// Reads the commonest fraction at the end of a text: a point and six digits, which are microseconds.
fn six_digits(fraction: &[u8], text: &[u8]) -> Option<u32> {
    if fraction.len() != 7 || fraction.first() != Some(&b'.') {
        return None;
    }
    // The byte before the point and the point itself become zeros before the digits.
    let digits = (u64::from_le_bytes(*text.last_chunk()?) ^ 0x3030_3030_3030_0000) & !0xFFFF;
    if (digits | digits.wrapping_add(0x7676_7676_7676_0000)) & HIGHS != 0 {
        return None;
    }
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32);
    u32::try_from(value & 0xFFFF_FFFF).ok()
}

/// Reads a day, a separator (`None`: `T` or a blank) and a time as [`iso_time`] does: microseconds since 1970 in UTC.
pub(super) fn iso_timestamp(text: &[u8], separator: Option<u8>, fraction: bool, offset: bool) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let (between, time) = rest.split_first()?;
    let fits = match separator {
        Some(byte) => *between == byte,
        None => matches!(between, b'T' | b' '),
    };
    if !fits {
        return None;
    }
    let (micros, seconds) = iso_time(time, fraction, offset)?;
    let micros = i64::from(iso_date(day)?) * DAY + micros - i64::from(seconds) * 1_000_000;
    MOMENTS.contains(&micros).then_some(micros)
}

fn clock(hour: u32, minute: u32, second: u32) -> i64 {
    i64::from(hour * 3600 + minute * 60 + second) * 1_000_000
}

/// Gives the days since 1970 of a real day of the years 1 to 9999.
fn civil(year: u32, month: u32, day: u32) -> Option<i32> {
    const LENGTHS: [u32; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *LENGTHS.get(month as usize)? + u32::from(month == 2 && is_leap(year));
    if day == 0 || day > length || year == 0 || year > 9999 {
        return None;
    }
    // The year begins in March, so that the leap day is its last; all numbers stay above zero.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days.cast_signed() - 719_468)
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}
