//! Dates, times and timestamps as text, by compiled patterns (strftime's letters).
//!
//! | letters | read |
//! |---|---|
//! | `%Y` `%y` | year of four digits (0001 to 9999); of two (69 to 99 are 19xx, 00 to 68 are 20xx) |
//! | `%m` `%b` `%B` | month of two digits; English short name; English full name (any case) |
//! | `%d` `%e` `%j` | day of two digits; of two columns padded by a blank; day of the year of three digits |
//! | `%H` `%I` `%p` | hour 00 to 23; hour 01 to 12; AM or PM (any case) |
//! | `%M` `%S` | minute; second, 00 to 59 (no leap seconds) |
//! | `%f` `%3f` `%6f` `%9f` | fraction of a second of 1 to 9 digits; of exactly so many |
//! | `%.f` `%.3f` `%.6f` `%.9f` | nothing, or a point and 1 to 9 digits; a point and exactly so many digits |
//! | `%z` | offset from UTC: `Z`, `+HH:MM`, `+HHMM` or `+HH` (or `-`) |
//! | `%s` | seconds since 1970-01-01 in UTC; `%s%3f` reads milliseconds |
//! | `%-d` `%-m` `%-H` `%-I` `%-M` `%-S` | the same of one or two digits |
//! | `%F` `%T` `%R` `%%` | `%Y-%m-%d`; `%H:%M:%S`; `%H:%M`; a percent sign |
//!
//! Anything else stands for itself. Fractions are exact: a seventh digit that is not zero does not read.

mod compile;
mod read;
mod write;

use crate::model::data_type::DataType;
pub use crate::model::temporal::compile::Iso;
use crate::model::temporal::compile::Item;

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// The months as `%B` writes them; `%b` has their first three letters.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Reads moments written in one pattern. The whole text must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    items: Vec<Item>,
    /// The same as `items` where they are ISO 8601, to be read without walking them.
    iso: Option<Iso>,
}

impl Pattern {
    /// Compiles a pattern such as `%Y-%m-%d %H:%M:%S%.f`.
    ///
    /// # Errors
    /// A sentence that names the letter that is not known, or the part that is missing.
    pub fn new(text: &str) -> Result<Self, String> {
        compile::items(text).map(Self::of)
    }

    /// Gives the pattern a type is read by where the contract names none (ISO 8601, `T` or a blank between day and
    /// time, optional fraction of up to nine digits, offset `Z` or `±HH:MM` for `timestamptz`). Types that name no
    /// moment get that of `timestamp`.
    #[must_use]
    pub fn default_for(data_type: &DataType) -> Self {
        Self::of(compile::default_items(data_type))
    }

    /// Tells whether the pattern holds a whole day (year, month, day).
    #[must_use]
    pub fn has_date(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Year | Item::YearOfCentury | Item::Epoch { .. }))
    }

    /// Tells whether the pattern holds a time of day.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.items.iter().any(|item| item.is_hour() || matches!(item, Item::Epoch { .. }))
    }

    /// Tells whether the pattern holds an offset from UTC (`%s` is always UTC).
    #[must_use]
    pub fn has_offset(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Offset | Item::Epoch { .. }))
    }

    /// Reads a day, as days since 1970-01-01. `None` where the text does not match or names no real day.
    #[inline]
    #[must_use]
    pub fn date(&self, text: &[u8]) -> Option<i32> {
        match &self.iso {
            Some(Iso::Date) => read::iso_date(text),
            _ => read::moment(&self.items, text)?.date(),
        }
    }

    /// Reads a time of day, as microseconds since midnight.
    #[must_use]
    pub fn time(&self, text: &[u8]) -> Option<i64> {
        if let Some(Iso::Time { fraction }) = self.iso {
            return read::iso_time(text, fraction, false).map(|(micros, _)| micros);
        }
        let moment = read::moment(&self.items, text)?;
        // A date that stands beside the time must be real as well.
        if self.has_date() {
            moment.date()?;
        }
        self.has_time().then(|| moment.time())
    }

    /// Reads a moment, as microseconds since 1970-01-01T00:00:00; in UTC where the pattern has an offset, else as
    /// written. A missing time is midnight. Moments before the year 1 or after 9999, in UTC too, do not read.
    #[must_use]
    pub fn timestamp(&self, text: &[u8]) -> Option<i64> {
        match &self.iso {
            Some(Iso::Date) => read::iso_date(text).map(|days| i64::from(days) * DAY),
            Some(Iso::Timestamp { separator, fraction, offset }) => {
                read::iso_timestamp(text, *separator, *fraction, *offset)
            }
            _ => read::moment(&self.items, text)?.timestamp(),
        }
    }

    /// Tells whether the text reads as the moment, day or time that the pattern describes.
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> bool {
        if self.has_date() { self.timestamp(text).is_some() } else { self.time(text).is_some() }
    }

    /// Gives the shape of patterns that are ISO 8601, so that they can be written without walking their letters.
    #[must_use]
    pub const fn iso(&self) -> Option<Iso> {
        self.iso
    }

    fn of(items: Vec<Item>) -> Self {
        let iso = compile::iso(&items);
        Self { items, iso }
    }
}

#[cfg(test)]
mod tests;
