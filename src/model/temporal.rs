//! Dates, times and timestamps as text, by compiled patterns (strftime's letters).

use crate::model::data_type::DataType;

/// Reads moments written in one pattern. The whole text must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {}

impl Pattern {
    /// Compiles a pattern such as `%Y-%m-%d %H:%M:%S%.f`.
    ///
    /// # Errors
    /// A sentence that names the letter that is not known, or the part that is missing.
    pub fn new(text: &str) -> Result<Self, String> {
        let _ = text;
        todo!()
    }

    /// Gives the pattern a type is read by where the contract names none (ISO 8601, `T` or a blank between day and
    /// time, optional fraction of up to nine digits, offset `Z` or `±HH:MM` for `timestamptz`).
    #[must_use]
    pub fn default_for(data_type: &DataType) -> Self {
        let _ = data_type;
        todo!()
    }

    /// Tells whether the pattern holds a whole day (year, month, day).
    #[must_use]
    pub fn has_date(&self) -> bool {
        todo!()
    }

    /// Tells whether the pattern holds a time of day.
    #[must_use]
    pub fn has_time(&self) -> bool {
        todo!()
    }

    /// Tells whether the pattern holds an offset from UTC.
    #[must_use]
    pub fn has_offset(&self) -> bool {
        todo!()
    }

    /// Reads a day, as days since 1970-01-01. `None` where the text does not match or names no real day.
    #[must_use]
    pub fn date(&self, text: &[u8]) -> Option<i32> {
        let _ = text;
        todo!()
    }

    /// Reads a time of day, as microseconds since midnight.
    #[must_use]
    pub fn time(&self, text: &[u8]) -> Option<i64> {
        let _ = text;
        todo!()
    }

    /// Reads a moment, as microseconds since 1970-01-01T00:00:00; in UTC where the pattern has an offset, else as
    /// written. A missing time is midnight.
    #[must_use]
    pub fn timestamp(&self, text: &[u8]) -> Option<i64> {
        let _ = text;
        todo!()
    }
}
