//! Patterns of dates and times: which of the usual ones reads some values.
//!
//! A pattern fits where it reads all values it is shown. Where days and months can be taken for each other (`03/04/2026`),
//! both patterns fit and [`fitting`] gives both, day first: only a day beyond 12 decides.

use crate::model::DataType;
use crate::model::temporal::Pattern;

/// Days, alone or in front of a time; those that read the same texts stand day first.
const DAYS: &[&str] = &[
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%-d.%-m.%Y",
    "%-d/%-m/%Y",
    "%-m/%-d/%Y",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%-d-%b-%Y",
    "%d %b %Y",
    "%-d %b %Y",
    "%d %B %Y",
    "%-d %B %Y",
    "%b %d, %Y",
    "%b %-d, %Y",
    "%B %d, %Y",
    "%B %-d, %Y",
    "%d-%b-%y",
];

/// Times, alone or behind a day.
const TIMES: &[&str] = &["%H:%M:%S%.f", "%H:%M", "%-H:%M", "%-I:%M %p", "%I:%M:%S %p", "%-I:%M:%S %p"];

/// What stands between day and time.
const BETWEEN: &[&str] = &[" ", "T", ", "];

/// A pattern and the type it reads.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentFormat {
    pub data_type: DataType,
    /// As a contract's `format`; `None` for ISO 8601, which the type reads without one.
    pub format: Option<String>,
}

/// Tells cheaply whether a value may be a moment: it has digits, is short, and holds nothing that moments do not.
#[must_use]
pub fn may_be(value: &[u8]) -> bool {
    (4..=35).contains(&value.len())
        && value.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/' | b'.' | b':' | b' ' | b',' | b'+'))
}

/// Gives the patterns that read every value, the most usual first; none for no values. Digits alone (`20260131`) count
/// only where all of them are days of 1900 to 2099.
#[must_use]
pub fn fitting(values: &[&[u8]]) -> Vec<MomentFormat> {
    let Some(first) = values.first() else { return Vec::new() };
    if !values.iter().all(|value| may_be(value)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for data_type in [DataType::Date, DataType::Timestamp, DataType::TimestampTz, DataType::Time] {
        let pattern = Pattern::default_for(&data_type);
        if values.iter().all(|value| pattern.matches(value)) {
            found.push(MomentFormat { data_type, format: None });
        }
    }
    let mut keep = |text: &str, data_type: DataType| {
        let Ok(pattern) = Pattern::new(text) else { return };
        if pattern.matches(first) && values.iter().all(|value| pattern.matches(value) && is_plausible(text, value)) {
            found.push(MomentFormat { data_type, format: Some(text.to_owned()) });
        }
    };
    for day in DAYS.iter().filter(|day| **day != "%Y-%m-%d") {
        keep(day, DataType::Date);
    }
    for day in DAYS {
        for between in BETWEEN {
            for time in TIMES {
                let text = format!("{day}{between}{time}");
                // ISO 8601 is read without a pattern.
                if *day != "%Y-%m-%d" || *time != "%H:%M:%S%.f" || *between == ", " {
                    keep(&text, DataType::Timestamp);
                }
                keep(&format!("{text}%z"), DataType::TimestampTz);
                keep(&format!("{text} %z"), DataType::TimestampTz);
            }
        }
    }
    for time in TIMES.iter().filter(|time| **time != "%H:%M:%S%.f") {
        keep(time, DataType::Time);
    }
    // A pattern beside the type's own adds nothing.
    if found.iter().any(|format| format.format.is_none()) {
        found.retain(|format| format.format.is_none());
    }
    found
}

/// Eight digits are a day only where the year is one of ours.
fn is_plausible(pattern: &str, value: &[u8]) -> bool {
    !pattern.starts_with("%Y%m%d") || value.starts_with(b"19") || value.starts_with(b"20")
}

/// Tells whether two patterns take day and month for each other.
#[must_use]
pub fn is_ambiguous(formats: &[MomentFormat]) -> bool {
    let first = |format: &MomentFormat| {
        let text = format.format.clone().unwrap_or_default().replace('-', "");
        (text.starts_with("%d"), text.starts_with("%m"))
    };
    formats.iter().any(|format| first(format).0) && formats.iter().any(|format| first(format).1)
}
