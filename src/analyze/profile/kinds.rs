//! Kinds: what a text reads as when no contract says what it should be.

use serde::{Deserialize, Serialize};

use crate::analyze::profile::masks::Runs;
use crate::analyze::profile::moments::{Formats, Moment};
use crate::analyze::profile::numbers::Number;
use crate::frame::parse::boolean;
use crate::frame::sieve::digits;
use crate::model::number;

/// What a value reads as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Integer,
    Decimal,
    Float,
    Bool,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Text,
    /// Its value is the number of its elements.
    List,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Integer,
        Self::Decimal,
        Self::Float,
        Self::Bool,
        Self::Date,
        Self::Time,
        Self::Timestamp,
        Self::TimestampTz,
        Self::Text,
        Self::List,
    ];

    /// Gives the name that profiles use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamptz",
            Self::Text => "text",
            Self::List => "list",
        }
    }
}

/// Where a value comes from, which limits what it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Delimited text: anything.
    Untyped,
    /// A string of a typed format: text or a moment.
    String,
    /// Anything but a string of a typed format.
    Typed,
    /// The number of elements of a list.
    List,
}

/// A value that was read.
#[derive(Debug, Clone, Copy)]
pub enum Read {
    Number(Kind, Number, Runs),
    Bool,
    Moment(Moment),
    Text,
}

/// Reads the values of one column, trying first what the last one was.
#[derive(Debug)]
pub struct Reader<'a> {
    formats: &'a Formats,
    /// Digits behind the point of the last decimal.
    scale: usize,
    /// The last value was a moment.
    moment: bool,
}

impl<'a> Reader<'a> {
    /// Starts a column.
    #[must_use]
    pub const fn new(formats: &'a Formats) -> Self {
        Self { formats, scale: 2, moment: false }
    }

    /// Reads the value at a place in a text.
    #[inline]
    pub fn read(&mut self, text: &[u8], start: usize, end: usize, origin: Origin) -> Read {
        let content = text.get(start..end).unwrap_or_default();
        let Some(first) = content.first() else { return Read::Text };
        if origin == Origin::List {
            return match Self::integer(text, start, end, content) {
                Some(Read::Number(_, number, runs)) => Read::Number(Kind::List, number, runs),
                _ => Read::Text,
            };
        }
        let strict = origin == Origin::String;
        if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.') {
            if self.moment
                && let Some(moment) = self.formats.read(content)
            {
                return Read::Moment(moment);
            }
            if !strict && let Some(number) = self.number(text, start, end, content) {
                return number;
            }
            return self.try_moment(content);
        }
        if !strict && content.len() <= 5 && boolean(content).is_ok() {
            return Read::Bool;
        }
        // Months by name: letters, and digits behind them.
        if content.len() <= 35
            && content.last().is_some_and(|last| last.is_ascii_digit() || *last == b'M' || *last == b'm')
        {
            return self.try_moment(content);
        }
        Read::Text
    }

    fn try_moment(&mut self, content: &[u8]) -> Read {
        match self.formats.read(content) {
            Some(moment) => {
                self.moment = true;
                Read::Moment(moment)
            }
            None => Read::Text,
        }
    }

    #[inline]
    fn number(&mut self, text: &[u8], start: usize, end: usize, content: &[u8]) -> Option<Read> {
        Self::integer(text, start, end, content).or_else(|| {
            if let Some(units) = digits::decimal(text, start, end, self.scale) {
                return Some(self.short_decimal(units, content));
            }
            self.any(content)
        })
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "numbers of up to 18 digits")]
    #[expect(clippy::cast_precision_loss, reason = "rounded to the nearest float")]
    fn integer(text: &[u8], start: usize, end: usize, content: &[u8]) -> Option<Read> {
        let units = digits::signed(text, start, end).or_else(|| number::integer_i64(content).ok())?;
        let (sign, all) = split(content);
        let whole_digits = significant(all) as u8;
        let number = Number { value: units as f64, exact: Some((units, 0)), whole_digits, scale: 0 };
        Some(Read::Number(Kind::Integer, number, Runs::of_number(sign, all.len(), None)))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "numbers of up to 18 digits")]
    #[expect(clippy::cast_precision_loss, reason = "rounded to the nearest float")]
    fn short_decimal(&self, units: i64, content: &[u8]) -> Read {
        let scale = self.scale;
        let (sign, all) = split(content);
        let whole = all.len() - scale - 1;
        let digits = all.iter().take(whole).skip_while(|byte| **byte == b'0').count();
        let value = units as f64 / number::FLOAT_POWERS[scale.min(18)];
        let number =
            Number { value, exact: Some((units, scale as u8)), whole_digits: digits as u8, scale: scale as u8 };
        Read::Number(Kind::Decimal, number, Runs::of_number(sign, whole, Some(scale)))
    }

    /// Reads numbers that are long, or of another scale than the last, or have an exponent.
    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "numbers of up to 38 digits")]
    fn any(&mut self, content: &[u8]) -> Option<Read> {
        if let Ok((units, scale)) = number::any_decimal(content) {
            let (sign, all) = split(content);
            let point = all.iter().position(|byte| *byte == b'.');
            let whole = point.unwrap_or(all.len());
            let value: f64 = std::str::from_utf8(content).ok()?.parse().ok().filter(|value: &f64| value.is_finite())?;
            let exact = i64::try_from(units).ok().filter(|_| scale <= 18).map(|units| (units, scale));
            let kind = if point.is_some() { Kind::Decimal } else { Kind::Integer };
            if (1..=9).contains(&scale) {
                self.scale = usize::from(scale);
            }
            let digits = significant(all.get(..whole).unwrap_or_default());
            let number = Number { value, exact, whole_digits: digits as u8, scale };
            return Some(Read::Number(
                kind,
                number,
                Runs::of_number(sign, whole, point.map(|point| all.len() - point - 1)),
            ));
        }
        let value = number::float(content, false).ok()?;
        let number = Number { value, exact: None, whole_digits: 0, scale: 0 };
        Some(Read::Number(Kind::Float, number, Runs::of(content)))
    }
}

#[inline]
const fn split(content: &[u8]) -> (Option<u8>, &[u8]) {
    match content {
        [sign @ (b'-' | b'+'), digits @ ..] => (Some(*sign), digits),
        digits => (None, digits),
    }
}

/// Counts digits from the first that is not 0 on.
#[inline]
fn significant(digits: &[u8]) -> usize {
    digits.len() - digits.iter().take_while(|byte| **byte == b'0').count()
}

/// Tells whether digits have a zero in front that a number would lose.
#[inline]
#[must_use]
pub fn is_zero_padded(content: &[u8]) -> bool {
    matches!(content, [b'0', next, ..] if next.is_ascii_digit()) && content.iter().all(u8::is_ascii_digit)
}

/// Texts that often stand where a value is missing, in small letters, sorted.
const NOTHINGS: &[&str] = &[
    "#n/a",
    "(none)",
    "(null)",
    "-",
    "--",
    "---",
    ".",
    "0000-00-00",
    "<na>",
    "<null>",
    "?",
    "\\n",
    "missing",
    "n.a.",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "not available",
    "null",
    "unknown",
];

/// Tells whether a text looks like a spelling of NULL.
#[inline]
#[must_use]
pub fn is_nothing(content: &[u8]) -> bool {
    if content.len() > 13 || content.first().is_some_and(|first| b"bcdefghijklopqrstvwxyz123456789".contains(first)) {
        return false;
    }
    let mut small = [0; 13];
    let small = &mut small[..content.len()];
    small.copy_from_slice(content);
    small.make_ascii_lowercase();
    NOTHINGS.iter().any(|nothing| nothing.as_bytes() == small)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(text: &str) -> &'static str {
        let formats = Formats::new();
        match Reader::new(&formats).read(text.as_bytes(), 0, text.len(), Origin::Untyped) {
            Read::Number(kind, ..) => kind.name(),
            Read::Bool => "bool",
            Read::Moment(moment) => moment.kind.name(),
            Read::Text => "text",
        }
    }

    #[test]
    fn texts_read_as_what_they_look_like() {
        for (text, expected) in [
            ("0", "integer"),
            ("-12", "integer"),
            ("00501", "integer"),
            ("12345678901234567890", "integer"),
            ("1.5", "decimal"),
            (".5", "decimal"),
            ("-0.25", "decimal"),
            ("1e5", "float"),
            ("1.5E-3", "float"),
            ("true", "bool"),
            ("No", "bool"),
            ("2025-01-31", "date"),
            ("31/01/2025", "date"),
            ("2025-13-45", "text"),
            ("12:30", "time"),
            ("2025-01-31 12:00:00", "timestamp"),
            ("2025-01-31T12:00:00Z", "timestamptz"),
            ("31 Jan 2025", "date"),
            ("Jan 31, 2025", "date"),
            ("N/A", "text"),
            ("1,234", "text"),
            ("NaN", "text"),
            ("-", "text"),
            ("1-2", "text"),
            ("1.2.3", "text"),
            ("+", "text"),
            (".", "text"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn nothings_are_known() {
        for text in ["N/A", "null", "NaN", "-", "\\N", "None", "(null)", "unknown"] {
            assert!(is_nothing(text.as_bytes()), "{text}");
        }
        for text in ["", "0", "Nancy", "nano", "-1", "not available at all"] {
            assert!(!is_nothing(text.as_bytes()), "{text}");
        }
        assert!(is_zero_padded(b"007") && !is_zero_padded(b"0") && !is_zero_padded(b"0.5") && !is_zero_padded(b"70"));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_numbers_are_right(text in "[-+0-9.eE:/ a-zA-Z]{0,22}", before in "[0-9]{0,10}") {
            let formats = Formats::new();
            let whole = format!("{before}{text}");
            let mut reader = Reader::new(&formats);
            for _ in 0..2 {
                if let Read::Number(kind, number, runs) = reader.read(whole.as_bytes(), before.len(), whole.len(), Origin::Untyped) {
                    let plain: f64 = text.parse().unwrap();
                    prop_assert_eq!(number.value, plain);
                    prop_assert_eq!(runs, Runs::of(text.as_bytes()));
                    if let Some((units, scale)) = number.exact {
                        prop_assert_eq!((i128::from(units), scale), number::any_decimal(text.as_bytes()).unwrap());
                    }
                    prop_assert_eq!(kind == Kind::Integer, !text.contains(['.', 'e', 'E']));
                }
            }
        }
    }
}
