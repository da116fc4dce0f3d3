//! Moments as text: ISO 8601 by hand, the days of a century looked up; other patterns letter by letter.

use std::sync::OnceLock;

use crate::frame::text::{FULL, byte, four_digits, pair, put, slot};
use crate::model::literal::date_text;
use crate::model::temporal::{Iso, Pattern};
use crate::model::{Column, DataType};

const DAY: i64 = 86_400_000_000;

/// How a column of moments is written.
#[derive(Debug, Clone)]
pub enum Style {
    Iso(Iso),
    Pattern(Box<Pattern>),
}

impl Style {
    /// Gives the style of a column: its own format, or that of its type.
    #[must_use]
    pub fn of(column: &Column) -> Self {
        let own = column.format.as_deref().and_then(|format| Pattern::new(format).ok());
        let pattern = own.unwrap_or_else(|| Pattern::default_for(&column.data_type));
        match (pattern.iso(), &column.data_type) {
            // A time of day in the shape of a timestamp has a day that the array does not hold.
            (Some(Iso::Time { .. }), DataType::Time) | (Some(Iso::Date | Iso::Timestamp { .. }), _) => {
                pattern.iso().map_or_else(|| Self::Pattern(Box::new(pattern)), Self::Iso)
            }
            _ => Self::Pattern(Box::new(pattern)),
        }
    }

    /// Gives the style of a type without a format.
    #[must_use]
    pub fn plain(data_type: DataType) -> Self {
        Self::of(&Column::new("", data_type))
    }
}

/// Writes the moments of one column.
#[derive(Debug)]
pub struct Moments<'a> {
    style: &'a Style,
    separator: u8,
    near: &'static [[u8; 16]],
    scratch: Vec<u8>,
}

/// The bytes of a day; behind them stand a separator, the clock and its fraction.
const DATE: usize = 10;
const CLOCK: usize = DATE + 1;
const FRACTION: usize = CLOCK + 8;

/// The days whose text is looked up: from 1950 to 2049.
const NEAR: std::ops::Range<i32> = -7_305..29_220;

/// Gives the texts of these days, each with some bytes behind it.
fn near() -> &'static [[u8; 16]] {
    static DAYS: OnceLock<Box<[[u8; 16]]>> = OnceLock::new();
    DAYS.get_or_init(|| {
        let text = |day: i32| {
            let mut text = [0; 16];
            if let Some(date) = date(day.into()) {
                text[..DATE].copy_from_slice(&date);
            }
            text
        };
        NEAR.map(text).collect()
    })
}

/// The hours and minutes of a day: `HH:MM:` and two bytes behind it.
static MINUTES: [[u8; 8]; 1440] = {
    let mut minutes = [*b"00:00:00"; 1440];
    let mut at = 0;
    while at < 1440 {
        let tens = [at / 600, at / 60 % 10, at % 60 / 10, at % 10];
        let mut digit = 0;
        while digit < 4 {
            #[expect(clippy::cast_possible_truncation, reason = "a digit")]
            let value = tens[digit] as u8;
            minutes[at][digit + digit / 2] += value;
            digit += 1;
        }
        at += 1;
    }
    minutes
};

impl<'a> Moments<'a> {
    /// Prepares a column.
    #[must_use]
    pub fn new(style: &'a Style) -> Self {
        let separator = match style {
            Style::Iso(Iso::Timestamp { separator, .. }) => separator.unwrap_or(b'T'),
            _ => b'T',
        };
        Self { style, separator, near: near(), scratch: Vec::new() }
    }

    /// Writes a moment, in microseconds since 1970 (a day: its midnight; a time: since midnight), from a place on.
    #[inline]
    #[must_use]
    pub fn write(&mut self, out: &mut [u8], at: usize, micros: i64) -> usize {
        let (day, seconds, fraction_of) = parted(micros);
        match self.style {
            Style::Iso(Iso::Timestamp { fraction, offset, .. }) => {
                let fraction_of = if *fraction { fraction_of } else { 0 };
                let Some(date) = self.day(day) else {
                    let at = any_day(out, at, day);
                    let at = byte(out, at, self.separator);
                    let at = put_clock(out, at, seconds, fraction_of);
                    return if *offset { byte(out, at, b'Z') } else { at };
                };
                // Straight to its place: what is put together in memory and copied from there has to wait until it is
                // written.
                let Some(slot) = slot::<32>(out, at) else { return FULL };
                slot[..16].copy_from_slice(date);
                slot[DATE] = self.separator;
                slot[CLOCK..FRACTION].copy_from_slice(&clock(seconds));
                let mut len = FRACTION;
                if fraction_of > 0 {
                    slot[FRACTION] = b'.';
                    slot[FRACTION + 1..FRACTION + 7].copy_from_slice(&six_digits(fraction_of));
                    len = FRACTION + 7;
                }
                if *offset {
                    slot[len] = b'Z';
                    len += 1;
                }
                at + len
            }
            Style::Iso(Iso::Date) => self.write_date(out, at, day),
            Style::Iso(Iso::Time { fraction }) => put_clock(out, at, seconds, if *fraction { fraction_of } else { 0 }),
            Style::Pattern(pattern) => {
                self.scratch.clear();
                pattern.write(micros, &mut self.scratch);
                put(out, at, &self.scratch)
            }
        }
    }

    /// Writes a day of a column of days from a place on.
    #[inline]
    #[must_use]
    pub fn write_day(&mut self, out: &mut [u8], at: usize, day: i32) -> usize {
        match self.style {
            Style::Iso(Iso::Date) => self.write_date(out, at, day.into()),
            _ => self.write(out, at, i64::from(day).saturating_mul(DAY)),
        }
    }

    #[inline]
    fn write_date(&self, out: &mut [u8], at: usize, day: i64) -> usize {
        let (Some(date), Some(slot)) = (self.day(day), slot::<16>(out, at)) else { return any_day(out, at, day) };
        *slot = *date;
        at + DATE
    }

    /// Gives the text of a day that is near.
    #[inline]
    fn day(&self, day: i64) -> Option<&'static [u8; 16]> {
        self.near.get(usize::try_from(day.wrapping_sub(NEAR.start.into())).ok()?)
    }
}

/// Gives the time of day as `HH:MM:SS`.
#[inline]
fn clock(seconds: u32) -> [u8; 8] {
    let mut text = MINUTES.get((seconds / 60) as usize).copied().unwrap_or_default();
    text[6..].copy_from_slice(&pair(seconds % 60));
    text
}

/// Gives the six digits of the microseconds of a second.
#[inline]
fn six_digits(fraction: u32) -> [u8; 6] {
    let mut digits = [0; 6];
    digits[..2].copy_from_slice(&pair(fraction / 10_000));
    digits[2..].copy_from_slice(&four_digits(fraction % 10_000));
    digits
}

/// Writes a time of day, its fraction only where there is one.
#[inline]
fn put_clock(out: &mut [u8], at: usize, seconds: u32, fraction: u32) -> usize {
    let at = put(out, at, &clock(seconds));
    if fraction == 0 {
        return at;
    }
    let at = byte(out, at, b'.');
    put(out, at, &six_digits(fraction))
}

/// Parts a moment into its day, the seconds of the day and the microseconds of the second.
#[inline]
fn parted(micros: i64) -> (i64, u32, u32) {
    // Counted from a day so far back that all is above zero: whole numbers without a sign divide faster.
    const BACK: i64 = 106_751_991;
    let shifted = micros.wrapping_add(BACK * DAY).cast_unsigned();
    let (seconds, fraction) = (shifted / 1_000_000, shifted % 1_000_000);
    let (day, of_day) = (seconds / 86_400, seconds % 86_400);
    #[expect(clippy::cast_possible_truncation, reason = "a day has few seconds, a second few microseconds")]
    let (of_day, fraction) = (of_day as u32, fraction as u32);
    (day.cast_signed() - BACK, of_day, fraction)
}

/// Gives the text of a day of the years 1 to 9999.
#[inline]
fn date(day: i64) -> Option<[u8; DATE]> {
    let (year, month, of_month) = i32::try_from(day).ok().and_then(civil)?;
    let (year, month, day) = (four_digits(year), pair(month), pair(of_month));
    Some([year[0], year[1], year[2], year[3], b'-', month[0], month[1], b'-', day[0], day[1]])
}

/// Writes a day that is not near.
#[inline(never)]
fn any_day(out: &mut [u8], at: usize, day: i64) -> usize {
    match date(day) {
        Some(date) => put(out, at, &date),
        None => far(out, at, day),
    }
}

/// Writes a day of a year that has not four digits.
#[cold]
fn far(out: &mut [u8], at: usize, day: i64) -> usize {
    put(out, at, date_text(i32::try_from(day).unwrap_or(i32::MAX)).as_bytes())
}

/// Turns a day of the years 1 to 9999 into year, month and day (C. Neri and L. Schneider, "Euclidean affine functions
/// and their application to calendar algorithms", 2022). `None` for other days.
#[inline]
fn civil(day: i32) -> Option<(u32, u32, u32)> {
    // Days since 0000-03-01, the year beginning in March.
    let shifted = u32::try_from(day.checked_add(719_468)?).ok().filter(|days| (306..3_652_365).contains(days))?;
    let scaled = 4 * shifted + 3;
    let (century, of_century) = (scaled / 146_097, scaled % 146_097 / 4);
    let product = 2_939_745 * u64::from(4 * of_century + 3);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of the product")]
    let (year, of_year) = ((product >> 32) as u32, product as u32 / 2_939_745 / 4);
    let scaled = 2141 * of_year + 197_913;
    let (month, of_month) = (scaled >> 16, (scaled & 0xFFFF) / 2141);
    let late = of_year >= 306;
    Some((100 * century + year + u32::from(late), if late { month - 12 } else { month }, of_month + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::text::Text;

    fn text(format: Option<&str>, data_type: DataType, micros: i64) -> String {
        let mut column = Column::new("a", data_type);
        column.format = format.map(str::to_owned);
        let style = Style::of(&column);
        let mut out = Text::default();
        let mut moments = Moments::new(&style);
        out.row(|out, at| moments.write(out, at, micros));
        String::from_utf8(out.as_slice().to_vec()).unwrap()
    }

    #[test]
    fn formats_are_followed() {
        assert_eq!(text(None, DataType::Timestamp, -1), "1969-12-31T23:59:59.999999");
        assert_eq!(text(None, DataType::TimestampTz, 1_000_000), "1970-01-01T00:00:01Z");
        assert_eq!(text(None, DataType::TimestampTz, 86_399_000_020), "1970-01-01T23:59:59.000020Z");
        assert_eq!(text(None, DataType::Time, 1), "00:00:00.000001");
        assert_eq!(text(None, DataType::Date, 0), "1970-01-01");
        assert_eq!(text(Some("%Y-%m-%d %H:%M:%S"), DataType::Timestamp, 1_500_000), "1970-01-01 00:00:01");
        assert_eq!(text(Some("%d.%m.%Y"), DataType::Date, DAY), "02.01.1970");
        assert_eq!(text(Some("%F"), DataType::Timestamp, DAY + 5), "1970-01-02");
        assert_eq!(text(Some("%F %T"), DataType::Time, 5_000_000), "1970-01-01 00:00:05");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let style = Style::plain(DataType::Date);
        let mut moments = Moments::new(&style);
        for day in (-720_000..2_933_000).step_by(13).chain(-719_200..-719_100).chain(2_932_800..2_932_900) {
            let mut out = Text::default();
            out.row(|out, at| moments.write_day(out, at, day));
            assert_eq!(String::from_utf8(out.as_slice().to_vec()).unwrap(), date_text(day));
        }
    }

    #[test]
    fn every_second_of_a_day_is_told() {
        for seconds in 0..86_400 {
            let told = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            assert_eq!(clock(seconds), *told.as_bytes());
        }
    }

    #[test]
    fn days_beyond_four_digits_are_written() {
        assert_eq!(
            text(None, DataType::TimestampTz, 4_000_000 * DAY + 1),
            format!("{}T00:00:00.000001Z", date_text(4_000_000))
        );
        assert_eq!(text(None, DataType::Date, 4_000_000 * DAY), date_text(4_000_000));
    }
}
