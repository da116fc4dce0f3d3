//! Moments as text: ISO 8601 by hand, with the last day kept; other patterns letter by letter.

use crate::io::formats::write::text::{block, eight_digits, pair, put};
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
    /// The day last written; its text stands at the start of `text`, a time of day behind it.
    day: i64,
    text: [u8; 32],
    scratch: Vec<u8>,
}

/// The bytes of a day; behind them stand a separator, the clock and its fraction.
const DATE: usize = 10;
const CLOCK: usize = DATE + 1;
const FRACTION: usize = CLOCK + 8;

impl<'a> Moments<'a> {
    /// Prepares a column.
    #[must_use]
    pub fn new(style: &'a Style) -> Self {
        let mut text = [b' '; 32];
        if let Style::Iso(Iso::Timestamp { separator, .. }) = style {
            text[DATE] = separator.unwrap_or(b'T');
        }
        Self { style, day: i64::MIN, text, scratch: Vec::new() }
    }

    /// Writes a moment, in microseconds since 1970 (a day: its midnight; a time: since midnight), from a place on.
    #[inline]
    #[must_use]
    pub fn write(&mut self, out: &mut [u8], at: usize, micros: i64) -> usize {
        let (day, seconds, fraction_of) = parted(micros);
        let style = self.style;
        match style {
            Style::Iso(Iso::Timestamp { fraction, offset, .. }) => {
                let near = self.turn_to(day);
                let mut len = self.clock(seconds, if *fraction { fraction_of } else { 0 });
                if *offset {
                    self.text[len] = b'Z';
                    len += 1;
                }
                if near {
                    return block(out, at, &self.text, len);
                }
                let at = far(out, at, day);
                put(out, at, &self.text[DATE..len])
            }
            Style::Iso(Iso::Date) => self.write_date(out, at, day),
            Style::Iso(Iso::Time { fraction }) => {
                let len = self.clock(seconds, if *fraction { fraction_of } else { 0 });
                put(out, at, &self.text[CLOCK..len])
            }
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
    fn write_date(&mut self, out: &mut [u8], at: usize, day: i64) -> usize {
        if self.turn_to(day) { block(out, at, &self.text, DATE) } else { far(out, at, day) }
    }

    /// Puts a time of day behind the day; gives where it ends, its fraction only where there is one.
    #[inline]
    fn clock(&mut self, seconds: u32, fraction: u32) -> usize {
        let (minutes, second) = (seconds / 60, seconds % 60);
        let (hour, minute, second) = (pair(minutes / 60), pair(minutes % 60), pair(second));
        let clock = [hour[0], hour[1], b':', minute[0], minute[1], b':', second[0], second[1]];
        self.text[CLOCK..FRACTION].copy_from_slice(&clock);
        if fraction == 0 {
            return FRACTION;
        }
        // Of eight digits the first two are zeros.
        let digits = eight_digits(fraction);
        self.text[FRACTION] = b'.';
        self.text[FRACTION + 1..FRACTION + 7].copy_from_slice(&digits[2..]);
        FRACTION + 7
    }

    /// Makes sure that a day's text stands at the start; `false` where the day has no text of ten bytes.
    #[inline]
    fn turn_to(&mut self, day: i64) -> bool {
        if day == self.day {
            return true;
        }
        let Some((year, month, of_month)) = i32::try_from(day).ok().and_then(civil) else { return false };
        self.day = day;
        let (century, year, month, day) = (pair(year / 100), pair(year % 100), pair(month), pair(of_month));
        let text = [century[0], century[1], year[0], year[1], b'-', month[0], month[1], b'-', day[0], day[1]];
        self.text[..DATE].copy_from_slice(&text);
        true
    }
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
    use crate::io::formats::write::text::Text;

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
    fn days_beyond_four_digits_are_written() {
        assert_eq!(text(None, DataType::Date, 4_000_000 * DAY), date_text(4_000_000));
    }
}
