//! Clock: dates and times of a column as text, in the way the column writes them.

use std::fmt::Write as _;

use crate::model::literal::{civil_from_days, days_from_civil};
use crate::model::temporal::{DAY, MONTHS, Pattern};
use crate::model::{Column, DataType};

/// Reads and writes the moments of one column.
#[derive(Debug, Clone)]
pub struct Clock {
    pattern: Pattern,
    format: Option<String>,
    data_type: DataType,
}

/// A day and a time, which need not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    /// Microseconds since midnight.
    pub micros: i64,
}

impl Clock {
    /// Makes the clock of a date, time or timestamp column.
    #[must_use]
    pub fn new(column: &Column) -> Option<Self> {
        if !column.data_type.is_temporal() {
            return None;
        }
        let pattern = match &column.format {
            Some(format) => Pattern::new(format).ok()?,
            None => Pattern::default_for(&column.data_type),
        };
        Some(Self { pattern, format: column.format.clone(), data_type: column.data_type.clone() })
    }

    /// Reads a moment in microseconds: since midnight for times, else since 1970-01-01.
    #[must_use]
    pub fn read(&self, text: &[u8]) -> Option<i64> {
        match self.data_type {
            DataType::Date => self.pattern.date(text).map(|days| i64::from(days) * DAY),
            DataType::Time => self.pattern.time(text),
            _ => self.pattern.timestamp(text),
        }
    }

    /// Writes a moment as `like` is written. `None` where it would not read back as the same.
    #[must_use]
    pub fn write(&self, micros: i64, like: &[u8]) -> Option<Vec<u8>> {
        let days = i32::try_from(micros.div_euclid(DAY)).ok()?;
        let (year, month, day) = civil_from_days(days);
        if !(1..=9999).contains(&year) {
            return None;
        }
        let text = self.write_parts(Parts { year, month, day, micros: micros.rem_euclid(DAY) }, like)?;
        (self.read(&text)? == micros).then_some(text)
    }

    /// Writes a day and a time, real or not, as `like` is written.
    #[must_use]
    pub fn write_parts(&self, parts: Parts, like: &[u8]) -> Option<Vec<u8>> {
        let mut out = String::new();
        if let Some(format) = &self.format {
            letters(format, parts, &mut out)?;
            return Some(out.into_bytes());
        }
        let like = std::str::from_utf8(like).ok()?;
        if self.data_type != DataType::Time {
            letters("%F", parts, &mut out)?;
        }
        if self.data_type == DataType::Date {
            return Some(out.into_bytes());
        }
        if self.data_type != DataType::Time {
            out.push(if like.contains(' ') { ' ' } else { 'T' });
        }
        letters("%T", parts, &mut out)?;
        let digits = like.split('.').nth(1).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        if digits > 0 {
            let _ = write!(out, ".{:0<digits$}", fraction(parts.micros, digits.min(6)));
        }
        if self.data_type == DataType::TimestampTz {
            out.push_str(if like.ends_with('Z') { "Z" } else { "+00:00" });
        }
        Some(out.into_bytes())
    }
}

/// Gives so many digits of the fraction of a second.
fn fraction(micros: i64, digits: usize) -> String {
    let mut text = format!("{:06}", micros.rem_euclid(1_000_000));
    text.truncate(digits);
    text
}

/// Writes the letters of a pattern (see [`crate::model::temporal`]).
fn letters(format: &str, parts: Parts, out: &mut String) -> Option<()> {
    let Parts { year, month, day, micros } = parts;
    let seconds = micros.div_euclid(1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let twelve = (hour + 11) % 12 + 1;
    let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let mut rest = format.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let mut letter = rest.next()?;
        let short = letter == '-';
        if short {
            letter = rest.next()?;
        }
        let point = letter == '.';
        if point {
            letter = rest.next()?;
        }
        let digits = letter.to_digit(10);
        if digits.is_some() {
            letter = rest.next()?;
        }
        let mut number = |value: i64| {
            let _ = if short { write!(out, "{value}") } else { write!(out, "{value:02}") };
        };
        match letter {
            'm' => number(month.into()),
            'd' => number(day.into()),
            'H' => number(hour),
            'I' => number(twelve),
            'M' => number(minute),
            'S' => number(second),
            'y' => number((year % 100).into()),
            'Y' => write!(out, "{year:04}").ok()?,
            'b' => out.push_str(name?.get(..3)?),
            'B' => out.push_str(name?),
            'e' => write!(out, "{day:2}").ok()?,
            'j' => {
                let first = days_from_civil(year, 1, 1);
                write!(out, "{:03}", days_from_civil(year, month.clamp(1, 12), day.clamp(1, 31)) - first + 1).ok()?;
            }
            'p' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            'f' => {
                let count = digits.map_or(6, |digits| digits as usize);
                if point && digits.is_none() && micros % 1_000_000 == 0 {
                    continue;
                }
                out.push_str(if point { "." } else { "" });
                let _ = write!(out, "{:0<count$}", fraction(micros, count.min(6)));
            }
            'z' => out.push_str("+00:00"),
            's' => {
                let days = days_from_civil(year, month.clamp(1, 12), day.clamp(1, 31));
                write!(out, "{}", i64::from(days) * 86_400 + seconds).ok()?;
            }
            'F' => letters("%Y-%m-%d", parts, out)?,
            'T' => letters("%H:%M:%S", parts, out)?,
            'R' => letters("%H:%M", parts, out)?,
            '%' => out.push('%'),
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(data_type: DataType, format: Option<&str>) -> Clock {
        Clock::new(&Column { format: format.map(str::to_owned), ..Column::new("c", data_type) }).unwrap()
    }

    #[test]
    fn moments_are_written_as_they_were() {
        let cases = [
            (DataType::Date, None, "2024-02-29"),
            (DataType::Date, Some("%d/%m/%y"), "29/02/24"),
            (DataType::Date, Some("%-d %B %Y"), "5 March 2024"),
            (DataType::Date, Some("%Y/%j"), "2024/065"),
            (DataType::Time, None, "01:02:03.500"),
            (DataType::Timestamp, None, "2024-02-29 01:02:03"),
            (DataType::Timestamp, None, "2024-02-29T01:02:03.25"),
            (DataType::Timestamp, Some("%Y-%m-%d %H:%M:%S%.f"), "2024-02-29 01:02:03.000250"),
            (DataType::Timestamp, Some("%F %I:%M %p"), "2024-02-29 12:02 AM"),
            (DataType::TimestampTz, None, "2024-02-29T01:02:03Z"),
            (DataType::TimestampTz, Some("%s%3f"), "1709168523250"),
        ];
        for (data_type, format, text) in cases {
            let clock = clock(data_type, format);
            let micros = clock.read(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(clock.write(micros, text.as_bytes()).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn days_that_are_none_can_be_written() {
        let parts = Parts { year: 2019, month: 2, day: 30, micros: 0 };
        let text = clock(DataType::Date, None).write_parts(parts, b"2019-01-01").unwrap();
        assert_eq!(text, b"2019-02-30");
    }
}
